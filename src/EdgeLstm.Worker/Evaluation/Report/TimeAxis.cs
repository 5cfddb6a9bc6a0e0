// Rows of a file on a plot's horizontal axis:  column = round((t − t₀) / (t₁ − t₀) · (Columns − 1)), and ticks at round times.

using System.Globalization;

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>A tick of an axis of time.</summary>
/// <param name="Column">Where it stands, 0 to <see cref="TimeAxis.Columns"/> − 1.</param>
/// <param name="Label">Time of day, date, or row number.</param>
/// <param name="Day">The date below a time of day where it is another one than that of the tick before; else empty.</param>
internal readonly record struct TimeTick(int Column, string Label, string Day);

/// <summary>Places rows by the time they were measured at.</summary>
/// <remarks>
/// Times are UTC, as the suites read them. A time that steps back is drawn where the latest one before it was. Where the times
/// are so uneven that most rows would share a few columns (one wrong date will do), or cannot be dates, rows are placed by number
/// and the ticks say so.
/// </remarks>
internal sealed class TimeAxis
{
    /// <summary>Columns of every plot: what a wide screen shows, and the limit of what is drawn of a long file.</summary>
    public const int Columns = 1000;

    private const int WantedTicks = 8;
    private const double SecondsPerDay = 86_400;

    // Neighbouring rows further apart than this many periods are not joined by a line.
    private const double GapPeriods = 4;

    private static readonly double[] StepsSeconds =
    [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 3 * 3600, 6 * 3600, 12 * 3600,
        SecondsPerDay, 2 * SecondsPerDay, 7 * SecondsPerDay, 14 * SecondsPerDay,
    ];

    private readonly double[] _unixSeconds;
    private readonly double _rowPeriodSeconds;
    private readonly int[] _columns;

    /// <param name="unixSeconds">When each row was measured [rows].</param>
    /// <param name="rowPeriodSeconds">The usual time between two rows.</param>
    public TimeAxis(double[] unixSeconds, double rowPeriodSeconds)
    {
        _unixSeconds = unixSeconds;
        _rowPeriodSeconds = rowPeriodSeconds;
        _columns = new int[unixSeconds.Length];
        IsByRow = !TryPlaceByTime();
        if (IsByRow)
        {
            PlaceByRow();
        }
    }

    /// <summary>Whether rows are placed by their number because their times do not serve.</summary>
    public bool IsByRow { get; }

    /// <summary>Time of the left edge in Unix seconds, or the first row's number.</summary>
    public double First => IsByRow || RowCount == 0 ? 0 : _unixSeconds[0];

    /// <summary>Time of the right edge in Unix seconds, or the last row's number.</summary>
    public double Last => IsByRow || RowCount == 0 ? Math.Max(RowCount - 1, 0) : LatestSeconds();

    /// <summary>Rows of the file.</summary>
    public int RowCount => _columns.Length;

    /// <summary>Where a row stands, 0 to <see cref="Columns"/> − 1; never less than the row before it.</summary>
    public int ColumnOf(int row) => _columns[row];

    /// <summary>Whether so much time lies before a row that no line should cross it.</summary>
    public bool IsAfterGap(int row) =>
        !IsByRow && row > 0 && _unixSeconds[row] - _unixSeconds[row - 1] > GapPeriods * _rowPeriodSeconds;

    /// <summary>Ticks at round times, some eight of them, in order.</summary>
    public List<TimeTick> Ticks()
    {
        List<TimeTick> ticks = [];
        if (IsByRow)
        {
            AddRows(ticks);
        }
        else if (StepSeconds() is double step)
        {
            AddTimes(ticks, step);
        }
        else
        {
            AddMonths(ticks);
        }

        return ticks;
    }

    private bool TryPlaceByTime()
    {
        double first = RowCount > 0 ? _unixSeconds[0] : 0;
        double span = RowCount > 0 ? LatestSeconds() - first : 0;
        // The second test is also false for what is not a number.
        if (!(span > 0) || !(first >= DateTimeOffset.MinValue.ToUnixTimeSeconds() &&
            first + span < DateTimeOffset.MaxValue.ToUnixTimeSeconds()))
        {
            return false;
        }

        int filled = 0;
        double latest = first;
        for (int row = 0; row < RowCount; row++)
        {
            latest = Math.Max(latest, _unixSeconds[row]);
            _columns[row] = (int)Math.Round((latest - first) / span * (Columns - 1));
            filled += row == 0 || _columns[row] > _columns[row - 1] ? 1 : 0;
        }

        return filled >= Math.Min(RowCount, Columns) / 5;
    }

    private void PlaceByRow()
    {
        double rows = Math.Max(RowCount - 1, 1);
        for (int row = 0; row < RowCount; row++)
        {
            _columns[row] = (int)Math.Round(row / rows * (Columns - 1));
        }
    }

    /// <summary>The latest time of all rows; NaN where one is NaN.</summary>
    private double LatestSeconds()
    {
        double latest = double.NegativeInfinity;
        foreach (double seconds in _unixSeconds)
        {
            latest = Math.Max(latest, seconds);
        }

        return latest;
    }

    /// <summary>The time between ticks; null where it takes months.</summary>
    private double? StepSeconds()
    {
        double wanted = (Last - First) / WantedTicks;
        if (wanted < 1)
        {
            // A millisecond is the finest that a label can say.
            return Math.Max(NumberSteps.AtLeast(wanted), 0.001);
        }

        int step = Array.FindIndex(StepsSeconds, seconds => seconds >= wanted);
        return step < 0 ? null : StepsSeconds[step];
    }

    private void AddTimes(List<TimeTick> ticks, double step)
    {
        string format = step < 1 ? "HH:mm:ss.fff" : step < 60 ? "HH:mm:ss" : "HH:mm";
        string lastDay = "";
        double firstTick = Math.Ceiling(First / step);
        for (int k = 0; (firstTick + k) * step <= Last; k++)
        {
            double seconds = (firstTick + k) * step;
            string day = DateText(seconds, "yyyy-MM-dd");
            ticks.Add(step >= SecondsPerDay
                ? new TimeTick(ColumnAt(seconds), day, "")
                : new TimeTick(ColumnAt(seconds), DateText(seconds, format), day == lastDay ? "" : day));
            lastDay = day;
        }
    }

    private void AddMonths(List<TimeTick> ticks)
    {
        DateTime first = DateOf(First);
        int months = Math.Max(1, (int)Math.Ceiling((Last - First) / (30.4 * SecondsPerDay) / WantedTicks));
        DateTime tick = new(first.Year, first.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        for (double seconds = double.NegativeInfinity; seconds <= Last; tick = tick.AddMonths(months))
        {
            seconds = (tick - DateTime.UnixEpoch).TotalSeconds;
            if (seconds >= First && seconds <= Last)
            {
                ticks.Add(new TimeTick(ColumnAt(seconds), DateText(seconds, "yyyy-MM-dd"), ""));
            }

            if (tick.Year >= 9000)
            {
                return;
            }
        }
    }

    private void AddRows(List<TimeTick> ticks)
    {
        int step = (int)Math.Max(NumberSteps.AtLeast(Last / WantedTicks), 1);
        for (int row = 0; row < RowCount; row += step)
        {
            ticks.Add(new TimeTick(_columns[row], string.Create(CultureInfo.InvariantCulture, $"row {row}"), ""));
        }
    }

    private int ColumnAt(double seconds) => (int)Math.Round((seconds - First) / (Last - First) * (Columns - 1));

    private static DateTime DateOf(double seconds) => DateTime.UnixEpoch.AddMilliseconds(Math.Round(seconds * 1000));

    /// <summary>A time as text, in UTC.</summary>
    public static string DateText(double unixSeconds, string format) =>
        DateOf(unixSeconds).ToString(format, CultureInfo.InvariantCulture);
}
