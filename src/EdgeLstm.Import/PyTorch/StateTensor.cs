// A tensor of a state_dict before its numbers are read: its name and shape decide first whether any layer needs it.

namespace EdgeLstm.Import.PyTorch;

/// <summary>A named tensor whose numbers are read when they are needed.</summary>
/// <param name="Name">Its key in the state_dict: <c>lstm.weight_ih_l0</c>.</param>
/// <param name="Shape">Sizes, slowest first; checked against what the file holds.</param>
/// <param name="IsReal">False: whole numbers, which no layer needs.</param>
/// <param name="Values">Reads the numbers in C order, as many as the product of the shape.</param>
internal sealed record StateTensor(string Name, int[] Shape, bool IsReal, Func<float[]> Values)
{
    /// <summary>The shape as a message shows it.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (count, size) => count * size);

    /// <summary>Reads the numbers.</summary>
    public SourceTensor Read() => new(Name, Shape, Values());
}
