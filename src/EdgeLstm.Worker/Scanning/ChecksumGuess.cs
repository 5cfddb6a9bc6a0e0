// Which checksum ends the records of an unknown binary protocol: each usual one is tried, and must fit too often for chance.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>A checksum that fits, by its usual name.</summary>
/// <param name="Name">"CRC-16/MODBUS, low byte first".</param>
/// <param name="Profile">As a profile describes it.</param>
/// <param name="Bytes">Its width.</param>
internal sealed record ChecksumGuess(string Name, ChecksumProfile Profile, int Bytes)
{
    // Chance fits one of the candidates, at one of the places tried, with less than one in a million.
    private const int LeastBits = 32;
    private const int LeastBitsAtRest = 16;
    private const int DistinctLimit = 16;
    private const double LeastShare = 0.6;

    private readonly Checksum _checksum = Checksum.From(Profile);

    // Names as in the catalogue of parametrised CRC algorithms; the two-byte ones in either byte order.
    private static ChecksumGuess[] Candidates { get; } =
    [
        .. EitherOrder("CRC-16/CCITT-FALSE", new("crc-16", new(0x1021), new(0xFFFF))),
        .. EitherOrder("CRC-16/X-25", new("crc-16", new(0x1021), new(0xFFFF), true, new(0xFFFF))),
        .. EitherOrder("CRC-16/MODBUS", new("crc-16", new(0x8005), new(0xFFFF), true)),
        .. EitherOrder("CRC-16/XMODEM", new("crc-16", new(0x1021))),
        .. EitherOrder("CRC-16/KERMIT", new("crc-16", new(0x1021), Reflected: true)),
        .. EitherOrder("CRC-16/ARC", new("crc-16", new(0x8005), Reflected: true)),
        .. EitherOrder("CRC-32", new("crc-32", new(0x04C11DB7), new(0xFFFFFFFF), true, new(0xFFFFFFFF))),
        .. EitherOrder("sum of the bytes in 16 bits", new("sum-16")),
        new("CRC-8", new("crc-8", new(0x07)), 1),
        new("CRC-8/MAXIM", new("crc-8", new(0x31), Reflected: true), 1),
        new("CRC-8 with polynomial 0x31 from 0xFF", new("crc-8", new(0x31), new(0xFF)), 1),
        new("sum of the bytes", new("sum-8"), 1),
        new("sum of the bytes to 0", new("sum-8", Initial: new(0xFF), FinalXor: new(0xFF)), 1),
        new("exclusive-or of the bytes", new("xor-8"), 1),
    ];

    /// <summary>The checksum that the most records have; null where none fits well enough.</summary>
    /// <param name="records">Whole records, start bytes first, checksum last.</param>
    /// <param name="startBytes">Start bytes, which a checksum may or may not cover.</param>
    public static ChecksumGuess? Find(IReadOnlyList<byte[]> records, int startBytes)
    {
        ChecksumGuess? best = null;
        int most = 0;
        foreach (ChecksumGuess candidate in Candidates)
        {
            for (int from = 0; from <= startBytes; from += Math.Max(1, startBytes))
            {
                ChecksumGuess guess = startBytes > 0 && from == 0
                    ? candidate with { Profile = candidate.Profile with { FromStart = true } }
                    : candidate;
                int fits = guess.CountFits(records, startBytes);
                if (fits > most && fits >= LeastShare * records.Count)
                {
                    (best, most) = (guess, fits);
                }
            }
        }

        return best;
    }

    /// <summary>True when a record ends with this checksum of the bytes before it.</summary>
    public bool Fits(ReadOnlySpan<byte> record, int startBytes)
    {
        int from = Profile.FromStart ? 0 : startBytes;
        return record.Length > from + Bytes
            && _checksum.Matches(record[from..^Bytes], record[^Bytes..]);
    }

    // 0 unless so many different records fit that it is no chance.
    private int CountFits(IReadOnlyList<byte[]> records, int startBytes)
    {
        int fits = 0;
        List<byte[]> distinct = [];
        for (int i = 0; i < records.Count; i++)
        {
            if (!Fits(records[i], startBytes))
            {
                if (i - fits > (1 - LeastShare) * records.Count)
                {
                    return 0;
                }

                continue;
            }

            fits++;
            if (distinct.Count < DistinctLimit && !Holds(distinct, records[i]))
            {
                distinct.Add(records[i]);
            }
        }

        // A sensor at rest may send one record over and over: then a long checksum must do.
        int least = distinct.Count == 1 && records.Count > 1 ? LeastBitsAtRest : LeastBits;
        return distinct.Count * Bytes * 8 >= least ? fits : 0;
    }

    private static bool Holds(List<byte[]> records, byte[] record)
    {
        foreach (byte[] known in records)
        {
            if (known.AsSpan().SequenceEqual(record))
            {
                return true;
            }
        }

        return false;
    }

    private static ChecksumGuess[] EitherOrder(string name, ChecksumProfile profile)
    {
        int bytes = profile.Kind == "crc-32" ? 4 : 2;
        return [new($"{name}, low byte first", profile, bytes),
            new($"{name}, high byte first", profile with { ByteOrder = "big" }, bytes)];
    }
}
