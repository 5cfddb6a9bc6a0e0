// Forecasts of bucket means that learn with every bucket:  linear in the latest buckets of the channel.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>One channel's forecasts at several horizons, by recursive least squares on its last buckets.</summary>
/// <remarks>
/// It needs no training and adapts to drift; on the recordings it was held against it does as well as recurrent networks that
/// were trained on the warm-up (models/README.md). All in squashed units.
/// </remarks>
public sealed class OnlineForecast
{
    private readonly RecursiveLeastSquares _heads;
    private readonly double[] _inputs;
    private readonly int _horizons;

    /// <param name="settings">Lags, horizons, forgetting, ridge.</param>
    public OnlineForecast(DetectorSettings settings)
    {
        _horizons = settings.Horizons.Count;
        int[] delays = new int[_horizons];
        for (int k = 0; k < delays.Length; k++)
        {
            delays[k] = settings.Horizons[k] - 1;   // as the newest inputs are those of the bucket before
        }

        _inputs = new double[(settings.Lags * BucketFeatures.Count) + 1];
        _inputs[^1] = 1;
        _heads = new RecursiveLeastSquares(_inputs.Length, settings.Forgetting, settings.Regularisation, delays);
    }

    /// <summary>Takes a bucket: what it differs by from the forecasts for it, then it is learned from.</summary>
    /// <param name="features">Mean, greatest, least [3]; NaN where all of it was missing: nothing is learned.</param>
    /// <param name="residuals">Receives mean − forecast, NaN where there was none [horizons].</param>
    public void Step(ReadOnlySpan<double> features, Span<double> residuals)
    {
        for (int k = 0; k < _horizons; k++)
        {
            residuals[k] = _heads.Learn(k, features[0]);
        }

        Span<double> lags = _inputs.AsSpan(0, _inputs.Length - 1);
        lags[..^BucketFeatures.Count].CopyTo(lags[BucketFeatures.Count..]);
        for (int i = 0; i < BucketFeatures.Count; i++)
        {
            // What is missing is as the bucket before it.
            lags[i] = double.IsFinite(features[i]) ? features[i] : lags[i + BucketFeatures.Count];
        }

        _heads.Advance(_inputs);
    }

    /// <summary>The forecast at the k-th horizon from the latest bucket.</summary>
    public double Forecast(int k) => _heads.Predict(k);

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        _heads.Save(writer);
        foreach (double input in _inputs)
        {
            writer.Write(input);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        _heads.Restore(ref reader);
        foreach (ref double input in _inputs.AsSpan())
        {
            input = reader.ReadDouble();
        }
    }
}
