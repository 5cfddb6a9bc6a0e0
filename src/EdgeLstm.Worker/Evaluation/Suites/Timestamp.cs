// Unix seconds as the calendar text of NAB's files:  2014-04-10 07:15:00, with a fraction only where there is one.

using System.Globalization;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Writes times as recordings do.</summary>
internal static class Timestamp
{
    /// <summary>The UTC calendar text of a time, to the microsecond.</summary>
    public static string Text(double unixSeconds)
    {
        long microseconds = (long)Math.Round(unixSeconds * 1e6);
        DateTime time = DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        string format = microseconds % 1_000_000 == 0 ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm:ss.FFFFFF";
        return time.ToString(format, CultureInfo.InvariantCulture);
    }
}
