// TensorProto → numbers: raw little-endian bytes, lists of numbers, or bytes of a file beside the model.
//   float: FLOAT 1, DOUBLE 11, FLOAT16 10, BFLOAT16 16;  integer: UINT8 2, INT8 3, UINT16 4, INT16 5, INT32 6, INT64 7, BOOL 9,
//   UINT32 12, UINT64 13

using System.Buffers.Binary;
using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Onnx;

/// <summary>Decodes tensors; files beside the model are read once.</summary>
internal sealed class TensorReader(SourceFile file, FoldBudget budget)
{
    /// <summary>Integers take sixteen bytes each here; lists of sizes and indices are short.</summary>
    private const int MaxIntegers = 1 << 20;

    private const int MaxRank = 8;

    private readonly Dictionary<string, SourceFile> _siblings = new(StringComparer.Ordinal);

    /// <summary>The values of a tensor.</summary>
    /// <param name="tensor">As it was read.</param>
    /// <param name="name">What it is called where it has no name itself.</param>
    public Known Read(OnnxTensor tensor, string name)
    {
        name = tensor.Name.Length > 0 ? tensor.Name : name;
        (int[] shape, long count) = Shape(tensor, name);
        int size = ElementSize(tensor.DataType);
        if (size == 0)
        {
            throw Refuse(name, $"has data type {tensor.DataType}; expected float, double, float16, bfloat16 or an integer type. "
                + "A quantised network cannot be imported: export the float one");
        }

        bool isFloat = tensor.DataType is 1 or 10 or 11 or 16;
        Item[] sizes = Array.ConvertAll(shape, length => new Item(length));
        if (!isFloat && count > MaxIntegers)
        {
            throw Refuse(name, $"has {count} integers; the limit is {MaxIntegers}");
        }

        ReadOnlyMemory<byte>? bytes = tensor.IsExternal ? External(tensor, name) : tensor.Raw;
        if (bytes is { } raw)
        {
            return raw.Length == count * size
                ? new Known(name, sizes, shape, isFloat ? Floats(raw.Span, tensor.DataType) : null,
                    isFloat ? null : Integers(raw.Span, tensor.DataType, size))
                : throw Refuse(name, $"has {raw.Length} bytes; its shape [{string.Join(", ", shape)}] needs {count * size}");
        }

        return isFloat
            ? new Known(name, sizes, shape, ListedFloats(tensor, name, count), null)
            : new Known(name, sizes, shape, null, ListedIntegers(tensor, name, count));
    }

    private ModelFileException Refuse(string name, string fault) => file.Refuse($"tensor '{QuotedText.Of(name)}' {fault}");

    private (int[] Shape, long Count) Shape(OnnxTensor tensor, string name)
    {
        long count = 1;
        if (tensor.Dims.Count > MaxRank)
        {
            throw Refuse(name, $"has {tensor.Dims.Count} axes; the limit is {MaxRank}");
        }

        foreach (long size in tensor.Dims)
        {
            count = size is >= 0 and <= int.MaxValue ? count * size : -1;
            if (count is < 0 or > int.MaxValue)
            {
                throw Refuse(name, $"has the shape [{string.Join(", ", tensor.Dims)}], which no file can hold");
            }
        }

        return (tensor.Dims.ToArray(size => (int)size), count);
    }

    private static int ElementSize(long type) => type switch
    {
        2 or 3 or 9 => 1,
        4 or 5 or 10 or 16 => 2,
        1 or 6 or 12 => 4,
        7 or 11 or 13 => 8,
        _ => 0,
    };

    private static float[] Floats(ReadOnlySpan<byte> bytes, long type)
    {
        int size = ElementSize(type);
        float[] values = new float[bytes.Length / size];
        for (int k = 0; k < values.Length; k++)
        {
            ReadOnlySpan<byte> at = bytes[(k * size)..];
            values[k] = type switch
            {
                1 => BinaryPrimitives.ReadSingleLittleEndian(at),
                11 => (float)BinaryPrimitives.ReadDoubleLittleEndian(at),
                _ => HalfFloat(BinaryPrimitives.ReadUInt16LittleEndian(at), type),
            };
        }

        return values;
    }

    private static float HalfFloat(ushort bits, long type) =>
        type == 10 ? (float)BitConverter.UInt16BitsToHalf(bits) : BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static Item[] Integers(ReadOnlySpan<byte> bytes, long type, int size)
    {
        var items = new Item[bytes.Length / size];
        for (int k = 0; k < items.Length; k++)
        {
            ReadOnlySpan<byte> at = bytes[(k * size)..];
            items[k] = new Item(type switch
            {
                3 => (sbyte)at[0],
                2 or 9 => at[0],
                4 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                5 => BinaryPrimitives.ReadInt16LittleEndian(at),
                6 => BinaryPrimitives.ReadInt32LittleEndian(at),
                12 => BinaryPrimitives.ReadUInt32LittleEndian(at),
                _ => BinaryPrimitives.ReadInt64LittleEndian(at),
            });
        }

        return items;
    }

    // Values of 16 bits lie in the list of 32-bit integers, as their bits.
    private float[] ListedFloats(OnnxTensor tensor, string name, long count)
    {
        bool isHalf = tensor.DataType is 10 or 16;
        int listed = isHalf ? tensor.Integers.Count : tensor.Floats.Count;
        if (listed != count)
        {
            throw Refuse(name, $"lists {listed} values; its shape [{string.Join(", ", tensor.Dims)}] needs {count}");
        }

        return isHalf
            ? tensor.Integers.ToArray(bits => HalfFloat((ushort)bits, tensor.DataType))
            : [.. tensor.Floats];
    }

    private Item[] ListedIntegers(OnnxTensor tensor, string name, long count) => tensor.Integers.Count == count
        ? tensor.Integers.ToArray(value => new Item(value))
        : throw Refuse(name, $"lists {tensor.Integers.Count} values; its shape [{string.Join(", ", tensor.Dims)}] needs {count}");

    private ReadOnlyMemory<byte> External(OnnxTensor tensor, string name)
    {
        if (!_siblings.TryGetValue(tensor.Location, out SourceFile? sibling))
        {
            sibling = file.OpenSibling(tensor.Location);
            budget.Extend(sibling.Bytes.Length);
            _siblings.Add(tensor.Location, sibling);
        }

        long offset = Number(tensor.Offset, 0, name);
        long length = Number(tensor.Length, Math.Max(0, sibling.Bytes.Length - offset), name);
        return offset <= sibling.Bytes.Length && length <= sibling.Bytes.Length - offset
            ? sibling.Bytes.AsMemory((int)offset, (int)length)
            : throw Refuse(name, $"lies in '{QuotedText.Of(tensor.Location)}' at byte {offset}, {length} bytes; "
                + $"that file has {sibling.Bytes.Length}");
    }

    private long Number(string text, long otherwise, string name)
    {
        if (text.Length == 0)
        {
            return otherwise;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw Refuse(name, $"has the offset or length '{QuotedText.Of(text)}' in its external data; expected a number");
    }
}
