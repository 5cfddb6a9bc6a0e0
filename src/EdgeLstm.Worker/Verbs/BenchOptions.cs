// What edgelstm bench is asked to measure, and the options of its command line with their rules.

using System.CommandLine;
using System.CommandLine.Parsing;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Worker.Verbs;

/// <summary>What to measure.</summary>
/// <param name="Cell">lstm, gru or rnn.</param>
/// <param name="InputSize">Input channels.</param>
/// <param name="HiddenSize">Hidden units of each layer.</param>
/// <param name="Layers">Recurrent layers.</param>
/// <param name="Precision">How the weights are held; null: float32, or what the model says.</param>
/// <param name="Streams">Streams stepped together.</param>
/// <param name="Width">Vector width of the kernel.</param>
/// <param name="ModelPath">A model file to measure instead of random weights; the cell and the sizes are then its own.</param>
internal sealed record BenchOptions(
    string Cell,
    int InputSize,
    int HiddenSize,
    int Layers,
    WeightPrecision? Precision,
    int Streams,
    VectorWidth Width,
    string? ModelPath)
{
    // 1 GiB; the network and the buffer that is read beside it take twice that.
    private const long MaxWeightBytes = 1L << 30;

    /// <summary>Gates of the cell.</summary>
    public int Gates => Cell switch { "lstm" => 4, "gru" => 3, _ => 1 };

    private long WeightBytes =>
        (long)sizeof(float) * Gates * HiddenSize * (InputSize + HiddenSize + ((Layers - 1) * 2L * HiddenSize));

    /// <summary>What is wrong with the options taken together, or null.</summary>
    /// <param name="loaded">The model that <see cref="ModelPath"/> names, if it names one.</param>
    public string? FindProblem(Model? loaded) => loaded switch
    {
        null when WeightBytes > MaxWeightBytes =>
            $"bench: this network would have {WeightBytes} bytes of weights in float32; at most {MaxWeightBytes}",
        { Manifest.Window: int window } when Streams > 1 =>
            $"bench: --streams does not go with {ModelPath}: it runs over a sliding window, "
            + $"whose {window} states are stepped together",
        not null when Precision is { } precision && loaded.FindReasonAgainst(precision) is { } reason =>
            $"bench: --precision does not go with {ModelPath}: {reason}",
        _ => null,
    };
}

/// <summary>The options of the verb; a wrong value is refused with its name, the value and what is expected.</summary>
internal sealed class BenchCommandLine
{
    private const int MaxLayers = 64;

    public BenchCommandLine()
    {
        Cell.AcceptOnlyFromAmong("lstm", "gru", "rnn");
        Precision.AcceptOnlyFromAmong("float32", "bfloat16", "int8");
        Width.Validators.Add(CheckWidth);
    }

    public Option<string> Cell { get; } =
        new("--cell") { Description = "lstm, gru (reset after) or rnn (tanh).", DefaultValueFactory = _ => "lstm" };

    public Option<int> Input { get; } = Count("--input", "Input channels.", 5, Layer.MaxSize);

    public Option<int> Hidden { get; } = Count("--hidden", "Hidden units per layer.", 64, Layer.MaxSize);

    public Option<int> Layers { get; } = Count("--layers", "Recurrent layers.", 1, MaxLayers);

    public Option<string?> Precision { get; } =
        new("--precision") { Description = "Of the weights: float32, bfloat16 or int8; default: float32, or the model's." };

    public Option<int> Streams { get; } = Count("--streams", "Streams that are stepped together.", 1, Layer.MaxStreamCount);

    public Option<int> Width { get; } = new("--width")
    {
        Description = "Vector width in bits: 128, 256 or 512; default: the widest of this process.",
        DefaultValueFactory = _ => (int)VectorWidths.Best,
    };

    public Option<string?> Model { get; } =
        new("--model") { Description = "Measure the network of this model (.safetensors) on its golden inputs." };

    /// <summary>Refuses sizes beside a model.</summary>
    public void CheckTogether(CommandResult command)
    {
        if (IsGiven(command, Model))
        {
            foreach (Option option in new Option[] { Cell, Input, Hidden, Layers }.Where(option => IsGiven(command, option)))
            {
                command.AddError($"{option.Name} does not go with --model: the model says its own.");
            }
        }
    }

    public BenchOptions Read(ParseResult parsed) => new(
        parsed.GetValue(Cell)!,
        parsed.GetValue(Input),
        parsed.GetValue(Hidden),
        parsed.GetValue(Layers),
        ToPrecision(parsed.GetValue(Precision)),
        parsed.GetValue(Streams),
        (VectorWidth)parsed.GetValue(Width),
        parsed.GetValue(Model));

    private static Option<int> Count(string name, string description, int value, int most)
    {
        Option<int> option = new(name) { Description = $"{description} 1 to {most}.", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var found && (found < 1 || found > most))
            {
                result.AddError($"{name} must be 1 to {most}; got {found}");
            }
        });
        return option;
    }

    private static void CheckWidth(OptionResult result)
    {
        int found = result.GetValueOrDefault<int>();
        if (!VectorWidths.IsSupported((VectorWidth)found))
        {
            result.AddError($"--width must be one that this process has: {VectorWidths.SupportedNames}; got {found}");
        }
    }

    private static bool IsGiven(CommandResult command, Option option) => command.GetResult(option) is { Implicit: false };

    private static WeightPrecision? ToPrecision(string? name) => name switch
    {
        "float32" => WeightPrecision.Float32,
        "bfloat16" => WeightPrecision.BFloat16,
        "int8" => WeightPrecision.Int8,
        _ => null,
    };
}
