// Frames made by byte stuffing: COBS between 0x00, SLIP between 0xC0 (RFC 1055), HDLC-like between 0x7E (RFC 1662).

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Scores each way of stuffing by frames that a checksum proves, else by frames of the same length.</summary>
internal sealed class StuffedGuess
{
    private const double StructureStrength = 0.8;   // COBS without checksum: its codes must still lead to the end of each frame
    private const double EscapeStrength = 0.65;     // frames of the same length, some of them only without their escapes
    private const double LengthStrength = 0.35;     // nothing but the same length: any byte that comes once a record does that
    private const int LeastFrames = 3;

    private readonly FrameCuts _cuts;
    private readonly List<byte[]> _records = [];
    private readonly List<int> _frames = [];         // [records] which frame it was
    private readonly bool _hasEscapes;

    private StuffedGuess(byte[] bytes, byte delimiter, Unstuffing tryRemove)
    {
        _cuts = FrameCuts.At(bytes, delimiter);
        for (int frame = 0; frame < _cuts.Count; frame++)
        {
            byte[] record = new byte[_cuts.LengthOf(frame)];
            if (tryRemove(_cuts.Raw(frame), record, out int length) && length > 0)
            {
                _hasEscapes |= length < _cuts.Raw(frame).Length;
                _records.Add(record[..length]);
                _frames.Add(frame);
            }
        }
    }

    private delegate bool Unstuffing(ReadOnlySpan<byte> encoded, Span<byte> decoded, out int length);

    /// <summary>COBS, with or without a checksum; null where there are no such frames.</summary>
    public static FramingGuess? Cobs(byte[] bytes) =>
        new StuffedGuess(bytes, 0, ByteStuffing.TryRemoveCobs).Score("cobs", "COBS", StructureStrength);

    /// <summary>SLIP.</summary>
    public static FramingGuess? Slip(byte[] bytes) =>
        new StuffedGuess(bytes, ByteStuffing.SlipEnd, ByteStuffing.TryRemoveSlip).Score("slip", "SLIP", EscapeStrength);

    /// <summary>HDLC-like frames.</summary>
    public static FramingGuess? Hdlc(byte[] bytes) =>
        new StuffedGuess(bytes, ByteStuffing.HdlcFlag, ByteStuffing.TryRemoveHdlc).Score("hdlc", "0x7E", EscapeStrength);

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
        return FramingGuess.From(kind, tally, checksum is not null ? 1 : _hasEscapes ? strength : LengthStrength,
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
}
