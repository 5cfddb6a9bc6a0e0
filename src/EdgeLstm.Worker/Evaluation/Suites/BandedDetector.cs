// The default detector with what it expects of the next row, for the plots: its forecast of the bucket, and a conformal band.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Scores as the detector inside does; the band is of its first channel.</summary>
internal sealed class BandedDetector(StreamDetector detector) : IStreamDetector
{
    private readonly ConformalBand _band = new(horizon: 1);

    /// <summary>What is expected of the row after the last one; NaN during warm-up.</summary>
    public RowForecast Next { get; private set; } = new(float.NaN, float.NaN, float.NaN);

    /// <inheritdoc/>
    public DetectorStep Step(ReadOnlySpan<float> values)
    {
        _band.Observe(values[0] - Next.Value);
        DetectorStep step = detector.Step(values);
        double forecast = detector.Forecast(0, 0);
        Next = new RowForecast((float)forecast, (float)(forecast + _band.Low), (float)(forecast + _band.High));
        return step;
    }
}
