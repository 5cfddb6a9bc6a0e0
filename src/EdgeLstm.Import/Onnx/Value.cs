// What flows along the edges of a graph while it is walked: constants, the signal, statistics of the signal, things not
// understood.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Onnx;

/// <summary>The value of one edge.</summary>
internal abstract record Value;

/// <summary>A tensor that is known without running the network.</summary>
/// <remarks>
/// Along an axis whose Stored size is 1 one value stands for all: a zero state of any batch needs a single number. Sizes that are
/// not numbers are always stored so.
/// </remarks>
/// <param name="Name">The file's name of it, for messages.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Stored">The sizes of what is stored: 1 or that of Shape.</param>
/// <param name="Floats">Its values in C order, or null.</param>
/// <param name="Items">Its integers in C order, or null.</param>
internal sealed record Known(string Name, Item[] Shape, int[] Stored, float[]? Floats, Item[]? Items) : Value
{
    public int Rank => Shape.Length;

    public int StoredLength => Floats?.Length ?? Items!.Length;

    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>Whether it holds elements of a last state, which may also be the network's answer.</summary>
    public bool IsStateOutput => Items is { Length: > 0 } items && items[0].Kind == ItemKind.StateOutput;

    public static Known Vector(string name, Item[] items) => new(name, [new Item(items.Length)], [items.Length], null, items);

    public static Known Scalar(string name, Item item) => new(name, [], [], null, [item]);
}

/// <summary>The signal of one sample after some layers.</summary>
/// <param name="Axes">Its axes, outermost first.</param>
/// <param name="Time">Number of time steps of the input.</param>
/// <param name="Batch">Number of its sequences.</param>
/// <param name="Features">Values of a sample; 0 while nothing has said how many.</param>
/// <param name="Last">The last layer it went through; null for the input itself.</param>
/// <param name="IsLastStep">Whether only the last time step is left.</param>
/// <param name="LeftPad">Zeros put before the first time step, which a convolution must take up.</param>
/// <param name="Tail">Time steps after the last one that a convolution padded on both sides left over.</param>
internal sealed record Flow(
    FlowAxis[] Axes,
    Item Time,
    Item Batch,
    int Features,
    LayerStep? Last,
    bool IsLastStep = false,
    int LeftPad = 0,
    int Tail = 0) : Value
{
    public int Rank => Axes.Length;

    public string AxesText => $"[{string.Join(", ", Array.ConvertAll(Axes, axis => axis.ToString()))}]";

    /// <summary>Position of the axis of features; -1 where it was squeezed away.</summary>
    public int FeatureAxis => Array.FindIndex(Axes, axis => axis.Roles == "F");

    /// <summary>The signal after a layer that changes nothing but the features.</summary>
    public Flow Then(LayerStep step, int features)
    {
        int at = FeatureAxis;
        FlowAxis[] axes = [.. Axes];
        if (at >= 0)
        {
            axes[at] = FlowAxis.Feature(features);
        }

        return this with { Axes = axes, Features = features, Last = step };
    }
}

/// <summary>One axis of a signal.</summary>
/// <param name="Roles">"" of size 1, T time, B batch, F features; TB or BT where both were put into one.</param>
/// <param name="Size">Its size.</param>
internal sealed record FlowAxis(string Roles, Item Size)
{
    public static FlowAxis One { get; } = new("", new Item(1));

    public static FlowAxis Feature(int features) => new("F", features > 0 ? new Item(features) : Item.Unknown);

    public override string ToString() => Roles switch
    {
        "" => "1",
        "T" => $"time {(Size.IsNumber ? $"{Size}" : "")}".TrimEnd(),
        "B" => $"batch {(Size.IsNumber ? $"{Size}" : "")}".TrimEnd(),
        "F" => $"features {Size}",
        _ => "time · batch",
    };
}

/// <summary>A step on the way to a layer normalisation that was taken apart.</summary>
/// <param name="Of">The signal x.</param>
/// <param name="Kind">Mean, x − mean, its square, variance + epsilon, its root.</param>
/// <param name="Epsilon">What was added to the variance.</param>
internal sealed record Moment(Flow Of, MomentKind Kind, double Epsilon = 0) : Value;

internal enum MomentKind
{
    Mean,
    Centred,
    Square,
    Variance,
    Deviation,
}

/// <summary>What a node that was not understood would have given; it only matters where the output needs it.</summary>
internal sealed record Refused(ModelFileException Reason) : Value;
