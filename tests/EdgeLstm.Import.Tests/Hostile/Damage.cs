// Damages a file: bits, bytes, lengths, numbers in text, cuts, insertions, and pieces of another file.

using System.Buffers.Binary;

namespace EdgeLstm.Import.Tests.Hostile;

/// <summary>Makes a hostile file of a good one.</summary>
internal sealed class Damage
{
    private const int MaxSteps = 3;
    private const int MaxPiece = 64;
    private const int EdgeBytes = 1024;
    private const int LengthSize = 8;
    private const byte OnnxTag = 8;

    private static readonly byte[] Bytes =
        [0, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x7f, 0x80, 0xfe, 0xff, (byte)'.', (byte)'-', (byte)'}'];

    private static readonly ulong[] Lengths =
    [
        0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x1000000, 0x7ffffffe, 0x7fffffff, 0x80000000, 0xfffffff0,
        0xffffffff, 0x100000000, 0x2000000000000000, 0x4000000000000000, 0x7fffffffffffffff, 0x8000000000000000,
        0xfffffffffffffffe, 0xffffffffffffffff,
    ];

    private readonly Random _random;
    private readonly byte[] _other;

    /// <param name="random">Decides everything.</param>
    /// <param name="other">Another file of the same container, for splices.</param>
    public Damage(Random random, byte[] other)
    {
        _random = random;
        _other = other;
    }

    /// <summary>
    /// A damaged copy. Where an archive, a header or a text would only be refused by its outermost check, the damage is as a rule
    /// done inside, and what that check looks at (checksum, length, size of the file) stays right.
    /// </summary>
    public byte[] Of(byte[] file)
    {
        byte[] bytes = [.. file];
        int steps = 1 + _random.Next(MaxSteps);
        bool isWhole = _random.Next(4) == 0;
        List<ZipEntry> entries = bytes.AsSpan().StartsWith("PK"u8) && !isWhole ? ZipEntry.Find(bytes) : [];
        if (entries.Count > 0)
        {
            ZipEntry entry = entries[_random.Next(entries.Count)];
            ChangeRegion(bytes.AsSpan(entry.Start, entry.Length), steps);
            entry.Repair(bytes);
        }
        else if (IsSafetensors(bytes) && !isWhole)
        {
            ChangeRegion(bytes.AsSpan(LengthSize, (int)BinaryPrimitives.ReadInt64LittleEndian(bytes)), steps);
        }
        else if (bytes.Length > 0 && bytes[0] == OnnxTag && _random.Next(8) > 0)
        {
            for (int step = 0; step < steps; step++)
            {
                bytes = ProtoMutation.Of(bytes, _random);
            }
        }
        else if (bytes.Length > 0 && !JsonMutation.Fits(bytes) && !isWhole)
        {
            ChangeRegion(bytes, steps);
        }
        else
        {
            for (int step = 0; step < steps; step++)
            {
                bytes = bytes.Length == 0 ? [.. _other] : Change(bytes);
            }
        }

        return bytes;
    }

    private static bool IsSafetensors(ReadOnlySpan<byte> bytes) => bytes.Length > LengthSize && bytes[LengthSize] == (byte)'{'
        && BinaryPrimitives.ReadInt64LittleEndian(bytes) is > 0 and var length && length <= bytes.Length - LengthSize;

    private void ChangeRegion(Span<byte> region, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            if (JsonMutation.Fits(region) && _random.Next(8) > 0)
            {
                JsonMutation.InPlace(region, _random);
            }
            else
            {
                ChangeInPlace(region);
            }
        }
    }

    private byte[] Change(byte[] bytes)
    {
        if (JsonMutation.Fits(bytes) && _random.Next(8) > 0)
        {
            return JsonMutation.Of(bytes, _random);
        }

        int at = Position(bytes.Length);
        switch (_random.Next(12))
        {
            case 0:
                return bytes[..at];
            case 1:
                byte[] inserted = new byte[1 + _random.Next(MaxPiece)];
                _random.NextBytes(inserted);
                return [.. bytes[..at], .. inserted, .. bytes[at..]];
            case 2:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + _random.Next(MaxPiece))..]];
            case 3:
                return [.. bytes[..at], .. Piece(bytes), .. bytes[at..]];
            case 4:
                return [.. bytes[..at], .. _other[Position(_other.Length + 1)..]];
            case 5:
                return [.. bytes[..at], .. Piece(_other), .. bytes[at..]];
            default:
                ChangeInPlace(bytes);
                return bytes;
        }
    }

    private void ChangeInPlace(Span<byte> bytes)
    {
        int at = Position(bytes.Length);
        switch (_random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = _random.Next(2) == 0 ? Bytes[_random.Next(Bytes.Length)] : (byte)_random.Next(256);
                break;
            case 2:
                ReadOnlySpan<byte> piece = Piece(_other);
                piece[..Math.Min(piece.Length, bytes.Length - at)].CopyTo(bytes[at..]);
                break;
            case 3:
                ChangeDigit(bytes, at);
                break;
            default:
                WriteLength(bytes[at..], bytes.Length);
                break;
        }
    }

    // Headers and directories stand at the ends of a file.
    private int Position(int length) => length == 0 ? 0 : _random.Next(4) switch
    {
        0 => _random.Next(Math.Min(length, EdgeBytes)),
        1 => length - 1 - _random.Next(Math.Min(length, EdgeBytes)),
        _ => _random.Next(length),
    };

    private ReadOnlySpan<byte> Piece(byte[] bytes)
    {
        int at = Position(bytes.Length);
        return bytes.AsSpan(at, Math.Min(bytes.Length - at, 1 + _random.Next(MaxPiece)));
    }

    private void WriteLength(Span<byte> bytes, int fileSize)
    {
        int size = 1 << _random.Next(4);
        if (bytes.Length < size)
        {
            return;
        }

        bool isBigEndian = _random.Next(8) == 0;
        Span<byte> number = stackalloc byte[8];
        number.Clear();
        bytes[..size].CopyTo(number);
        ulong old = BinaryPrimitives.ReadUInt64LittleEndian(number);
        ulong value = _random.Next(8) switch
        {
            0 => old + 1,
            1 => old - 1,
            2 => old * 2,
            3 => (ulong)(fileSize + _random.Next(-16, 17)),
            4 => (ulong)_random.Next(fileSize),
            _ => Lengths[_random.Next(Lengths.Length)],
        };
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        if (isBigEndian)
        {
            number[..size].Reverse();
        }

        number[..size].CopyTo(bytes);
    }

    private void ChangeDigit(Span<byte> bytes, int at)
    {
        int digit = bytes[at..].IndexOfAnyInRange((byte)'0', (byte)'9');
        if (digit >= 0)
        {
            bytes[at + digit] = (byte)('0' + _random.Next(10));
        }
    }
}
