// The type of an element: IEEE floats, integers and texts; everything else is refused by its name.

using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeLstm.Import.Hdf5;

/// <summary>The type of an element.</summary>
/// <param name="Kind">Class of the type.</param>
/// <param name="Size">Bytes of an element.</param>
/// <param name="IsBigEndian">Byte order of numbers.</param>
/// <param name="IsSigned">Of integers.</param>
/// <param name="Padding">Of texts of fixed length: 0 ends at the first 00, 1 padded with 00, 2 padded with spaces.</param>
internal sealed record Hdf5Datatype(int Kind, int Size, bool IsBigEndian, bool IsSigned, int Padding)
{
    private const int Integer = 0;
    private const int Float = 1;
    private const int FixedText = 3;
    private const int Variable = 9;

    /// <summary>Integers and floats.</summary>
    public bool IsNumber => Kind is Integer or Float;

    /// <summary>Texts of fixed and of variable length.</summary>
    public bool IsText => Kind is FixedText or Variable;

    /// <summary>The elements stand in the global heap.</summary>
    public bool IsVariable => Kind == Variable;

    /// <summary>The type as a message shows it.</summary>
    public string Name => Kind switch
    {
        Integer => $"{(IsSigned ? "int" : "uint")}{Size * 8}",
        Float => $"float{Size * 8}",
        FixedText => $"text of {Size} bytes",
        _ => "text of variable length",
    };

    /// <summary>Reads the message.</summary>
    public static Hdf5Datatype Read(Hdf5Source source, ReadOnlySpan<byte> message, string path, string part)
    {
        Hdf5Cursor cursor = new(source, message, path, $"{part}, datatype");
        int classAndVersion = cursor.Byte();
        int kind = classAndVersion & 15;
        int bits = cursor.Byte();
        cursor.Take(2);
        uint size = cursor.UInt32();
        bool isVariableText = kind == Variable && (bits & 15) == 1 && size == 8 + source.OffsetSize;
        bool isRead = kind switch
        {
            Integer => size is 1 or 2 or 4 or 8 && cursor.UInt16() == 0 && cursor.UInt16() == size * 8,
            Float => IsIeee(ref cursor, size) && (bits & 64) == 0,
            FixedText => size is > 0 and <= int.MaxValue,
            _ => isVariableText,
        };
        return isRead
            ? new Hdf5Datatype(kind, (int)size, IsNumberKind(kind) && (bits & 1) != 0, (bits & 8) != 0, bits & 15)
            : throw source.Refuse(path, $"{part} is of type {NameOf(kind, bits)} with {size} bytes"
                + $" (version {classAndVersion >> 4}); only float16, float32, float64, integers and texts are read");
    }

    /// <summary>The first element as a number.</summary>
    public double Number(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> element = data[..Size];
        Span<byte> little = stackalloc byte[8];
        element.CopyTo(little);
        if (IsBigEndian)
        {
            little[..Size].Reverse();
        }

        ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(little);
        int spare = 64 - (8 * Size);
        return (Kind, Size) switch
        {
            (Float, 2) => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
            (Float, 4) => BitConverter.UInt32BitsToSingle((uint)bits),
            (Float, _) => BitConverter.UInt64BitsToDouble(bits),
            _ => IsSigned ? (long)(bits << spare) >> spare : bits,
        };
    }

    /// <summary>Numbers as float32.</summary>
    /// <param name="data">Elements as they stand in the file.</param>
    /// <param name="values">As many values.</param>
    public void ToSingle(ReadOnlySpan<byte> data, Span<float> values)
    {
        if (Kind == Float && Size == 4 && IsBigEndian != BitConverter.IsLittleEndian)
        {
            data[..(values.Length * 4)].CopyTo(MemoryMarshal.AsBytes(values));
            return;
        }

        for (int k = 0; k < values.Length; k++)
        {
            values[k] = (float)Number(data.Slice(k * Size, Size));
        }
    }

    private static bool IsNumberKind(int kind) => kind is Integer or Float;

    private static bool IsIeee(ref Hdf5Cursor cursor, uint size)
    {
        int offset = cursor.UInt16();
        int precision = cursor.UInt16();
        (int Exponent, int ExponentSize, int Mantissa, int MantissaSize) layout =
            (cursor.Byte(), cursor.Byte(), cursor.Byte(), cursor.Byte());
        uint bias = cursor.UInt32();
        return offset == 0 && precision == size * 8 && (size, bias) switch
        {
            (2, 15) => layout == (10, 5, 0, 10),
            (4, 127) => layout == (23, 8, 0, 23),
            (8, 1023) => layout == (52, 11, 0, 52),
            _ => false,
        };
    }

    private static string NameOf(int kind, int bits) => kind switch
    {
        Integer => "integer",
        Float => "float (not one of IEEE 754)",
        2 => "time",
        FixedText => "text",
        4 => "bit field",
        5 => "opaque",
        6 => "compound",
        7 => "reference",
        8 => "enumeration",
        Variable => (bits & 15) == 1 ? "text of variable length" : "sequence of variable length",
        10 => "array",
        _ => $"unknown class {kind}",
    };
}
