// What the bytes of a record may be: float32 where all are plausible, else 16-bit numbers, in the order that varies least.

using System.Buffers.Binary;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Guesses the fields of binary records; a person puts them right.</summary>
internal static class FieldLayoutGuess
{
    private const double LeastMagnitude = 1e-6;
    private const double GreatestMagnitude = 1e7;
    private const int FieldLimit = 256;

    /// <summary>Fields that fill a record of this length, and their byte order.</summary>
    /// <param name="records">Records without start bytes and checksum.</param>
    /// <param name="length">Bytes of a record; records of another length are left out.</param>
    public static (IReadOnlyList<FieldProfile> Fields, string ByteOrder) Of(IReadOnlyList<byte[]> records, int length)
    {
        List<byte[]> same = [];
        foreach (byte[] record in records)
        {
            if (record.Length == length)
            {
                same.Add(record);
            }
        }

        if (length % 4 == 0 && AreFloats(same, bigEndian: false))
        {
            return (Repeat("float32", length / 4, []), "little");
        }

        if (length % 4 == 0 && AreFloats(same, bigEndian: true))
        {
            return (Repeat("float32", length / 4, []), "big");
        }

        int odd = length % 2;
        List<FieldProfile> first = odd == 1 ? [new FieldProfile("uint8", "field1")] : [];
        string order = Change(same, odd, bigEndian: true) < Change(same, odd, bigEndian: false) ? "big" : "little";
        return (Repeat("int16", length / 2, first), order);
    }

    private static List<FieldProfile> Repeat(string type, int count, List<FieldProfile> fields)
    {
        for (int i = 0; i < count && fields.Count < FieldLimit; i++)
        {
            fields.Add(new FieldProfile(type, $"field{fields.Count + 1}"));
        }

        return fields;
    }

    // Bytes that are something else give numbers beyond all that is measured.
    private static bool AreFloats(List<byte[]> records, bool bigEndian)
    {
        bool any = false;
        foreach (byte[] record in records)
        {
            for (int at = 0; at < record.Length; at += 4)
            {
                ReadOnlySpan<byte> bytes = record.AsSpan(at);
                float value = bigEndian
                    ? BinaryPrimitives.ReadSingleBigEndian(bytes)
                    : BinaryPrimitives.ReadSingleLittleEndian(bytes);
                double magnitude = Math.Abs(value);
                if (magnitude != 0 && !(magnitude is >= LeastMagnitude and <= GreatestMagnitude))
                {
                    return false;
                }

                any |= magnitude != 0;
            }
        }

        return any;
    }

    // Sum of the changes from record to record: in the wrong order the fast byte counts 256-fold.
    private static long Change(List<byte[]> records, int from, bool bigEndian)
    {
        long sum = 0;
        for (int i = 1; i < records.Count; i++)
        {
            for (int at = from; at + 1 < records[i].Length; at += 2)
            {
                sum += Math.Abs(Read(records[i], at, bigEndian) - Read(records[i - 1], at, bigEndian));
            }
        }

        return sum;
    }

    private static int Read(byte[] record, int at, bool bigEndian) => bigEndian
        ? BinaryPrimitives.ReadInt16BigEndian(record.AsSpan(at))
        : BinaryPrimitives.ReadInt16LittleEndian(record.AsSpan(at));
}
