// Everything a stream without a model does with a row:  score → threshold → events → bands of all forecasts.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Benchmarks.Detector;

/// <summary>The chain of one stream, each channel foretold at each horizon, and a band learned by every row.</summary>
internal sealed class WholeStep
{
    private const double SecondsPerDay = 86_400;
    private const double FalseAlarmsPerDay = 0.1;
    private const double Floor = 1;

    private readonly StreamDetector _detector;
    private readonly PeaksOverThreshold _peaks;
    private readonly AlarmEvents _events;
    private readonly AdaptiveBands? _bands;
    private readonly int _horizons;
    private readonly int[] _horizonRows;    // [outputs]
    private readonly float[][] _made;       // ring of the forecasts made for later rows [outputs][horizon in rows]
    private readonly float[] _due;
    private readonly float[] _outputs;
    private readonly float[] _low;
    private readonly float[] _high;
    private readonly int[] _slots;          // where in its ring each output is [outputs]
    private int _inBucket;

    public WholeStep(DetectorSetup setup, DetectorSettings settings, bool withBands)
    {
        _detector = new StreamDetector(setup, settings);
        double scoresPerDay = SecondsPerDay / setup.RowPeriodSeconds;
        int quietRows = AlarmEvents.QuietRowsFor(scoresPerDay);
        _peaks = new PeaksOverThreshold(FalseAlarmsPerDay, scoresPerDay, Floor, quietRows);
        _events = new AlarmEvents(setup.ChannelCount, 1, quietRows);
        _horizons = settings.Horizons.Count;
        int outputs = setup.ChannelCount * _horizons;
        _horizonRows = [.. Enumerable.Range(0, outputs).Select(i => settings.Horizons[i % _horizons] * _detector.BucketRows)];
        _slots = new int[outputs];
        _made = [.. _horizonRows.Select(rows => new float[rows])];
        _bands = withBands ? new AdaptiveBands(Manifest(setup.ChannelCount)) : null;
        (_due, _outputs) = (new float[outputs], new float[outputs]);
        (_low, _high) = (new float[outputs], new float[outputs]);
    }

    /// <summary>Takes the next row.</summary>
    public void Step(float[] row, double unixSeconds)
    {
        DetectorStep step = _detector.Step(row, unixSeconds);
        _events.Update(step.Score, _peaks.Threshold, _peaks.ClearThreshold, _detector.Contributions, (long)(unixSeconds * 1e9));
        _peaks.Observe(step.Score);
        if (_bands is not null)
        {
            TakeForecasts();
            _bands.Step(row, _due, _outputs, unixSeconds, trusted: _detector.IsWarm, _low, _high);
        }
    }

    // Forecasts are new where a bucket ends and stand until the next one does.
    private void TakeForecasts()
    {
        _inBucket = _inBucket + 1 < _detector.BucketRows ? _inBucket + 1 : 0;
        for (int output = 0; output < _outputs.Length; output++)
        {
            if (_inBucket == 0)
            {
                _outputs[output] = (float)_detector.Forecast(output / _horizons, output % _horizons);
            }

            ref int slot = ref _slots[output];
            ref float made = ref _made[output][slot];
            slot = slot + 1 < _horizonRows[output] ? slot + 1 : 0;
            _due[output] = made;
            made = _outputs[output];
        }
    }

    private ModelManifest Manifest(int channels) => new(
        ModelManifest.CurrentFormatVersion, "linear-head", ModelTask.Forecast, 1000, 1,
        [.. Enumerable.Range(0, channels).Select(channel => new InputManifest($"c{channel}", "1", 0, 1))],
        [new LayerManifest("head", LayerKind.Dense, channels, _horizonRows.Length, Activation: Activation.Linear)],
        [.. _horizonRows.Select((rows, output) => new OutputManifest($"c{output / _horizons}", "1", rows, 0, 1))],
        new GoldenManifest(1e-5),
        new ProvenanceManifest("made for this benchmark", new string('0', 64), "EdgeLstm.Benchmarks", "1", "2026-11-21"));
}
