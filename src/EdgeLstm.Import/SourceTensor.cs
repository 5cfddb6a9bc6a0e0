// A tensor as a file of another program holds it, in float32 and C order.

namespace EdgeLstm.Import;

/// <summary>A tensor that was read from a file.</summary>
/// <param name="Name">The name the file gives it, for messages.</param>
/// <param name="Shape">Sizes, slowest first; empty for a single number.</param>
/// <param name="Values">The values in C order, as many as the product of the shape. Not yet checked to be finite.</param>
internal sealed record SourceTensor(string Name, int[] Shape, float[] Values)
{
    /// <summary>The shape as a message shows it: <c>[128, 5]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>Number of rows of a matrix; of a vector its length.</summary>
    public int Rows => Shape.Length == 0 ? 1 : Shape[0];

    /// <summary>Number of columns of a matrix; 1 for a vector.</summary>
    public int Columns => Shape.Length < 2 ? 1 : Shape[1];

    /// <summary>A matrix [columns, rows] of the same values; the tensor must have two axes.</summary>
    public SourceTensor Transpose()
    {
        (int rows, int columns) = (Shape[0], Shape[1]);
        float[] values = new float[Values.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                values[(column * rows) + row] = Values[(row * columns) + column];
            }
        }

        return this with { Shape = [columns, rows], Values = values };
    }

    /// <summary>The same values in another shape of as many.</summary>
    public SourceTensor Reshape(params int[] shape) => this with { Shape = shape };

    /// <summary>Entry <paramref name="index"/> of the first axis.</summary>
    public SourceTensor Slice(int index)
    {
        int size = Values.Length / Shape[0];
        return this with { Shape = Shape[1..], Values = Values[(index * size)..((index + 1) * size)] };
    }

    /// <summary>Rows <paramref name="from"/> to <paramref name="to"/> (not included) of the first axis.</summary>
    public SourceTensor RowRange(int from, int to)
    {
        int size = Values.Length / Shape[0];
        return this with { Shape = [to - from, .. Shape[1..]], Values = Values[(from * size)..(to * size)] };
    }
}
