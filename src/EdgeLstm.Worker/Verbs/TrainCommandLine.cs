// The options of edgelstm train, and what is said when one is written wrongly.

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgeLstm.Import.Assembly;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;
using EdgeLstm.Training.Optimisation;
using EdgeLstm.Worker.Training;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Options of the verb train and how they become a request.</summary>
internal sealed class TrainCommandLine
{
    private static readonly string[] Cells = ["lstm", "lstm-peepholes", "gru", "gru-reset-before", "rnn", "rnn-relu"];
    private static readonly string[] Losses = ["huber", "mse", "mae"];
    private static readonly string[] Optimisers = ["adam", "sgd"];
    private static readonly string[] Decays = ["none", "cosine", "plateau"];
    private static readonly string[] Features = ["day", "week"];

    private readonly Argument<string> _recording = Verb.WithoutOptions(new Argument<string>("RECORDING")
    {
        Description = "A CSV recording: [time,]value[,value…] per line, header or not.",
    });

    private readonly Option<string> _output = new("--output", "-o") { Description = "The model file to write.", Required = true };
    private readonly Option<string[]?> _targets = ImportCommandLine.List("--target", "Columns to forecast: a,b (all inputs).");
    private readonly Option<string[]?> _inputs = ImportCommandLine.List("--inputs", "Columns to read: a,b (all that change).");
    private readonly Option<string> _cell = Choice("--cell", "Recurrent cell.", Cells, "gru");
    private readonly Option<int> _layers = Number("--layers", "Recurrent layers.", 1);
    private readonly Option<int> _hidden = Number("--hidden", "Units of each.", 32);
    private readonly Option<int> _memory = Number("--memory", "Rows that gates begin by remembering, 0: as usual.", 0);
    private readonly Option<double[]?> _head = Numbers("--head", "Units of dense layers of relu behind: 16 or 32,16 (none).");

    private readonly Option<Horizon[]?> _horizons = new("--horizon")
    {
        Description = "How far ahead, in samples or as durations: 1,6,12 (that) or 10s,1min.",
        CustomParser = ImportCommandLine.ParseHorizons,
    };

    private readonly Option<double[]?> _quantiles = Numbers("--quantiles", "Quantiles of each forecast: 0.1,0.5,0.9 (none).");
    private readonly Option<string> _loss = Choice("--loss", "Loss where there are no quantiles.", Losses, "huber");
    private readonly Option<double> _delta = Number("--huber-delta", "δ of Huber in standard deviations of the target.", 0.3);
    private readonly Option<int?> _window = new("--window") { Description = "Train on windows of T rows from a zero state." };

    private readonly Option<int?> _lanes = new("--lanes")
    {
        Description = "Sequences trained side by side (16; 32 from 50,000 rows).",
    };

    private readonly Option<int?> _steps = new("--steps") { Description = "Rows after which the gradient is cut (16 to 48)." };
    private readonly Option<int?> _stride = new("--stride") { Description = "Rows from one window to the next (an eighth)." };

    private readonly Option<int?> _lead = new("--lead")
    {
        Description = "Rows that only warm the state up (up to 64; of windows all but the last).",
    };

    private readonly Option<int?> _epochs = new("--epochs")
    {
        Description = "Passes over the training rows at most (300 to 2,000).",
    };

    private readonly Option<int?> _patience = new("--patience")
    {
        Description = "Epochs without progress after which to end (20 to 130).",
    };

    private readonly Option<double> _rate = Number("--learning-rate", "Learning rate.", 0.005);
    private readonly Option<string> _optimiser = Choice("--optimiser", "Rule that follows the gradient.", Optimisers, "adam");
    private readonly Option<double> _momentum = Number("--momentum", "Momentum of sgd.", 0.9);
    private readonly Option<string> _decay = Choice("--decay", "How the learning rate falls.", Decays, "plateau");
    private readonly Option<int> _warmUp = Number("--warm-up-updates", "Updates over which the learning rate rises.", 0);
    private readonly Option<double> _weightDecay = Number("--weight-decay", "Share of the weights taken away.", 0.0);
    private readonly Option<double> _clip = Number("--clip", "Greatest norm of all gradients.", 1.0);
    private readonly Option<double> _dropout = Number("--dropout", "Share dropped between recurrent layers.", 0.0);
    private readonly Option<double> _average = Number("--average", "Moving average of the weights, 0 for none.", 0.99);

    private readonly Option<double> _levelShift =
        Number("--level-shift", "Random level of each lane, in standard deviations.", 0.0);

    private readonly Option<bool> _absolute = new("--absolute") { Description = "Forecast values instead of changes." };

    private readonly Option<string[]?> _features =
        ImportCommandLine.List("--time-features", "Sine and cosine of the time of day, week: day,week (none).");

    private readonly Option<string?> _labels = new("--labels")
    {
        Description = "Labelled anomalies, not learned from: JSON or CSV pairs of times (column 'anomaly').",
    };

    private readonly Option<bool> _learnsLabelled = new("--learn-labelled") { Description = "Learn from labelled anomalies." };

    private readonly Option<SplitChoice?> _split = new("--split")
    {
        Description = "Shares of training and validation, or the rows before which they end: 0.7,0.15 (that) or 7000,8500.",
        CustomParser = ParseSplit,
    };

    private readonly Option<string?> _name = new("--name") { Description = "Name of the model (that of its file)." };

    private readonly Option<string[]?> _units =
        ImportCommandLine.List("--unit", "Unit of all columns, or of some: mm or level=mm,load=% (1).");

    private readonly Option<double?> _period = new("--period")
    {
        Description = "Time between rows: 100ms, 1s, 5min (as the recording says).",
        CustomParser = ImportCommandLine.ParsePeriod,
    };

    private readonly Option<Horizon[]?> _season = new("--season")
    {
        Description = "Season of the naive forecast to compare with, in samples or as a duration (as the training rows say).",
        CustomParser = ImportCommandLine.ParseHorizons,
    };

    private readonly Option<int> _folds =
        Number("--folds", "Folds of the test part, each forecast by a network trained on all rows before it.", 1);

    private readonly Option<int> _seed = Number("--seed", "The same seed gives the same weights.", 1);

    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Threads (all cores); the result does not depend on it.",
    };

    private readonly Option<string?> _html = new("--html") { Description = "Write a page about the test part to this file." };
    private readonly Option<string?> _report = new("--report") { Description = "Write the same as JSON to this file." };

    public Option<bool> Json { get; } = Verb.JsonOption();

    /// <summary>The verb with these options.</summary>
    public Command Command()
    {
        _features.Validators.Add(result =>
        {
            if (Array.Find(Parts(result), name => !Features.Contains(name)) is { } unknown)
            {
                result.AddError($"--time-features must be {string.Join(" or ", Features)}; got '{unknown}'");
            }
        });
        _head.Validators.Add(result =>
        {
            if (Array.Exists(Parts(result), text => !int.TryParse(text, CultureInfo.InvariantCulture, out _)))
            {
                result.AddError("--head must be whole numbers apart by commas");
            }
        });
        _season.Validators.Add(result =>
        {
            if (Parts(result).Length > 1)
            {
                result.AddError("--season must be one number of samples or one duration");
            }
        });
        return new Command("train", "Train a recurrent network on a recording: forecasts, bands, calibrated residuals.")
        {
            _recording, _output, _targets, _inputs, _cell, _layers, _hidden, _memory, _head, _horizons, _quantiles, _loss, _delta,
            _window, _lanes, _steps, _stride, _lead, _epochs, _patience, _rate, _optimiser, _momentum, _decay, _warmUp,
            _weightDecay, _clip, _dropout, _average, _levelShift, _absolute, _features, _labels, _learnsLabelled, _split, _name,
            _units, _period, _season, _folds, _seed, _threads, _html, _report, Json,
        };
    }

    /// <summary>What was asked for.</summary>
    public TrainRequest Read(ParseResult parsed) => new(
        parsed.GetValue(_recording)!, parsed.GetValue(_output)!, parsed.GetValue(_labels),
        ImportCommandLine.Given(parsed, _inputs), ImportCommandLine.Given(parsed, _targets),
        ImportCommandLine.Given(parsed, _horizons) ?? [Samples(1), Samples(6), Samples(12)],
        ImportCommandLine.Given(parsed, _quantiles) ?? [], parsed.GetValue(_split) ?? SplitChoice.Default,
        new NetworkPlan(
            (CellKind)Array.IndexOf(Cells, parsed.GetValue(_cell)), parsed.GetValue(_layers), parsed.GetValue(_hidden),
            Array.ConvertAll(ImportCommandLine.Given(parsed, _head) ?? [], size => (int)size), parsed.GetValue(_dropout))
        {
            MemoryRows = parsed.GetValue(_memory),
        },
        parsed.GetValue(_loss) switch { "mse" => LossKind.Squared, "mae" => LossKind.Absolute, _ => LossKind.Huber },
        parsed.GetValue(_delta), !parsed.GetValue(_absolute), ReadFeatures(ImportCommandLine.Given(parsed, _features) ?? []),
        parsed.GetValue(_learnsLabelled), ReadTraining(parsed), parsed.GetValue(_name),
        ReadUnits(ImportCommandLine.Given(parsed, _units) ?? []), parsed.GetValue(_period),
        ImportCommandLine.Given(parsed, _season) is [var season] ? season : null,
        typeof(TrainCommandLine).Assembly.GetName().Version?.ToString(3) ?? "0.0.0", parsed.GetValue(_html),
        parsed.GetValue(_report), parsed.GetValue(_folds));

    private TrainingChoices ReadTraining(ParseResult parsed) => new(
        parsed.GetValue(_window), parsed.GetValue(_lanes), parsed.GetValue(_steps), parsed.GetValue(_lead),
        parsed.GetValue(_stride), parsed.GetValue(_epochs), parsed.GetValue(_patience), parsed.GetValue(_average),
        parsed.GetValue(_levelShift),
        parsed.GetValue(_seed), parsed.GetValue(_threads),
        OptimiserSettings.Default with
        {
            Kind = parsed.GetValue(_optimiser) == "sgd" ? OptimiserKind.Sgd : OptimiserKind.Adam,
            LearningRate = parsed.GetValue(_rate),
            WarmUpUpdates = parsed.GetValue(_warmUp),
            Decay = (DecayKind)Array.IndexOf(Decays, parsed.GetValue(_decay)),
            ClipNorm = parsed.GetValue(_clip),
            WeightDecay = parsed.GetValue(_weightDecay),
            Momentum = parsed.GetValue(_momentum),
        });

    // Reads no value: that would end here where it is wrong, before its own rule has said so.
    private static string[] Parts(OptionResult result) =>
        result.Tokens is [.., { } last] ? last.Value.Split(',', StringSplitOptions.TrimEntries) : [];

    private static Horizon Samples(int count) => new(count, null, count.ToString(CultureInfo.InvariantCulture));

    private static TimeFeatures ReadFeatures(string[] names) =>
        (names.Contains("day") ? TimeFeatures.Day : TimeFeatures.None)
        | (names.Contains("week") ? TimeFeatures.Week : TimeFeatures.None);

    private static Dictionary<string, string> ReadUnits(string[] texts)
    {
        Dictionary<string, string> units = new(StringComparer.OrdinalIgnoreCase);
        foreach (string text in texts)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            units[equals < 0 ? "" : text[..equals].Trim()] = text[(equals + 1)..].Trim();
        }

        return units;
    }

    private static Option<string> Choice(string name, string description, string[] choices, string standard)
    {
        Option<string> option = new(name)
        {
            Description = description,
            DefaultValueFactory = _ => standard,
        };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    private static Option<int> Number(string name, string description, int standard) =>
        new(name) { Description = description, DefaultValueFactory = _ => standard };

    private static Option<double> Number(string name, string description, double standard) =>
        new(name) { Description = description, DefaultValueFactory = _ => standard };

    private static Option<double[]?> Numbers(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = ParseNumbers,
    };

    private static double[]? ParseNumbers(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        string[] parts = text.Split(',');
        double[] numbers = new double[parts.Length];
        for (int k = 0; k < parts.Length; k++)
        {
            if (!double.TryParse(parts[k], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out numbers[k]))
            {
                result.AddError($"{((OptionResult)result.Parent!).Option.Name} must be numbers apart by commas; got '{text}'");
                return null;
            }
        }

        return numbers;
    }

    private static SplitChoice? ParseSplit(ArgumentResult result)
    {
        double[]? numbers = ParseNumbers(result);
        bool isShares = numbers is [> 0 and < 1, > 0 and < 1] && numbers[0] + numbers[1] < 1;
        bool isRows = numbers is [>= 1, >= 1] && numbers[0] < numbers[1] && numbers[1] <= int.MaxValue
            && Array.TrueForAll(numbers, number => number == Math.Floor(number));
        if (numbers is not null && !isShares && !isRows)
        {
            result.AddError("--split must be two shares with a rest, as 0.7,0.15, or two rising row numbers, as 7000,8500; got "
                + $"'{result.Tokens[^1].Value}'");
        }

        return numbers is null ? null : new SplitChoice(numbers[0], numbers[^1], isRows);
    }
}
