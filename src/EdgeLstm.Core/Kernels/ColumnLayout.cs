// Where the values that a step multiplies with weights lie: x, then h, padded with zeros so that loops need no remainder.
//
//   [0 … 0 | x₀ … x_I−1 | 0 … 0 | h₀ … h_H−1 | room to whole vectors]
//    ↑ First                     ↑ HiddenStart, on a 64-byte boundary

namespace EdgeLstm.Core.Kernels;

/// <summary>The order of columns in a buffer of step values and, equally, in a panel of weights.</summary>
/// <remarks>
/// The zeros stand before x and before h, never after: the places after h are written by whole-vector stores and, with an
/// infinite input, may hold NaN.
/// </remarks>
internal sealed class ColumnLayout
{
    private const int AlignmentFloats = 16;

    private ColumnLayout(int inputSize, int hiddenSize, int inputPadding, int hiddenPadding, int lanes)
    {
        InputSize = inputSize;
        HiddenSize = hiddenSize;
        InputPadding = inputPadding;
        HiddenPadding = hiddenPadding;
        InputColumns = inputPadding + inputSize;
        HiddenColumns = hiddenPadding + hiddenSize;
        Columns = InputColumns + HiddenColumns;
        HiddenStart = RoundUp(inputPadding + inputSize + hiddenPadding, AlignmentFloats);
        Length = HiddenStart + RoundUp(RoundUp(hiddenSize, lanes), AlignmentFloats);
        First = HiddenStart - hiddenPadding - InputColumns;
        InputStart = First + inputPadding;
    }

    public int InputSize { get; }

    public int HiddenSize { get; }

    /// <summary>Zeros before x.</summary>
    public int InputPadding { get; }

    /// <summary>Zeros between x and h.</summary>
    public int HiddenPadding { get; }

    /// <summary>Columns of x with the zeros before them.</summary>
    public int InputColumns { get; }

    /// <summary>Columns of h with the zeros before them.</summary>
    public int HiddenColumns { get; }

    /// <summary>All columns a step walks.</summary>
    public int Columns { get; }

    /// <summary>Index of the first column in a buffer of step values.</summary>
    public int First { get; }

    /// <summary>Index of x in a buffer of step values.</summary>
    public int InputStart { get; }

    /// <summary>Index of h in a buffer of step values; a multiple of 16.</summary>
    public int HiddenStart { get; }

    /// <summary>Floats in a buffer of step values, with room for whole vectors of h; a multiple of 16.</summary>
    public int Length { get; }

    /// <summary>x and h walked by one loop that takes <paramref name="unroll"/> columns at a time.</summary>
    public static ColumnLayout Joint(int inputSize, int hiddenSize, int unroll, int lanes) =>
        new(inputSize, hiddenSize, RoundUp(inputSize + hiddenSize, unroll) - inputSize - hiddenSize, 0, lanes);

    /// <summary>x and h walked by a loop each, both taking <paramref name="unroll"/> columns at a time.</summary>
    public static ColumnLayout Separate(int inputSize, int hiddenSize, int unroll, int lanes) =>
        new(inputSize, hiddenSize, RoundUp(inputSize, unroll) - inputSize, RoundUp(hiddenSize, unroll) - hiddenSize, lanes);

    /// <summary><paramref name="value"/> rounded up to a multiple of <paramref name="step"/>.</summary>
    public static int RoundUp(int value, int step) => (value + step - 1) / step * step;
}
