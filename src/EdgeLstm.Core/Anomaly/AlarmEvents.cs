// Scores become events:  quiet → raised when the score reached the threshold and then held for the minimum duration;  raised →
// quiet after it stayed below the clearing threshold for the quiet time.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Alarms with an onset, a peak and an end: two changes an event, never one a row.</summary>
/// <remarks>
/// An event begins with a row at or above the threshold and lasts while rows stay at or above the clearing threshold. Pauses
/// shorter than the quiet time belong to it, so that crossings close to each other are one event. The quiet time grows with the
/// event, to an eighth of how long it has lasted and at most <see cref="LongestQuiet"/> times what was given: the end of a long
/// anomaly, and a change of regime while it is being learned, do not chatter. It remembers one event, the current or the last
/// one. Allocates nothing after construction.
/// </remarks>
public sealed class AlarmEvents
{
    /// <summary>The part of the threshold below which a row is quiet, where no clearing threshold is given.</summary>
    public const double Hysteresis = 0.8;

    /// <summary>The fewest rows that <see cref="QuietRowsFor"/> gives.</summary>
    public const int FewestQuietRows = 5;

    /// <summary>How many times the given quiet time a long event takes to end, at most.</summary>
    public const int LongestQuiet = 20;

    private const double MinutesPerDay = 24 * 60;
    private const int RowsPerQuietRow = 8;
    private const int MostQuietRows = int.MaxValue / (LongestQuiet * RowsPerQuietRow * 2);

    private readonly double[] _contributions;
    private readonly int _minimumRows;
    private readonly int _quietRows;
    private int _rows;    // since the onset, with it; 0 while nothing is going on
    private int _quiet;   // the last of them that were quiet

    /// <param name="channelCount">Contributions of a row; 0 or more.</param>
    /// <param name="minimumRows">Rows an event must last to be raised, none of them quiet; 1 or more.</param>
    /// <param name="quietRows">Quiet rows in a row that end an event, 1 to 6 million; events closer than this are one.</param>
    public AlarmEvents(int channelCount, int minimumRows, int quietRows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(channelCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(quietRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quietRows, MostQuietRows);
        _contributions = new double[channelCount];
        _minimumRows = minimumRows;
        _quietRows = quietRows;
    }

    /// <summary>True between raised and cleared.</summary>
    public bool IsRaised { get; private set; }

    /// <summary>When the event began: its first row at or above the threshold, also where it was raised later.</summary>
    public long OnsetNs { get; private set; }

    /// <summary>When its score was highest, so far.</summary>
    public long PeakNs { get; private set; }

    /// <summary>Its highest score, so far.</summary>
    public double PeakScore { get; private set; }

    /// <summary>The last of its rows that was not quiet, so far: when it ended, not when that was certain.</summary>
    public long EndNs { get; private set; }

    /// <summary>What each channel contributed to the score at the peak [channels].</summary>
    public ReadOnlySpan<double> Contributions => _contributions;

    /// <summary>A minute's rows, at least <see cref="FewestQuietRows"/>: the quiet time where nobody chose one.</summary>
    /// <param name="scoresPerDay">Rows of a day; above 0.</param>
    public static int QuietRowsFor(double scoresPerDay) =>
        (int)Math.Clamp(Math.Round(scoresPerDay / MinutesPerDay), FewestQuietRows, MostQuietRows);

    /// <summary>Takes the next row; quiet is below <see cref="Hysteresis"/> times the threshold.</summary>
    /// <inheritdoc cref="Update(double, double, double, ReadOnlySpan{double}, long)"/>
    public AlarmChange Update(double score, double threshold, ReadOnlySpan<double> contributions, long timeNs) =>
        Update(score, threshold, Hysteresis * threshold, contributions, timeNs);

    /// <summary>Takes the next row. One whose score is not finite, or whose thresholds are NaN, changes nothing.</summary>
    /// <param name="score">The row's score.</param>
    /// <param name="threshold">The score that begins an event; +∞ where none can be stated yet.</param>
    /// <param name="clearThreshold">The score below which a row is quiet; at most <paramref name="threshold"/>.</param>
    /// <param name="contributions">What each channel contributed to this score [channels].</param>
    /// <param name="timeNs">When the row was measured.</param>
    public AlarmChange Update(
        double score, double threshold, double clearThreshold, ReadOnlySpan<double> contributions, long timeNs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(contributions.Length, _contributions.Length);
        bool isNothing = !double.IsFinite(score) || double.IsNaN(threshold) || double.IsNaN(clearThreshold);
        if (isNothing || (_rows == 0 && score < threshold))
        {
            return AlarmChange.None;
        }

        _rows = Math.Min(_rows + 1, int.MaxValue - 1);   // an event may last for ever
        return score < clearThreshold ? BeQuiet() : BeLoud(score, contributions, timeNs);
    }

    /// <summary>The clock that rows are timed by was set: the times remembered follow it, so that they fit those to
    /// come.</summary>
    /// <param name="stepNs">How far, in nanoseconds.</param>
    public void Shift(long stepNs)
    {
        OnsetNs += stepNs;
        PeakNs += stepNs;
        EndNs += stepNs;
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(IsRaised ? 1L : 0L);
        writer.Write((long)_rows);
        writer.Write((long)_quiet);
        writer.Write(OnsetNs);
        writer.Write(PeakNs);
        writer.Write(EndNs);
        writer.Write(PeakScore);
        writer.Write((long)_contributions.Length);
        foreach (double contribution in _contributions)
        {
            writer.Write(contribution);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote; throws <see cref="FormatException"/> where it has other channels or
    /// counts that cannot be.</summary>
    public void Restore(ref StateReader reader)
    {
        IsRaised = reader.ReadInt64() != 0;
        _rows = ReadCount(ref reader);
        _quiet = ReadCount(ref reader);
        OnsetNs = reader.ReadInt64();
        PeakNs = reader.ReadInt64();
        EndNs = reader.ReadInt64();
        PeakScore = reader.ReadDouble();
        long channels = reader.ReadInt64();
        if (channels != _contributions.Length)
        {
            throw new FormatException($"the saved alarm has {channels} channels; expected {_contributions.Length}");
        }

        foreach (ref double contribution in _contributions.AsSpan())
        {
            contribution = reader.ReadDouble();
        }
    }

    private AlarmChange BeLoud(double score, ReadOnlySpan<double> contributions, long timeNs)
    {
        if (_rows == 1)
        {
            OnsetNs = timeNs;
        }

        if (_rows == 1 || score > PeakScore)
        {
            (PeakScore, PeakNs) = (score, timeNs);
            contributions.CopyTo(_contributions);
        }

        EndNs = timeNs;
        _quiet = 0;
        if (IsRaised || _rows < _minimumRows)
        {
            return AlarmChange.None;
        }

        IsRaised = true;
        return AlarmChange.Raised;
    }

    private AlarmChange BeQuiet()
    {
        _quiet++;
        int needed = Math.Clamp((_rows - _quiet) / RowsPerQuietRow, _quietRows, LongestQuiet * _quietRows);
        if (IsRaised && _quiet < needed)
        {
            return AlarmChange.None;
        }

        AlarmChange change = IsRaised ? AlarmChange.Cleared : AlarmChange.None;
        (IsRaised, _rows, _quiet) = (false, 0, 0);
        return change;
    }

    private static int ReadCount(ref StateReader reader)
    {
        long count = reader.ReadInt64();
        return count is >= 0 and < int.MaxValue ? (int)count
            : throw new FormatException($"the saved alarm counts {count} rows; expected 0 to {int.MaxValue - 1}");
    }
}
