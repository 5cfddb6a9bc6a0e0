// Checksums of sensor records: CRC-8/16/32 by polynomial, and the plain sums of simple devices.
//   crc, highest bit first: for each bit b: r ← (r << 1) ^ (P where r's highest bit ≠ b);   reflected: the same, lowest bit first
//   sum: r ← r + byte;   xor: r ← r ^ byte;   result: r ^ finalXor

namespace EdgeLstm.Worker.Framing;

/// <summary>One checksum, ready to compute. Immutable; computing allocates nothing.</summary>
/// <remarks>
/// Source: Williams (1993), "A painless guide to CRC error detection algorithms"; check values from the catalogue of parametrised
/// CRC algorithms (reveng.sourceforge.io). A two's complement sum, which makes all bytes add up to 0, is sum-8 with initial
/// 0xFF and finalXor 0xFF: −s = ~(s − 1).
/// </remarks>
public sealed class Checksum
{
    private enum Rule
    {
        Crc,
        ReflectedCrc,
        Sum,
        Xor,
    }

    private readonly Rule _rule;
    private readonly bool _bigEndian;
    private readonly uint _mask;
    private readonly uint _initial;    // of a crc with the highest bit first: shifted to the top of 32 bits
    private readonly uint _finalXor;
    private readonly uint[] _table;    // [256] of a crc: the remainder of each byte, aligned as the register is

    private Checksum(Rule rule, int bytes, uint polynomial, uint initial, uint finalXor, bool bigEndian)
    {
        _rule = rule;
        _bigEndian = bigEndian;
        Bytes = bytes;
        _mask = uint.MaxValue >> (32 - (8 * bytes));
        _finalXor = finalXor & _mask;
        int unused = 32 - (8 * bytes);
        _initial = rule switch
        {
            Rule.Crc => initial << unused,
            Rule.ReflectedCrc => Reverse(initial << unused),
            _ => initial & _mask,
        };
        _table = rule switch
        {
            Rule.Crc => Table(polynomial << unused),
            Rule.ReflectedCrc => ReflectedTable(Reverse(polynomial << unused)),
            _ => [],
        };
    }

    /// <summary>CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, low byte first; what cobs-crc16 carries.</summary>
    public static Checksum CcittFalse { get; } = new(Rule.Crc, 2, 0x1021, 0xFFFF, 0, bigEndian: false);

    /// <summary>Width in bytes: 1, 2 or 4.</summary>
    public int Bytes { get; }

    /// <summary>The checksum that a profile describes.</summary>
    /// <param name="profile">A checksum without problems.</param>
    /// <exception cref="ArgumentException">The kind is unknown.</exception>
    public static Checksum From(ChecksumProfile profile)
    {
        Rule crc = profile.Reflected ? Rule.ReflectedCrc : Rule.Crc;
        (Rule rule, int bytes) = profile.Kind switch
        {
            "crc-8" => (crc, 1),
            "crc-16" => (crc, 2),
            "crc-32" => (crc, 4),
            "sum-8" => (Rule.Sum, 1),
            "sum-16" => (Rule.Sum, 2),
            "xor-8" => (Rule.Xor, 1),
            _ => throw new ArgumentException($"unknown checksum '{profile.Kind}'", nameof(profile)),
        };
        return new Checksum(rule, bytes, Value(profile.Polynomial), Value(profile.Initial), Value(profile.FinalXor),
            profile.ByteOrder == "big");
    }

    /// <summary>The checksum of <paramref name="data"/>, in the lowest <see cref="Bytes"/> bytes.</summary>
    public uint Of(ReadOnlySpan<byte> data)
    {
        uint register = _initial;
        switch (_rule)
        {
            case Rule.Crc:
                uint[] table = _table;
                foreach (byte value in data)
                {
                    register = (register << 8) ^ table[(register >> 24) ^ value];
                }

                register >>= 32 - (8 * Bytes);
                break;
            case Rule.ReflectedCrc:
                uint[] reflected = _table;
                foreach (byte value in data)
                {
                    register = (register >> 8) ^ reflected[(byte)(register ^ value)];
                }

                break;
            case Rule.Sum:
                foreach (byte value in data)
                {
                    register += value;
                }

                break;
            default:
                foreach (byte value in data)
                {
                    register ^= value;
                }

                break;
        }

        return (register ^ _finalXor) & _mask;
    }

    /// <summary>True when <paramref name="check"/> holds the checksum of <paramref name="data"/>.</summary>
    /// <param name="data">The bytes summed up.</param>
    /// <param name="check">The checksum as sent, <see cref="Bytes"/> long.</param>
    public bool Matches(ReadOnlySpan<byte> data, ReadOnlySpan<byte> check)
    {
        if (check.Length != Bytes)
        {
            return false;
        }

        uint sent = 0;
        for (int i = 0; i < check.Length; i++)
        {
            sent = (sent << 8) | check[_bigEndian ? i : check.Length - 1 - i];
        }

        return sent == Of(data);
    }

    private static uint Value(HexNumber? number) => number is { Value: >= 0 } ? (uint)number.Value : 0;

    // Remainders of every byte at the top of the register, divided by a polynomial aligned to the top.
    private static uint[] Table(uint polynomial)
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint register = i << 24;
            for (int bit = 0; bit < 8; bit++)
            {
                register = (register & 0x8000_0000) == 0 ? register << 1 : (register << 1) ^ polynomial;
            }

            table[i] = register;
        }

        return table;
    }

    private static uint[] ReflectedTable(uint polynomial)
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint register = i;
            for (int bit = 0; bit < 8; bit++)
            {
                register = (register & 1) == 0 ? register >> 1 : (register >> 1) ^ polynomial;
            }

            table[i] = register;
        }

        return table;
    }

    private static uint Reverse(uint value)
    {
        uint reversed = 0;
        for (int bit = 0; bit < 32; bit++)
        {
            reversed |= ((value >> bit) & 1) << (31 - bit);
        }

        return reversed;
    }
}
