// The number formats of tensors that can be read, and their conversion to float32.

using System.Buffers.Binary;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Models;

/// <summary>How a tensor's values are stored, named as safetensors names them.</summary>
public enum TensorType : byte
{
    /// <summary>Whole numbers of eight bits; weights of int8 models, beside a scale for each row.</summary>
    I8,

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
    /// <summary>The formats of real numbers, for messages.</summary>
    internal const string RealNames = "F16, BF16, F32 or F64";

    /// <summary>The names a safetensors header uses, for messages.</summary>
    internal const string Names = "I8, " + RealNames;

    /// <summary>Reads the name a safetensors header uses.</summary>
    public static bool TryParse(string name, out TensorType type)
    {
        (bool known, type) = name switch
        {
            "I8" => (true, TensorType.I8),
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
        TensorType.I8 => 1,
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

    /// <summary>Converts all of <paramref name="values"/> to bytes of a file.</summary>
    /// <param name="values">Values [n]; as BF16 rounded to the nearest, as I8 whole numbers from −127 to 127.</param>
    /// <param name="type">Their format: F32, BF16 or I8.</param>
    /// <param name="stored">Receives the little-endian bytes [n · SizeBytes].</param>
    /// <exception cref="ArgumentException">A length does not fit, or I8 cannot hold a value.</exception>
    internal static void FromSingle(ReadOnlySpan<float> values, TensorType type, Span<byte> stored)
    {
        int size = type.SizeBytes();
        if (stored.Length != (long)values.Length * size)
        {
            throw new ArgumentException($"{stored.Length} bytes are not {values.Length} values of {type}.", nameof(stored));
        }

        for (int k = 0; k < values.Length; k++)
        {
            WriteOne(stored.Slice(k * size, size), type, values[k]);
        }
    }

    private static void WriteOne(Span<byte> stored, TensorType type, float value)
    {
        switch (type)
        {
            case TensorType.F32:
                BinaryPrimitives.WriteSingleLittleEndian(stored, value);
                break;
            case TensorType.BF16:
                BinaryPrimitives.WriteUInt16LittleEndian(stored, BFloat16Bits.Round(value));
                break;
            case TensorType.I8 when value is >= -Int8Rows.Greatest and <= Int8Rows.Greatest && value == MathF.Truncate(value):
                stored[0] = (byte)(sbyte)value;
                break;
            default:
                throw new ArgumentException(FormattableString.Invariant($"the value {value} cannot be written as {type}."));
        }
    }

    private static float ReadOne(ReadOnlySpan<byte> stored, TensorType type) => type switch
    {
        TensorType.I8 => (sbyte)stored[0],
        TensorType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(stored),
        TensorType.BF16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(stored) << 16),
        TensorType.F32 => BinaryPrimitives.ReadSingleLittleEndian(stored),
        _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(stored),
    };
}
