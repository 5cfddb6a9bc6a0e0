// Texts of fixed length in place and of variable length in the global heap.

using System.Text;

namespace EdgeLstm.Import.Hdf5;

/// <summary>Reads arrays of texts as UTF-8.</summary>
internal static class Hdf5Texts
{
    private const int TextCost = 64;
    private const int ObjectCost = 48;
    private const int EndsAtZero = 0;
    private const int PaddedWithSpaces = 2;

    /// <summary>The texts of an array.</summary>
    /// <param name="source">The file.</param>
    /// <param name="type">A type of texts.</param>
    /// <param name="count">Their number.</param>
    /// <param name="data">The elements: texts, or references to the heap.</param>
    /// <param name="path">The dataset or the attribute, for messages.</param>
    public static List<string> Read(Hdf5Source source, Hdf5Datatype type, long count, ReadOnlySpan<byte> data, string path)
    {
        source.Charge(count * TextCost, path);
        List<string> texts = new((int)count);
        for (int k = 0; k < count; k++)
        {
            ReadOnlySpan<byte> element = data.Slice(k * type.Size, type.Size);
            ReadOnlySpan<byte> text = type.IsVariable ? FromHeap(source, element, path).TrimEnd((byte)0) : InPlace(type, element);
            source.Charge(2L * text.Length, path);
            texts.Add(Encoding.UTF8.GetString(text));
        }

        return texts;
    }

    private static ReadOnlySpan<byte> InPlace(Hdf5Datatype type, ReadOnlySpan<byte> element)
    {
        int zero = element.IndexOf((byte)0);
        return type.Padding switch
        {
            EndsAtZero => zero < 0 ? element : element[..zero],
            PaddedWithSpaces => element.TrimEnd((byte)' '),
            _ => element.TrimEnd((byte)0),
        };
    }

    private static ReadOnlySpan<byte> FromHeap(Hdf5Source source, ReadOnlySpan<byte> element, string path)
    {
        Hdf5Cursor cursor = new(source, element, path, "reference to the global heap");
        long length = cursor.UInt32();
        long address = cursor.Address();
        int index = (int)cursor.UInt32();
        if (length == 0)
        {
            return [];
        }

        if (!source.Heaps.TryGetValue(address, out Dictionary<int, ReadOnlyMemory<byte>>? heap))
        {
            heap = ReadHeap(source, address, path);
            source.Heaps.Add(address, heap);
        }

        return heap.TryGetValue(index, out ReadOnlyMemory<byte> text) && length <= text.Length
            ? text.Span[..(int)length]
            : throw source.Refuse(path, $"text of {length} bytes is not in the global heap at {address}: its object {index} has"
                + $" {text.Length}");
    }

    private static Dictionary<int, ReadOnlyMemory<byte>> ReadHeap(Hdf5Source source, long address, string path)
    {
        const string part = "global heap";
        int prefix = 8 + source.LengthSize;
        Hdf5Cursor cursor = source.At(address, path, part);
        cursor.Signature("GCOL"u8);
        cursor.Version(1, 1);
        cursor.Take(3);
        ReadOnlyMemory<byte> rest = source.Block(address, cursor.Length(), path, part);
        rest = rest.Length >= prefix ? rest[prefix..] : throw source.Refuse(path, $"{part} is shorter than its own header");

        Dictionary<int, ReadOnlyMemory<byte>> objects = [];
        while (rest.Length >= prefix)
        {
            cursor = new Hdf5Cursor(source, rest.Span, path, part);
            int index = cursor.UInt16();
            cursor.Take(6);
            long size = cursor.Length();
            if (index == 0)
            {
                break;
            }

            cursor.Take(size);
            source.Charge(ObjectCost, path);
            objects[index] = rest.Slice(prefix, (int)size);
            rest = rest[(int)Math.Min(rest.Length, prefix + ((size + 7) & ~7L))..];
        }

        return objects;
    }
}
