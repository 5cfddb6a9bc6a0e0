// What a recording looks like, guessed from its first two lines: separator, header, timestamp column.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>The shape of a recording.</summary>
/// <param name="Separator">Byte between fields.</param>
/// <param name="HasHeader">The first line holds names.</param>
/// <param name="HasTimestamps">The first column says when each record was taken.</param>
internal readonly record struct RecordingFormat(byte Separator, bool HasHeader, bool HasTimestamps)
{
    // A bare number in the first column is taken for a time only where it lies between 2001 and 2286 in seconds or milliseconds.
    private const long EarliestNs = 1_000_000_000L * 1_000_000_000;

    /// <summary>Guesses the format.</summary>
    /// <param name="first">The first line that is not blank.</param>
    /// <param name="second">The line after it; empty when there is none.</param>
    public static RecordingFormat Guess(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        byte separator = GuessSeparator(first);
        bool hasHeader = IsHeader(first, separator);
        ReadOnlySpan<byte> record = hasHeader ? second : first;
        ReadOnlySpan<byte> field = FirstField(record, separator);
        bool isNamed = hasHeader && IsTimeName(FirstField(first, separator));
        bool isTime = isNamed || RecordingTime.TryParseCalendar(field, out _)
            || (HasMore(record, separator) && IsUnixTime(field));
        return new RecordingFormat(separator, hasHeader, isTime && HasMore(first, separator));
    }

    /// <summary>The first field of a line, without blanks and quotes around it.</summary>
    public static ReadOnlySpan<byte> FirstField(ReadOnlySpan<byte> line, byte separator)
    {
        int length = line.IndexOf(separator);
        return ChannelNumber.Trim(length < 0 ? line : line[..length]);
    }

    private static bool HasMore(ReadOnlySpan<byte> line, byte separator) => line.Contains(separator);

    private static byte GuessSeparator(ReadOnlySpan<byte> line)
    {
        byte best = (byte)',';
        int most = 0;
        foreach (byte candidate in ";\t,"u8)   // a ';' or tab wins a tie: commas may then be decimal points
        {
            int count = line.Count(candidate);
            if (count > most)
            {
                (best, most) = (candidate, count);
            }
        }

        return best;
    }

    // No field is a number or a time, and none looks like JSON or a plotter's label:value.
    private static bool IsHeader(ReadOnlySpan<byte> line, byte separator)
    {
        if (line.ContainsAny("{}[]:"u8))
        {
            return false;
        }

        while (true)
        {
            int length = line.IndexOf(separator);
            ReadOnlySpan<byte> field = ChannelNumber.Trim(length < 0 ? line : line[..length]);
            if (field.Length > 0 && (ChannelNumber.TryParse(field, out _) || RecordingTime.TryParseCalendar(field, out _)))
            {
                return false;
            }

            if (length < 0)
            {
                return true;
            }

            line = line[(length + 1)..];
        }
    }

    private static bool IsTimeName(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "timestamp"u8) || Ascii.EqualsIgnoreCase(name, "time"u8)
        || Ascii.EqualsIgnoreCase(name, "datetime"u8) || Ascii.EqualsIgnoreCase(name, "date"u8);

    private static bool IsUnixTime(ReadOnlySpan<byte> field) =>
        RecordingTime.TryParseUnix(field, out long ns) && ns >= EarliestNs;
}
