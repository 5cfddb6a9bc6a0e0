// Everything a stream without a model does with a row:  forecasts and score → threshold → events → bands of all forecasts.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Benchmarks.Detector;

/// <summary>The chain of one stream, each channel foretold at each horizon, and a band learned by every row.</summary>
internal sealed class WholeStep
{
    private const double SecondsPerDay = 86_400;
    private const double FalseAlarmsPerDay = 0.1;
    private const double Floor = 1;

    private readonly OnlineForecaster _forecaster;
    private readonly PeaksOverThreshold _peaks;
    private readonly AlarmEvents _events;
    private readonly AdaptiveBands? _bands;
    private readonly float[] _due;
    private readonly float[] _trusted;
    private readonly float[] _outputs;
    private readonly float[] _low;
    private readonly float[] _high;

    public WholeStep(DetectorSetup setup, DetectorSettings settings, bool withBands)
    {
        InputManifest[] channels =
            [.. Enumerable.Range(0, setup.ChannelCount).Select(i => new InputManifest($"c{i}", "1", 0, 1))];
        ModelManifest manifest = OnlineManifest.Create(channels, TimedSteps.RowPeriodSeconds * 1000, setup.WarmUpRows, settings);
        _forecaster = new OnlineForecaster(manifest, settings);
        double scoresPerDay = SecondsPerDay / TimedSteps.RowPeriodSeconds;
        int quietRows = AlarmEvents.QuietRowsFor(scoresPerDay);
        _peaks = new PeaksOverThreshold(FalseAlarmsPerDay, scoresPerDay, Floor, quietRows);
        _events = new AlarmEvents(setup.ChannelCount, 1, quietRows);
        _bands = withBands ? new AdaptiveBands(manifest) : null;
        int outputs = manifest.Outputs.Count;
        (_due, _trusted, _outputs) = (new float[outputs], new float[outputs], new float[outputs]);
        (_low, _high) = (new float[outputs], new float[outputs]);
    }

    /// <summary>Takes the next row.</summary>
    public void Step(float[] row, double unixSeconds)
    {
        double score = _forecaster.Step(row, row, _outputs, _due, _trusted);
        _events.Update(score, _peaks.Threshold, _peaks.ClearThreshold, _forecaster.Contributions, (long)(unixSeconds * 1e9));
        _peaks.Observe(score);
        _bands?.Step(row, _trusted, _outputs, unixSeconds, _low, _high);
    }
}
