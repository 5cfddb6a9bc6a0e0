// One entry of a safetensors header: {"dtype": "F32", "shape": [O, I], "data_offsets": [begin, end]}.

namespace EdgeLstm.Core.Models;

/// <summary>Where a tensor lies in its file and how it is stored.</summary>
/// <param name="Name">The tensor's key in the header.</param>
/// <param name="Type">How each value is stored.</param>
/// <param name="Shape">Sizes, slowest first (C order); empty for a single number.</param>
/// <param name="BeginByte">First byte, counted from the end of the header.</param>
/// <param name="EndByte">The byte after the last one, counted from the end of the header.</param>
public sealed record TensorInfo(string Name, TensorType Type, IReadOnlyList<long> Shape, long BeginByte, long EndByte)
{
    /// <summary>Number of values: the product of the shape, 1 for a single number.</summary>
    public long Count => (EndByte - BeginByte) / Type.SizeBytes();

    /// <summary>The shape as a message shows it: <c>[128, 5]</c>.</summary>
    public string ShapeText => Text(Shape);

    internal static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
