// Writes a safetensors file: u64 length of the header, the header as JSON padded to 8 bytes, then the tensors' bytes.

using System.Buffers.Binary;
using System.Text.Json;

namespace EdgeLstm.Core.Models;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its key in the header.</param>
/// <param name="Shape">Sizes, slowest first.</param>
/// <param name="Values">The values in C order; as many as the product of the shape.</param>
/// <param name="Type">F32, BF16 (values are rounded to it), or I8 (whole numbers from −127 to 127).</param>
public sealed record Tensor(string Name, IReadOnlyList<long> Shape, float[] Values, TensorType Type = TensorType.F32)
{
    /// <summary>Bytes it takes in the file.</summary>
    internal long Bytes => Values.Length * (long)Type.SizeBytes();
}

/// <summary>Writes tensors and texts in the safetensors format.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>The whole file as bytes: the tensors in the given order.</summary>
    /// <exception cref="ArgumentException">A shape does not fit its values, a type its values, or a name comes twice.</exception>
    public static byte[] Write(IReadOnlyDictionary<string, string> metadata, IReadOnlyList<Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(tensors);
        RequireConsistent(tensors);
        byte[] header = WriteHeader(metadata, tensors);
        int headerBytes = (header.Length + Alignment - 1) / Alignment * Alignment;
        byte[] file = new byte[checked(Alignment + headerBytes + (int)tensors.Sum(t => t.Bytes))];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)headerBytes);
        header.CopyTo(file, Alignment);
        file.AsSpan(Alignment + header.Length, headerBytes - header.Length).Fill((byte)' ');
        WriteValues(tensors, file.AsSpan(Alignment + headerBytes));
        return file;
    }

    private static void RequireConsistent(IReadOnlyList<Tensor> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Tensor tensor in tensors)
        {
            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException($"Tensor '{tensor.Name}' is given twice.", nameof(tensors));
            }

            if (tensor.Shape.Aggregate(1L, (product, size) => checked(product * size)) != tensor.Values.Length)
            {
                throw new ArgumentException(
                    $"Tensor '{tensor.Name}' has shape {TensorInfo.Text(tensor.Shape)} and {tensor.Values.Length} values.",
                    nameof(tensors));
            }
        }
    }

    private static byte[] WriteHeader(IReadOnlyDictionary<string, string> metadata, IReadOnlyList<Tensor> tensors)
    {
        using var stream = new MemoryStream();
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        if (metadata.Count > 0)
        {
            json.WriteStartObject("__metadata__");
            foreach ((string key, string text) in metadata)
            {
                json.WriteString(key, text);
            }

            json.WriteEndObject();
        }

        long offset = 0;
        foreach (Tensor tensor in tensors)
        {
            long end = offset + tensor.Bytes;
            WriteEntry(json, tensor, offset, end);
            offset = end;
        }

        json.WriteEndObject();
        json.Flush();
        return stream.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, Tensor tensor, long begin, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.ToString());
        WriteIntegers(json, "shape", tensor.Shape);
        WriteIntegers(json, "data_offsets", [begin, end]);
        json.WriteEndObject();
    }

    private static void WriteIntegers(Utf8JsonWriter json, string key, IReadOnlyList<long> values)
    {
        json.WriteStartArray(key);
        foreach (long value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteValues(IReadOnlyList<Tensor> tensors, Span<byte> data)
    {
        foreach (Tensor tensor in tensors)
        {
            TensorTypes.FromSingle(tensor.Values, tensor.Type, data[..(int)tensor.Bytes]);
            data = data[(int)tensor.Bytes..];
        }
    }
}
