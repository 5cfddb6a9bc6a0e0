// The options of edgelstm import, and what is said when one is written wrongly.

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgeLstm.Core.Layers;
using EdgeLstm.Import;
using EdgeLstm.Import.Assembly;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Options of the verb import and how they become a request.</summary>
internal sealed class ImportCommandLine
{
    public Argument<string> File { get; } = Verb.WithoutOptions(new Argument<string>("FILE")
    {
        Description = "PyTorch .pt/.pth, safetensors, Keras .h5/.keras, ONNX, TFLite, TensorFlow.js model.json, RTNeural, NAM.",
    });

    public Option<string> Output { get; } = new("--output", "-o") { Description = "The model file to write.", Required = true };

    public Option<string?> Norm { get; } = new("--norm") { Description = "Scaling of the channels as JSON." };

    public Option<string?> Io { get; } = new("--io")
    {
        Description = "Inputs and outputs of the trained network to compare with, JSON.",
    };

    public Option<double> IoTolerance { get; } = new("--io-tolerance")
    {
        Description = "Largest difference over max(1, |output|) that --io allows (0.0001).",
        DefaultValueFactory = _ => ImportRequest.DefaultIoTolerance,
    };

    public Option<string[]?> InputNames { get; } = List("--name-inputs", "Names of the inputs: a,b,c.");

    public Option<string[]?> OutputNames { get; } = List("--name-outputs", "Names of quantities or classes: a,b,c.");

    public Option<double?> Period { get; } = new("--period")
    {
        Description = "Sample period of the training data: 100ms, 1s, 5min.",
        CustomParser = ParsePeriod,
    };

    public Option<Horizon[]?> Horizons { get; } = new("--horizon")
    {
        Description = "What the outputs foretell, in samples or as durations: 1,6,12 or 10s,1min.",
        CustomParser = ParseHorizons,
    };

    public Option<string[]?> Targets { get; } = List("--target", "The inputs that are foretold: a,b.");

    public Option<int?> Window { get; } = new("--window") { Description = "Trained on windows of T samples from a fresh state." };

    public Option<bool> Stateful { get; } = new("--stateful") { Description = "Trained with the state carried on." };

    public Option<int?> WarmUp { get; } = new("--warm-up")
    {
        Description = "Samples before outputs are trusted (window, else 50).",
    };

    public Option<string?> Name { get; } = new("--name") { Description = "Name of the model (that of its file)." };

    public Option<Dictionary<string, ActivationFunction>?> Activations { get; } = new("--activation")
    {
        Description = "Activations that a file of weights cannot say: LAYER=relu,LAYER=leakyRelu(0.1).",
        CustomParser = ParseActivations,
    };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "Architecture of Keras weights saved without it, JSON.",
    };

    public Option<bool> Json { get; } = Verb.JsonOption();

    /// <summary>The verb with these options.</summary>
    public Command Command()
    {
        Command command = new("import", "Make a model file of what PyTorch, Keras, ONNX and others have trained.")
        {
            File, Output, Norm, Io, IoTolerance, InputNames, OutputNames, Period, Horizons, Targets, Window, Stateful, WarmUp,
            Name, Activations, Config, Json,
        };
        IoTolerance.Validators.Add(result =>
        {
            double tolerance = result.GetValueOrDefault<double>();
            if (!(tolerance > 0 && tolerance <= ImportRequest.MaxIoTolerance))
            {
                result.AddError(FormattableString.Invariant(
                    $"--io-tolerance must be above 0 and at most {ImportRequest.MaxIoTolerance}; got {tolerance}"));
            }
        });
        command.Validators.Add(CheckTogether);
        return command;
    }

    /// <summary>What was asked for.</summary>
    public ImportRequest Read(ParseResult parsed) => new(
        parsed.GetValue(File)!, parsed.GetValue(Output)!,
        new ImportOptions(parsed.GetValue(Config), parsed.GetValue(Activations)),
        new ImportChoices(
            parsed.GetValue(Name), Given(parsed, InputNames), Given(parsed, OutputNames), parsed.GetValue(Period),
            Given(parsed, Horizons), Given(parsed, Targets), parsed.GetValue(Window), parsed.GetValue(Stateful),
            parsed.GetValue(WarmUp)),
        parsed.GetValue(Norm), parsed.GetValue(Io), parsed.GetValue(IoTolerance),
        typeof(ImportCommandLine).Assembly.GetName().Version?.ToString(3) ?? "0.0.0");

    // A list that is not there would be an empty one.
    internal static T[]? Given<T>(ParseResult parsed, Option<T[]?> option) =>
        parsed.GetResult(option) is null ? null : parsed.GetValue(option);

    private void CheckTogether(CommandResult result)
    {
        int? window = result.GetResult(Window)?.Tokens is [var token]
            && int.TryParse(token.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int length) ? length : null;
        if (window is not null and (< SlidingWindow.MinLength or > SlidingWindow.MaxLength))
        {
            result.AddError($"--window must be {SlidingWindow.MinLength} to {SlidingWindow.MaxLength}; got {window}");
        }

        if (window is not null && result.GetResult(Stateful) is { Implicit: false })
        {
            result.AddError("--window and --stateful say opposite things");
        }
    }

    internal static Option<string[]?> List(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string[] names = [.. result.Tokens[^1].Value.Split(',').Select(part => part.Trim())];
            if (names.Contains(""))
            {
                result.AddError($"{name} has an empty name: '{result.Tokens[^1].Value}'");
            }

            return names;
        },
    };

    internal static double? ParsePeriod(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (!DurationText.TryParseMs(text, out double periodMs))
        {
            result.AddError($"--period must be a number with {DurationText.Units}; got '{text}'");
        }

        return periodMs;
    }

    internal static Horizon[]? ParseHorizons(ArgumentResult result)
    {
        List<Horizon> horizons = [];
        foreach (string text in result.Tokens[^1].Value.Split(','))
        {
            if (!Horizon.TryParse(text.Trim(), out Horizon horizon))
            {
                string name = ((OptionResult)result.Parent!).Option.Name;
                result.AddError($"{name} must be sample counts, or numbers with {DurationText.Units}; got '{text}'");
            }

            horizons.Add(horizon);
        }

        return [.. horizons];
    }

    // Commas also stand between the parameters of one activation: a part without '=' belongs to the one before.
    private static Dictionary<string, ActivationFunction>? ParseActivations(ArgumentResult result)
    {
        Dictionary<string, ActivationFunction> activations = new(StringComparer.Ordinal);
        foreach (string entry in result.Tokens.SelectMany(token => SplitEntries(token.Value)))
        {
            int equals = entry.LastIndexOf('=');
            string layer = equals < 0 ? "" : entry[..equals].Trim();
            if (layer.Length == 0 || !ActivationFunction.TryParse(entry[(equals + 1)..].Trim(), out ActivationFunction function))
            {
                result.AddError($"--activation must be LAYER=NAME with a name such as relu, tanh, leakyRelu(0.3); got '{entry}'");
                continue;
            }

            activations[layer] = function;
        }

        return activations;
    }

    private static List<string> SplitEntries(string text)
    {
        List<string> entries = [];
        foreach (string part in text.Split(','))
        {
            if (entries.Count > 0 && !part.Contains('=', StringComparison.Ordinal))
            {
                entries[^1] += "," + part;
            }
            else
            {
                entries.Add(part);
            }
        }

        return entries;
    }
}
