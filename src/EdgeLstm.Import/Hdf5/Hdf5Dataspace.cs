// The shape of a dataset or an attribute.

namespace EdgeLstm.Import.Hdf5;

/// <summary>A shape.</summary>
/// <param name="Shape">Sizes, slowest first; empty for a single element.</param>
/// <param name="Count">Number of elements.</param>
/// <param name="IsNull">There is no value at all.</param>
internal sealed record Hdf5Dataspace(int[] Shape, long Count, bool IsNull)
{
    private const int MaxRank = 32;
    private const int NullKind = 2;

    /// <summary>The shape as a message shows it.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>Reads the message; the number of elements fits into 31 bits.</summary>
    public static Hdf5Dataspace Read(Hdf5Source source, ReadOnlySpan<byte> message, string path, string part)
    {
        Hdf5Cursor cursor = new(source, message, path, $"{part}, dataspace");
        int version = cursor.Version(1, 2);
        int rank = cursor.Byte();
        cursor.Byte();
        int kind = cursor.Byte();
        if (version == 1)
        {
            cursor.Take(4);
            kind = 0;
        }

        if (rank > MaxRank)
        {
            throw source.Refuse(path, $"{part} has {rank} axes; at most {MaxRank} are read");
        }

        int[] shape = new int[rank];
        long count = kind == NullKind ? 0 : 1;
        for (int axis = 0; axis < rank; axis++)
        {
            long size = cursor.Length();
            count = size <= int.MaxValue && count * size <= int.MaxValue
                ? count * size
                : throw source.Refuse(path, $"{part} has {size} entries in axis {axis}, more elements than are read");
            shape[axis] = (int)size;
        }

        return new Hdf5Dataspace(shape, count, kind == NullKind);
    }

    /// <summary>Bytes of all elements, within the memory that the file justifies.</summary>
    public int Bytes(Hdf5Source source, int elementSize, string path)
    {
        long bytes = Count * elementSize;
        return bytes <= int.MaxValue ? (int)bytes
            : throw source.Refuse(path, $"{ShapeText} of {elementSize} bytes each are more than a file of"
                + $" {source.Size} bytes justifies");
    }
}
