// The timestamps that recordings are written with:
//   2013-12-02 21:15:00    2013-12-02T21:15:00.250+01:00    2013/12/02 21:15    2013-12-02
//   1386018900    1386018900.25    1386018900250

using System.Buffers.Text;
using System.Globalization;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads a recording's timestamps as nanoseconds since 1970 UTC. A time without zone is taken as UTC.</summary>
internal static class RecordingTime
{
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Reads calendar text or a Unix time.</summary>
    /// <param name="text">ASCII text without quotes and blanks around it.</param>
    /// <param name="unixNs">Nanoseconds since 1970 UTC.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out long unixNs) =>
        TryParseCalendar(text, out unixNs) || TryParseUnix(text, out unixNs);

    /// <summary>Reads ISO 8601 in the forms above; seconds, fraction and zone may be missing.</summary>
    public static bool TryParseCalendar(ReadOnlySpan<byte> text, out long unixNs)
    {
        unixNs = 0;
        bool isDate = text.Length >= 10 && text[4] is (byte)'-' or (byte)'/' && text[7] == text[4];
        if (!isDate || !TryDigits(text[..4], out int year) || !TryDigits(text[5..7], out int month)
            || !TryDigits(text[8..10], out int day)
            || year is < 1678 or > 2261 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        long dayNs = (new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks * 100;
        text = text[10..];
        if (text.Length == 0)
        {
            unixNs = dayNs;
            return true;
        }

        if (text[0] is not ((byte)' ' or (byte)'T' or (byte)'t') || !TryTimeOfDay(text[1..], out long timeNs, out int used)
            || !TryZone(text[(1 + used)..], out long zoneNs))
        {
            return false;
        }

        unixNs = dayNs + timeNs - zoneNs;
        return true;
    }

    /// <summary>Reads a Unix time: seconds, or milli-, micro- or nanoseconds where the number is too large for the coarser
    /// unit.</summary>
    public static bool TryParseUnix(ReadOnlySpan<byte> text, out long unixNs)
    {
        unixNs = 0;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
        {
            return false;
        }

        decimal size = Math.Abs(number);
        decimal ns = size switch
        {
            < 100_000_000_000m => number * NsPerSecond,   // until the year 5138
            < 100_000_000_000_000m => number * 1_000_000,
            < 100_000_000_000_000_000m => number * 1000,
            _ => number,
        };
        bool fits = Math.Abs(ns) < long.MaxValue;
        unixNs = fits ? (long)ns : 0;
        return fits;
    }

    // hh:mm, hh:mm:ss or hh:mm:ss.fff…
    private static bool TryTimeOfDay(ReadOnlySpan<byte> text, out long ns, out int used)
    {
        (ns, used) = (0, 5);
        if (text.Length < 5 || text[2] != ':' || !TryDigits(text[..2], out int hour) || !TryDigits(text[3..5], out int minute)
            || hour > 23 || minute > 59)
        {
            return false;
        }

        ns = ((hour * 60) + minute) * 60 * NsPerSecond;
        if (text.Length < 8 || text[5] != ':')
        {
            return true;
        }

        if (!TryDigits(text[6..8], out int second) || second > 60)
        {
            return false;
        }

        ns += second * NsPerSecond;
        used = 8;
        if (text.Length > 8 && text[8] is (byte)'.' or (byte)',')
        {
            used++;
            for (long unit = NsPerSecond / 10; used < text.Length && char.IsAsciiDigit((char)text[used]); used++, unit /= 10)
            {
                ns += (text[used] - '0') * unit;
            }
        }

        return true;
    }

    // Nothing, Z, +hh, +hhmm or +hh:mm, with a blank before it or not.
    private static bool TryZone(ReadOnlySpan<byte> text, out long ns)
    {
        ns = 0;
        text = text.TrimStart((byte)' ');
        if (text.Length == 0 || text is [(byte)'Z' or (byte)'z'])
        {
            return true;
        }

        int minutesAt = text.Length > 3 && text[3] == ':' ? 4 : 3;
        int minute = 0;
        if (text[0] is not ((byte)'+' or (byte)'-') || text.Length < 3 || !TryDigits(text[1..3], out int hour)
            || (text.Length > 3 && (text.Length != minutesAt + 2 || !TryDigits(text[minutesAt..], out minute))))
        {
            return false;
        }

        ns = ((hour * 60) + minute) * 60 * NsPerSecond * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value) =>
        Utf8Parser.TryParse(text, out value, out int used) && used == text.Length && char.IsAsciiDigit((char)text[0]);
}
