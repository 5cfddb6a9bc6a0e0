// Forecasts of bucket means that learn with every bucket:  one linear head per horizon, on inputs that a kind of memory gives.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>One channel's forecasts at several horizons, by recursive least squares. All in squashed units.</summary>
public abstract class OnlineForecast
{
    private readonly RecursiveLeastSquares _heads;
    private readonly double[] _inputs;
    private readonly int _horizons;

    /// <param name="settings">Horizons, forgetting, ridge.</param>
    /// <param name="inputs">How many inputs the memory gives.</param>
    private protected OnlineForecast(DetectorSettings settings, int inputs)
    {
        _horizons = settings.Horizons.Count;
        int[] delays = new int[_horizons];
        for (int k = 0; k < delays.Length; k++)
        {
            delays[k] = settings.Horizons[k] - 1;   // as the newest inputs are those of the bucket before
        }

        _inputs = new double[inputs + 1];
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

        Remember(features, _inputs.AsSpan(0, _inputs.Length - 1));
        _heads.Advance(_inputs);
    }

    /// <summary>The forecast at the k-th horizon from the latest bucket.</summary>
    public double Forecast(int k) => _heads.Predict(k);

    /// <summary>Appends the state.</summary>
    public virtual void Save(StateWriter writer)
    {
        _heads.Save(writer);
        foreach (double input in _inputs)
        {
            writer.Write(input);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public virtual void Restore(ref StateReader reader)
    {
        _heads.Restore(ref reader);
        foreach (ref double input in _inputs.AsSpan())
        {
            input = reader.ReadDouble();
        }
    }

    /// <summary>Takes a bucket into the memory and writes what the heads see of it.</summary>
    /// <param name="features">Mean, greatest, least [3]; NaN where all of it was missing.</param>
    /// <param name="inputs">The inputs before it; receives those with it.</param>
    private protected abstract void Remember(ReadOnlySpan<double> features, Span<double> inputs);
}

/// <summary>Sees the latest buckets as they are.</summary>
/// <remarks>It needs no training and adapts to drift; it ships as the default.</remarks>
/// <param name="settings">Lags, horizons, forgetting, ridge.</param>
public sealed class LaggedForecast(DetectorSettings settings)
    : OnlineForecast(settings, settings.Lags * BucketFeatures.Count)
{
    private protected override void Remember(ReadOnlySpan<double> features, Span<double> inputs)
    {
        inputs[..^BucketFeatures.Count].CopyTo(inputs[BucketFeatures.Count..]);
        for (int i = 0; i < BucketFeatures.Count; i++)
        {
            // What is missing is as the bucket before it.
            inputs[i] = double.IsFinite(features[i]) ? features[i] : inputs[i + BucketFeatures.Count];
        }
    }
}
