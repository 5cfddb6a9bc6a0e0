// The command line of edgelstm evaluate:  CONFIG [RECORDING]  or  --suite nab DIR | --suite skab DIR | --suite csv FILE.

using System.CommandLine;
using System.CommandLine.Parsing;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Arguments and options of the verb.</summary>
internal sealed class EvaluateOptions
{
    /// <summary>The corpora that can be named.</summary>
    public static readonly string[] Suites = ["nab", "skab", "csv"];

    private const int MostSeeds = 100;
    private const int DefaultSeeds = 5;

    private readonly Argument<string[]> _files = Verb.WithoutOptions(new Argument<string[]>("CONFIG")
    {
        Description = "The configuration (edgelstm.json) and a CSV recording (default: the stream's own replay file); "
            + "with --suite the folder or recording of the suite.",
        Arity = new ArgumentArity(0, 2),
        HelpName = "CONFIG [RECORDING]",
    });

    private readonly Option<string?> _stream = RecordingChoice.StreamOption();

    private readonly Option<string?> _json = new("--json")
    {
        Description = "Write one JSON object instead of text; with a suite and a FILE, to that file beside the table.",
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
        Description = "Labels of a csv suite: JSON or CSV pairs of times; default: its column 'anomaly'.",
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
        Description = "Write a page with a plot of every file.",
        HelpName = "FILE",
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
    }

    /// <summary>A command with these options.</summary>
    public Command Command(string name, string description)
    {
        Command command = new(name, description)
        {
            _files, _stream, _json, _suite, _labels, _detectors, _categories, _seeds, _results, _html,
        };
        command.Validators.Add(Check);
        return command;
    }

    /// <summary>What was asked of a configuration; null where a suite is named.</summary>
    public RecordingWishes? Recording(ParseResult parsed)
    {
        if (parsed.GetValue(_suite) is not null)
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

            return;
        }

        // --json before CONFIG takes it for its file.
        files += result.GetResult(_json)?.Tokens.Count ?? 0;
        if (files is < 1 or > 2)
        {
            result.AddError($"Name a configuration, and a recording if not its own; got {files} files.");
        }

        foreach (Option option in new Option[] { _labels, _detectors, _categories, _seeds, _results, _html })
        {
            if (result.GetResult(option) is { Implicit: false })
            {
                result.AddError($"{option.Name} goes with --suite only");
            }
        }
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
