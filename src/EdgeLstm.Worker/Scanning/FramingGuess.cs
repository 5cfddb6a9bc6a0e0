// What seems to be spoken on a serial line, from received bytes:  confidence = share of bytes in valid records · n / (n + 1).

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>The framing that explains received bytes best, and what speaks for it. Nothing is ever thrown on input.</summary>
/// <param name="Kind">As <c>framing.kind</c>; "modbus" for the traffic of a Modbus RTU line, "text" for lines without numbers at
/// fixed places, "" where nothing was recognised.</param>
/// <param name="Confidence">0 to 100 %.</param>
/// <param name="Evidence">What speaks for it: "214 of 216 lines have 3 numbers".</param>
internal sealed record FramingGuess(string Kind, int Confidence, string Evidence)
{
    /// <summary>Bytes looked at, at most: the first ones.</summary>
    public const int LimitBytes = 64 * 1024;

    /// <summary>Confidence of lines of text from which no channel can be read, in %.</summary>
    public const int TextConfidence = 20;

    /// <summary>Confidence above which a guess is shown as what the line speaks, in %.</summary>
    public const int LeastConfidence = 30;

    private const double TextShare = 0.95;
    private const double NoiseShare = 0.3;

    /// <summary>Valid records.</summary>
    public int Records { get; init; }

    /// <summary>Bytes up to the end of the first valid record; with <see cref="LastEnd"/> the rate can be measured.</summary>
    public int FirstEnd { get; init; }

    /// <summary>Bytes up to the end of the last valid record.</summary>
    public int LastEnd { get; init; }

    /// <summary>The framing's part of a profile; null where there is none to write.</summary>
    public FramingProfile? Framing { get; init; }

    /// <summary>The registers asked for on a Modbus line.</summary>
    public ModbusProfile? Modbus { get; init; }

    /// <summary>The channels, without units.</summary>
    public IReadOnlyList<ChannelProfile> Channels { get; init; } = [];

    /// <summary>True when a profile can be drafted from it.</summary>
    public bool IsRecognised => Confidence >= LeastConfidence && Framing is not null;

    /// <summary>Guesses from bytes that may begin and end in the middle of a record.</summary>
    /// <param name="received">What was received; of more than <see cref="LimitBytes"/> the first ones count.</param>
    public static FramingGuess Of(ReadOnlySpan<byte> received)
    {
        byte[] bytes = received[..Math.Min(received.Length, LimitBytes)].ToArray();
        if (bytes.Length == 0)
        {
            return new FramingGuess("", 0, "nothing arrived");
        }

        FrameCuts lines = FrameCuts.At(bytes, (byte)'\n');
        FramingGuess best = Nothing(bytes, lines);
        best = Better(best, NmeaGuess.Of(lines));
        best = Better(best, JsonLinesGuess.Of(lines));
        best = Better(best, PlotterGuess.Of(lines));
        best = Better(best, CsvGuess.Of(lines));
        if (IsText(bytes))
        {
            return best;
        }

        best = Better(best, ModbusGuess.Of(bytes));
        best = Better(best, StuffedGuess.Cobs(bytes));
        best = Better(best, StuffedGuess.Slip(bytes));
        best = Better(best, StuffedGuess.Hdlc(bytes));
        return Better(best, FixedRecordGuess.Of(bytes));
    }

    /// <summary>True for bytes that are nearly all printable characters and line ends.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        foreach (byte value in bytes)
        {
            count += value is >= 0x20 and < 0x7F or (byte)'\n' or (byte)'\r' or (byte)'\t' ? 1 : 0;
        }

        return count >= TextShare * bytes.Length;
    }

    /// <summary>A guess with the confidence that its tally gives.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="tally">The valid records.</param>
    /// <param name="strength">1 for records that a checksum or their format proves; less for weaker signs.</param>
    /// <param name="evidence">What speaks for it.</param>
    public static FramingGuess From(string kind, RecordTally tally, double strength, string evidence)
    {
        double share = tally.AllBytes == 0 ? 0 : Math.Min(1, (double)tally.ValidBytes / tally.AllBytes);
        double repeated = tally.Records / (tally.Records + 1.0);
        return new FramingGuess(kind, (int)Math.Round(100 * share * repeated * strength), evidence)
        {
            Records = tally.Records,
            FirstEnd = tally.FirstEnd,
            LastEnd = tally.LastEnd,
        };
    }

    /// <summary>The guess with the fields of a binary record.</summary>
    /// <param name="kind">The framing's kind.</param>
    /// <param name="checksum">The checksum; null for none.</param>
    /// <param name="contents">Records without start bytes and checksum.</param>
    /// <param name="length">Bytes of the usual record.</param>
    public FramingGuess WithFields(string kind, ChecksumProfile? checksum, IReadOnlyList<byte[]> contents, int length)
    {
        (IReadOnlyList<FieldProfile> fields, string byteOrder) = FieldLayoutGuess.Of(contents, length);
        ChannelNames channels = new();
        foreach (FieldProfile field in fields)
        {
            channels.Add("", field.Name!);
        }

        bool withCrc = kind == "cobs" && checksum == new ChecksumProfile("crc-16", new(0x1021), new(0xFFFF));
        string name = withCrc ? "cobs-crc16" : kind;
        return this with
        {
            Kind = name,
            Framing = new FramingProfile(name, Fields: fields, ByteOrder: byteOrder, Checksum: withCrc ? null : checksum),
            Channels = channels.Channels,
        };
    }

    private static FramingGuess Better(FramingGuess best, FramingGuess? other) =>
        other is not null && other.Confidence > best.Confidence ? other : best;

    // Bytes that say nothing: text without numbers, noise of a wrong rate, or unknown.
    private static FramingGuess Nothing(byte[] bytes, FrameCuts lines)
    {
        if (IsText(bytes))
        {
            string sample = lines.Count == 0 ? "" : $", such as '{lines.TextOf(0)}'";
            return new FramingGuess("text", lines.Count == 0 ? 0 : TextConfidence,
                $"{Counted(lines.Count, "whole line")} of text without numbers at fixed places{sample}");
        }

        int strange = 0;
        foreach (byte value in bytes)
        {
            strange += value is 0 or >= 0x80 ? 1 : 0;
        }

        string hint = strange > NoiseShare * bytes.Length ? ", as at a wrong rate" : "";
        return new FramingGuess("", 0, $"{Counted(bytes.Length, "byte")} without a known form{hint}");
    }

    /// <summary>"1 line", "2 lines".</summary>
    public static string Counted(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
