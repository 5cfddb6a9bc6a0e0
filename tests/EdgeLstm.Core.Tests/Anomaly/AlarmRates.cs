// The whole chain that raises alarms, counted:  rows → detector → score → threshold → events.

using EdgeLstm.Core.Anomaly;

namespace EdgeLstm.Core.Tests.Anomaly;

/// <summary>Runs the default detector once and counts the events at several rates asked for.</summary>
internal sealed class AlarmRates
{
    private const double Floor = 0.5;

    private readonly StreamDetector _detector;
    private readonly double _rowsPerDay;
    private readonly PeaksOverThreshold[] _thresholds;
    private readonly AlarmEvents[] _alarms;
    private long _rows;

    /// <param name="asked">Events a day, each counted on its own.</param>
    /// <param name="rowsPerDay">Above 0.</param>
    /// <param name="channels">Values of a row.</param>
    /// <param name="warmUpRows">Rows the detector scales itself by.</param>
    public AlarmRates(IReadOnlyList<double> asked, double rowsPerDay, int channels = 1, int warmUpRows = 600)
    {
        Asked = asked;
        Events = new int[asked.Count];
        _rowsPerDay = rowsPerDay;
        _detector = new StreamDetector(
            new DetectorSetup(channels, warmUpRows, 1), DetectorSettings.Default);
        _thresholds = [.. asked.Select(rate => new PeaksOverThreshold(rate, rowsPerDay, Floor))];
        _alarms = [.. asked.Select(_ => new AlarmEvents(channels, 1, AlarmEvents.QuietRowsFor(rowsPerDay)))];
    }

    /// <summary>Events a day that were asked for.</summary>
    public IReadOnlyList<double> Asked { get; }

    /// <summary>Events raised, of each rate asked for.</summary>
    public int[] Events { get; }

    /// <summary>Days with a score.</summary>
    public double Days => _rows / _rowsPerDay;

    /// <summary>Achieved over asked.</summary>
    public double Ratio(int i) => Events[i] / (Asked[i] * Days);

    /// <summary>Takes the next row.</summary>
    public void Step(ReadOnlySpan<float> values)
    {
        double score = _detector.Step(values).Score;
        if (double.IsNaN(score))
        {
            return;
        }

        _rows++;
        for (int i = 0; i < _alarms.Length; i++)
        {
            PeaksOverThreshold threshold = _thresholds[i];
            AlarmChange change = _alarms[i].Update(
                score, threshold.Threshold, threshold.ClearThreshold, _detector.Contributions, _rows);
            Events[i] += change == AlarmChange.Raised ? 1 : 0;
            threshold.Observe(score);
        }
    }

    /// <summary>A line of a table.</summary>
    public override string ToString() => string.Join("  ", Asked.Select((rate, i) =>
        FormattableString.Invariant($"asked {rate,4}/day: {Events[i],4} events, ratio {Ratio(i):F2}")));
}
