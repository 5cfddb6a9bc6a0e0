// The number formats of tensors that can be read, and their conversion to float32.

using System.Buffers.Binary;

namespace EdgeLstm.Core.Models;

/// <summary>How a tensor's values are stored, named as safetensors names them.</summary>
public enum TensorType : byte
{
    /// <summary>IEEE 754 half precision.</summary>
    F16,

    /// <summary>The upper 16 bits of a float32.</summary>
    BF16,

    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>IEEE 754 double precision.</summary>
    F64,
}

/// <summary>Sizes and conversion of the tensor number formats. All are little endian.</summary>
public static class TensorTypes
{
    /// <summary>The names a safetensors header uses, for messages.</summary>
    internal const string Names = "F16, BF16, F32 or F64";

    /// <summary>Reads the name a safetensors header uses.</summary>
    public static bool TryParse(string name, out TensorType type)
    {
        (bool known, type) = name switch
        {
            "F16" => (true, TensorType.F16),
            "BF16" => (true, TensorType.BF16),
            "F32" => (true, TensorType.F32),
            "F64" => (true, TensorType.F64),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>Bytes of one value.</summary>
    public static int SizeBytes(this TensorType type) => type switch
    {
        TensorType.F64 => 8,
        TensorType.F32 => 4,
        _ => 2,
    };

    /// <summary>Converts all of <paramref name="stored"/> to float32; a double beyond its range becomes infinite.</summary>
    /// <param name="stored">Little-endian values [n].</param>
    /// <param name="type">Their format.</param>
    /// <param name="values">Receives the values [n].</param>
    public static void ToSingle(ReadOnlySpan<byte> stored, TensorType type, Span<float> values)
    {
        int size = type.SizeBytes();
        if (stored.Length != (long)values.Length * size)
        {
            throw new ArgumentException($"{stored.Length} bytes are not {values.Length} values of {type}.", nameof(stored));
        }

        for (int k = 0; k < values.Length; k++)
        {
            values[k] = ReadOne(stored.Slice(k * size, size), type);
        }
    }

    private static float ReadOne(ReadOnlySpan<byte> stored, TensorType type) => type switch
    {
        TensorType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(stored),
        TensorType.BF16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(stored) << 16),
        TensorType.F32 => BinaryPrimitives.ReadSingleLittleEndian(stored),
        _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(stored),
    };
}
