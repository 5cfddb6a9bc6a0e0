// Binary records of one length: the same start bytes again and again at a constant distance, with a checksum that fits.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Looks for start bytes among the most frequent bytes and pairs of bytes.</summary>
internal sealed class FixedRecordGuess
{
    private const int PairCandidates = 16;
    private const int ByteCandidates = 8;
    private const int LeastRecordBytes = 4;
    private const int MostRecordBytes = 256;
    private const int LeastRecords = 3;
    private const int LeastUnprovenRecords = 8;
    private const double SameDistanceShare = 0.5;
    private const double StartStrength = 0.5;   // without a checksum any byte that never changes could be the start

    private readonly byte[] _bytes;
    private readonly byte[] _start;
    private readonly int _recordBytes;
    private readonly List<int> _places = [];
    private readonly List<byte[]> _records = [];

    private FixedRecordGuess(byte[] bytes, byte[] start, int recordBytes)
    {
        (_bytes, _start, _recordBytes) = (bytes, start, recordBytes);
        int next = -1;
        for (int at = 0; at + recordBytes <= bytes.Length; at++)
        {
            // A record is followed, or was preceded, by another one.
            if (StartsAt(at) && (at == next || StartsAt(at + recordBytes)))
            {
                _places.Add(at);
                _records.Add(bytes[at..(at + recordBytes)]);
                next = at + recordBytes;
                at = next - 1;
            }
        }
    }

    /// <summary>The guess; null where nothing comes back at a constant distance.</summary>
    public static FramingGuess? Of(byte[] bytes)
    {
        FramingGuess? best = null;
        foreach (byte[] start in Starts(bytes))
        {
            int recordBytes = UsualDistance(bytes, start);
            if (recordBytes > 0)
            {
                FramingGuess? guess = new FixedRecordGuess(bytes, start, recordBytes).Score();
                best = guess is not null && guess.Confidence > (best?.Confidence ?? 0) ? guess : best;
            }
        }

        return best;
    }

    // The most frequent pairs, then the most frequent bytes.
    private static IEnumerable<byte[]> Starts(byte[] bytes)
    {
        int[] pairs = new int[65536];
        int[] singles = new int[256];
        for (int i = 0; i + 1 < bytes.Length; i++)
        {
            pairs[(bytes[i] << 8) | bytes[i + 1]]++;
            singles[bytes[i]]++;
        }

        for (int i = 0; i < PairCandidates; i++)
        {
            int pair = TakeMostFrequent(pairs);
            if (pair >= 0)
            {
                yield return [(byte)(pair >> 8), (byte)pair];
            }
        }

        for (int i = 0; i < ByteCandidates; i++)
        {
            int single = TakeMostFrequent(singles);
            if (single >= 0)
            {
                yield return [(byte)single];
            }
        }
    }

    private static int TakeMostFrequent(int[] counts)
    {
        int best = 0;
        for (int i = 1; i < counts.Length; i++)
        {
            best = counts[i] > counts[best] ? i : best;
        }

        bool enough = counts[best] >= LeastRecords;
        counts[best] = 0;
        return enough ? best : -1;
    }

    // The distance at which a start most often comes back; 0 where there is no usual one.
    private static int UsualDistance(byte[] bytes, byte[] start)
    {
        int[] distances = new int[MostRecordBytes + 1];
        int gaps = 0;
        int last = -1;
        int from = 0;
        while (from < bytes.Length)
        {
            int found = bytes.AsSpan(from).IndexOf(start);
            if (found < 0)
            {
                break;
            }

            int at = from + found;
            if (last >= 0)
            {
                gaps++;
                distances[at - last <= MostRecordBytes ? at - last : 0]++;
            }

            last = at;
            from = at + 1;
        }

        int usual = LeastRecordBytes;
        for (int distance = LeastRecordBytes; distance <= MostRecordBytes; distance++)
        {
            usual = distances[distance] > distances[usual] ? distance : usual;
        }

        return distances[usual] >= Math.Max(LeastRecords - 1, SameDistanceShare * gaps) ? usual : 0;
    }

    private bool StartsAt(int at) =>
        at + _start.Length <= _bytes.Length && _bytes.AsSpan(at, _start.Length).SequenceEqual(_start);

    private FramingGuess? Score()
    {
        if (_records.Count < LeastRecords)
        {
            return null;
        }

        ChecksumGuess? checksum = ChecksumGuess.Find(_records, _start.Length);
        RecordTally tally = new(Math.Max(_recordBytes, _bytes.Length - (_bytes.Length % _recordBytes)));
        List<byte[]> contents = [];
        int checkBytes = checksum?.Bytes ?? 0;
        for (int i = 0; i < _records.Count; i++)
        {
            if (checksum?.Fits(_records[i], _start.Length) ?? true)
            {
                tally.Add(_recordBytes, _places[i] + _recordBytes);
                contents.Add(_records[i][_start.Length..^checkBytes]);
            }
        }

        int content = _recordBytes - _start.Length - checkBytes;
        if (content < 1 || (checksum is null && _records.Count < LeastUnprovenRecords))
        {
            return null;
        }

        string proof = checksum is null ? "" : $" and have a right checksum ({checksum.Name})";
        FramingGuess guess = FramingGuess.From("fixed", tally, Strength(checksum),
            $"{tally.Records} records of {_recordBytes} bytes start with {Convert.ToHexString(_start)}{proof}")
            .WithFields("fixed", checksum?.Profile, contents, content);
        HexNumber[] start = new HexNumber[_start.Length];
        for (int i = 0; i < start.Length; i++)
        {
            start[i] = new HexNumber(_start[i]);
        }

        return guess with { Framing = guess.Framing! with { Start = start } };
    }

    // Two start bytes are a little more likely meant than one, and a start after bytes that change more than one among others.
    private double Strength(ChecksumGuess? checksum)
    {
        double strength = checksum is not null ? 1 : StartStrength * (BeginsARun() ? 1 : 0.8);
        return _start.Length > 1 ? strength : strength * 0.95;
    }

    // True when the byte before the start differs from record to record.
    private bool BeginsARun()
    {
        int before = -1;
        foreach (int place in _places)
        {
            if (place > 0)
            {
                if (before >= 0 && before != _bytes[place - 1])
                {
                    return true;
                }

                before = _bytes[place - 1];
            }
        }

        return false;
    }
}
