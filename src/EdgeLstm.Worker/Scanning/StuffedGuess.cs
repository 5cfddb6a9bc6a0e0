// Frames made by byte stuffing: COBS between 0x00, SLIP between 0xC0 (RFC 1055), HDLC-like between 0x7E (RFC 1662).

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Scores each way of stuffing by frames that a checksum proves, else by frames of the same length.</summary>
internal sealed class StuffedGuess
{
    private const byte SlipEnd = 0xC0, SlipEscape = 0xDB, SlipEscapedEnd = 0xDC, SlipEscapedEscape = 0xDD;
    private const byte HdlcFlag = 0x7E, HdlcEscape = 0x7D, HdlcFlip = 0x20;
    private const double StructureStrength = 0.8;   // COBS without checksum: its codes must still lead to the end of each frame
    private const double LengthStrength = 0.6;      // nothing but frames of the same length
    private const int LeastFrames = 3;

    private readonly FrameCuts _cuts;
    private readonly List<byte[]> _records = [];
    private readonly List<int> _frames = [];         // [records] which frame it was

    private StuffedGuess(byte[] bytes, byte delimiter, Func<ReadOnlyMemory<byte>, byte[]?> unstuff)
    {
        _cuts = FrameCuts.At(bytes, delimiter);
        for (int frame = 0; frame < _cuts.Count; frame++)
        {
            if (unstuff(_cuts.Raw(frame).ToArray()) is { Length: > 0 } record)
            {
                _records.Add(record);
                _frames.Add(frame);
            }
        }
    }

    /// <summary>COBS, with or without a checksum; null where there are no such frames.</summary>
    public static FramingGuess? Cobs(byte[] bytes) =>
        new StuffedGuess(bytes, 0, UnstuffCobs).Score("cobs", "COBS", StructureStrength);

    /// <summary>SLIP.</summary>
    public static FramingGuess? Slip(byte[] bytes) =>
        new StuffedGuess(bytes, SlipEnd, UnstuffSlip).Score("slip", "SLIP", LengthStrength);

    /// <summary>HDLC-like frames.</summary>
    public static FramingGuess? Hdlc(byte[] bytes) =>
        new StuffedGuess(bytes, HdlcFlag, UnstuffHdlc).Score("hdlc", "0x7E", LengthStrength);

    private FramingGuess? Score(string kind, string title, double strength)
    {
        ChecksumGuess? checksum = ChecksumGuess.Find(_records, 0);
        int length = UsualLength(checksum);
        RecordTally tally = new(_cuts.AllBytes);
        List<byte[]> contents = [];
        for (int i = 0; i < _records.Count; i++)
        {
            byte[] record = _records[i];
            if (checksum?.Fits(record, 0) ?? record.Length == length)
            {
                tally.Add(_cuts.LengthOf(_frames[i]), _cuts.EndOf(_frames[i]));
                contents.Add(record[..^(checksum?.Bytes ?? 0)]);
            }
        }

        int content = length - (checksum?.Bytes ?? 0);
        if (tally.Records < (checksum is null ? LeastFrames : 1) || content < 1)
        {
            return null;
        }

        string proof = checksum is null ? $"have {length} bytes" : $"have a right checksum ({checksum.Name})";
        return FramingGuess.From(kind, tally, checksum is null ? strength : 1,
            $"{tally.Records} of {FramingGuess.Counted(_cuts.Count, $"{title} frame")} {proof}")
            .WithFields(kind, checksum?.Profile, contents, content);
    }

    // Without a checksum a length of one byte says nothing.
    private int UsualLength(ChecksumGuess? checksum)
    {
        Dictionary<int, int> counts = [];
        int usual = 0;
        int most = 0;
        foreach (byte[] record in _records)
        {
            if (checksum?.Fits(record, 0) ?? record.Length > 1)
            {
                int count = counts[record.Length] = counts.GetValueOrDefault(record.Length) + 1;
                (usual, most) = count > most ? (record.Length, count) : (usual, most);
            }
        }

        return usual;
    }

    private static byte[]? UnstuffCobs(ReadOnlyMemory<byte> frame)
    {
        byte[] decoded = new byte[frame.Length];
        return CobsRecordDecoder.TryUnstuff(frame.Span, decoded, out int length) ? decoded[..length] : null;
    }

    private static byte[]? UnstuffSlip(ReadOnlyMemory<byte> frame) => Unstuff(frame.Span, SlipEscape, code => code switch
    {
        SlipEscapedEnd => SlipEnd,
        SlipEscapedEscape => SlipEscape,
        _ => -1,
    });

    private static byte[]? UnstuffHdlc(ReadOnlyMemory<byte> frame) => Unstuff(frame.Span, HdlcEscape, code => code ^ HdlcFlip);

    // Null where an escape stands before something it cannot stand for.
    private static byte[]? Unstuff(ReadOnlySpan<byte> frame, byte escape, Func<byte, int> meaning)
    {
        byte[] decoded = new byte[frame.Length];
        int length = 0;
        for (int i = 0; i < frame.Length; i++)
        {
            int value = frame[i];
            if (value == escape)
            {
                value = ++i < frame.Length ? meaning(frame[i]) : -1;
            }

            if (value < 0)
            {
                return null;
            }

            decoded[length++] = (byte)value;
        }

        return decoded[..length];
    }
}
