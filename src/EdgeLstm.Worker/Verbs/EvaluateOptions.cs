// The command line of edgelstm evaluate:  CONFIG [RECORDING]  or  MODEL.safetensors RECORDING  or  --suite nab DIR | skab DIR |
// csv FILE.

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Arguments and options of the verb.</summary>
internal sealed class EvaluateOptions
{
    /// <summary>The corpora that can be named.</summary>
    public static readonly string[] Suites = ["nab", "skab", "csv"];

    private const int MostSeeds = 100;
    private const int MostFolds = 100;
    private const string ModelEnding = ".safetensors";
    private const string DefaultSplit = "0.7";
    private const int DefaultSeeds = 5;

    private readonly Argument<string[]> _files = Verb.WithoutOptions(new Argument<string[]>("CONFIG")
    {
        Description = "The configuration (edgelstm.json) and a CSV recording (default: the stream's own replay file); or a model "
            + "(*.safetensors) and a CSV recording; with --suite the folder or recording of the suite.",
        Arity = new ArgumentArity(0, 2),
        HelpName = "CONFIG [RECORDING]",
    });

    private readonly Option<string?> _stream = RecordingChoice.StreamOption();

    private readonly Option<string?> _json = new("--json")
    {
        Description = "Write one JSON object instead of text; with a FILE, of a suite or model, to that file beside the table.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _suite = new("--suite")
    {
        Description = "Score anomaly detectors over a corpus: nab DIR, skab DIR, or csv FILE.",
        HelpName = "nab|skab|csv",
    };

    private readonly Option<string?> _labels = new("--labels")
    {
        Description = "Labels of a csv suite or a model's recording: JSON or CSV pairs of times; default: its column 'anomaly'.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _detectors = new("--detector")
    {
        Description = "Run only this detector, and others so named.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _categories = new("--category")
    {
        Description = "Only files of this category (folder), and others so named: to choose settings on one part and report the "
            + "other.",
        HelpName = "NAME",
    };

    private readonly Option<int> _seeds = new("--seeds")
    {
        Description = "Seeds to average detectors over that draw at random.",
        DefaultValueFactory = _ => DefaultSeeds,
    };

    private readonly Option<string?> _results = new("--results")
    {
        Description = "Write the score of every row below this folder, in NAB's result format.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _html = new("--html")
    {
        Description = "Write a page with plots.",
        HelpName = "FILE",
    };

    private readonly Option<int?> _season = new("--season")
    {
        Description = "Of a model: rows of a season for the seasonal naive forecast; default: found in the rows before.",
    };

    private readonly Option<string?> _split = new("--split")
    {
        Description = "Of a model: share of the rows the baselines are fitted on, and of validation rows behind it that are not "
            + "measured, such as 0.6,0.2; default: 0.7.",
        HelpName = "TRAINING[,VALIDATION]",
    };

    private readonly Option<int?> _from = new("--from")
    {
        Description = "Of a model: the first row that is measured, from 0; baselines are fitted on the rows before it.",
        HelpName = "ROW",
    };

    private readonly Option<int> _folds = new("--folds")
    {
        Description = "Of a model: folds of the measured rows, each measured apart.",
        DefaultValueFactory = _ => 1,
    };

    public EvaluateOptions()
    {
        _suite.AcceptOnlyFromAmong(Suites);
        _seeds.Validators.Add(result =>
        {
            int asked = result.GetValueOrDefault<int>();
            if (asked is < 1 or > MostSeeds)
            {
                result.AddError($"--seeds must be 1 to {MostSeeds}; got {asked}");
            }
        });
        Require(_folds, 1, MostFolds);
        Require(_season, 1, int.MaxValue);
        Require(_from, 1, int.MaxValue);
        _split.Validators.Add(result =>
        {
            string text = result.GetValueOrDefault<string?>() ?? "";
            if (!TryShares(text, out _, out _))
            {
                result.AddError(
                    $"--split must be one or two shares above 0 that leave rows to measure, such as 0.7 or 0.6,0.2; got {text}");
            }
        });
    }

    /// <summary>A command with these options.</summary>
    public Command Command(string name, string description)
    {
        Command command = new(name, description)
        {
            _files, _stream, _json, _suite, _labels, _detectors, _categories, _seeds, _results, _html, _season, _split, _from,
            _folds,
        };
        command.Validators.Add(Check);
        return command;
    }

    /// <summary>What was asked of a model file; null where the first file is none, or a suite is named.</summary>
    public ModelWishes? Model(ParseResult parsed)
    {
        string[] files = parsed.GetValue(_files) ?? [];
        bool hasBoth = files.Length > 1;
        List<string> words = hasBoth ? [.. files] : FilesOf(parsed.Tokens);
        if (parsed.GetValue(_suite) is not null || !IsModel(words[0]))
        {
            return null;
        }

        // With both files named beside it, a word behind --json is its own file.
        _ = TryShares(parsed.GetValue(_split) ?? DefaultSplit, out double training, out double validation);
        return new ModelWishes(
            words[0], words[1], parsed.GetValue(_season), training, validation, parsed.GetValue(_from),
            parsed.GetValue(_split) is not null || parsed.GetValue(_from) is not null, parsed.GetValue(_folds),
            parsed.GetValue(_labels), parsed.GetResult(_json) is not null,
            hasBoth ? parsed.GetValue(_json) : null, parsed.GetValue(_html));
    }

    /// <summary>What was asked of a configuration; null where a suite or a model is named.</summary>
    public RecordingWishes? Recording(ParseResult parsed)
    {
        if (parsed.GetValue(_suite) is not null || Model(parsed) is not null)
        {
            return null;
        }

        List<string> files = FilesOf(parsed.Tokens);
        return new RecordingWishes(
            files[0], files.ElementAtOrDefault(1), parsed.GetValue(_stream), parsed.GetResult(_json) is not null);
    }

    /// <summary>What was asked of a suite.</summary>
    public SuiteWishes Suite(ParseResult parsed) => new(
        parsed.GetValue(_suite)!, parsed.GetValue(_files)![0], parsed.GetValue(_labels), parsed.GetValue(_detectors) ?? [],
        parsed.GetValue(_categories) ?? [], parsed.GetValue(_seeds), parsed.GetResult(_json) is not null, parsed.GetValue(_json),
        parsed.GetValue(_results), parsed.GetValue(_html));

    private void Check(CommandResult result)
    {
        // Counts words and reads no value: that would end here where one is wrong, before its own rule has said so.
        bool isSuite = result.GetResult(_suite) is { Implicit: false };
        int files = result.GetResult(_files)?.Tokens.Count ?? 0;
        if (isSuite)
        {
            if (files != 1)
            {
                result.AddError($"--suite needs one folder or file; got {files}");
            }

            Refuse(result, "with a model (*.safetensors) only", _season, _split, _from, _folds);
            return;
        }

        // --json before CONFIG takes it for its file.
        files += result.GetResult(_json)?.Tokens.Count ?? 0;
        if (NamesModel(result))
        {
            CheckModel(result, files);
            return;
        }

        if (files is < 1 or > 2)
        {
            result.AddError($"Name a configuration, and a recording if not its own; got {files} files.");
        }

        Refuse(result, "with --suite only", _detectors, _categories, _seeds, _results);
        Refuse(result, "with --suite only, or with a model (*.safetensors)", _labels, _html);
        Refuse(result, "with a model (*.safetensors) only", _season, _split, _from, _folds);
    }

    private void CheckModel(CommandResult result, int files)
    {
        if (files < 2)
        {
            result.AddError("Name a recording behind the model.");
        }

        Refuse(result, "with --suite only", _detectors, _categories, _seeds, _results);
        Refuse(result, "with a configuration only", _stream);
        if (result.GetResult(_split) is { Implicit: false } && result.GetResult(_from) is { Implicit: false })
        {
            result.AddError("--split and --from say the same; name one of them");
        }
    }

    // The first file; one behind --json may stand before it.
    private bool NamesModel(CommandResult result)
    {
        IReadOnlyList<Token> files = result.GetResult(_files)?.Tokens ?? [];
        IReadOnlyList<Token> json = result.GetResult(_json)?.Tokens ?? [];
        return (files.Count > 0 && IsModel(files[0].Value)) || (files.Count == 1 && json.Count == 1 && IsModel(json[0].Value));
    }

    private static bool IsModel(string file) => file.EndsWith(ModelEnding, StringComparison.OrdinalIgnoreCase);

    private static void Refuse(CommandResult result, string with, params Option[] options)
    {
        foreach (Option option in options)
        {
            if (result.GetResult(option) is { Implicit: false })
            {
                result.AddError($"{option.Name} goes {with}");
            }
        }
    }

    private static void Require(Option option, int least, int most) => option.Validators.Add(result =>
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        bool isNumber = int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int asked);
        if (isNumber && (asked < least || asked > most))
        {
            string range = most == int.MaxValue ? $"at least {least}" : $"{least} to {most}";
            result.AddError($"{option.Name} must be {range}; got {asked}");
        }
    });

    private static bool TryShares(string text, out double training, out double validation)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        validation = 0;
        bool areNumbers = double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out training)
            && (parts.Length == 1
                || (parts.Length == 2
                    && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out validation)));
        return areNumbers && training > 0 && validation >= 0 && training + validation < 1;
    }

    // All words that belong to no option but --json, in their order.
    private List<string> FilesOf(IReadOnlyList<Token> tokens)
    {
        List<string> files = [];
        Token? option = null;
        foreach (Token token in tokens)
        {
            bool isValue = option is not null && option.Value != _json.Name;
            if (token.Type == TokenType.Argument && !isValue)
            {
                files.Add(token.Value);
            }

            option = token.Type == TokenType.Option ? token : null;
        }

        return files;
    }
}

/// <summary>A recording to be forecast.</summary>
internal sealed record RecordingWishes(string Configuration, string? Recording, string? Stream, bool Json);

/// <summary>A model file to be evaluated over a recording.</summary>
/// <param name="Model">The model file.</param>
/// <param name="Recording">The recording.</param>
/// <param name="Season">Rows of a season; null: to be found.</param>
/// <param name="TrainingShare">Share of the rows that baselines are fitted on, where <paramref name="From"/> is null.</param>
/// <param name="ValidationShare">Share of the rows behind them that is not measured.</param>
/// <param name="From">The first row that is measured; null: as the shares say.</param>
/// <param name="NamesRows">Whether the rows to measure were named at all.</param>
/// <param name="Folds">Folds of the measured rows.</param>
/// <param name="Labels">Labels of the recording; null where it holds them itself or has none.</param>
/// <param name="Json">JSON is wanted.</param>
/// <param name="JsonFile">Where to; null for standard output.</param>
/// <param name="Html">File of the page; null for none.</param>
internal sealed record ModelWishes(
    string Model,
    string Recording,
    int? Season,
    double TrainingShare,
    double ValidationShare,
    int? From,
    bool NamesRows,
    int Folds,
    string? Labels,
    bool Json,
    string? JsonFile,
    string? Html);

/// <summary>A corpus to be scored.</summary>
/// <param name="Suite">One of <see cref="EvaluateOptions.Suites"/>.</param>
/// <param name="Source">Its folder or recording.</param>
/// <param name="Labels">Labels of a recording; null where it holds them itself.</param>
/// <param name="Detectors">Names; empty for all.</param>
/// <param name="Categories">Folders of files to keep; empty for all.</param>
/// <param name="Seeds">Seeds to average over.</param>
/// <param name="Json">JSON is wanted.</param>
/// <param name="JsonFile">Where to; null for standard output.</param>
/// <param name="Results">Folder of scores per row; null for none.</param>
/// <param name="Html">File of the page; null for none.</param>
internal sealed record SuiteWishes(
    string Suite,
    string Source,
    string? Labels,
    IReadOnlyList<string> Detectors,
    IReadOnlyList<string> Categories,
    int Seeds,
    bool Json,
    string? JsonFile,
    string? Results,
    string? Html);
