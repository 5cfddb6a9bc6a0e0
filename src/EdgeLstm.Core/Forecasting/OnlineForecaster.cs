// A stream without a model:  its detector's linear heads forecast bucket means, held from one bucket's end to the next.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Forecasts and scores of a <see cref="StreamDetector"/>, which learns from the stream itself.</summary>
/// <remarks>
/// The forecast at a horizon of k buckets is the mean of the bucket that ends so far ahead of the last bucket's end. Between ends
/// it is held, so that it is up to a bucket old; the bands are learned from what it was off by, age included. A gap forgets the
/// forecasts made and what the latest buckets were, not what was learned.
/// </remarks>
public sealed class OnlineForecaster : IStreamForecaster
{
    private readonly StreamDetector _detector;
    private readonly MadeForecasts _made;
    private readonly TrustedSteps _trustedSteps;
    private readonly int[] _outputOfChannel;
    private readonly float[] _last;
    private readonly int _horizons;
    private readonly int _settlingSamples;
    private long _settling;

    /// <param name="manifest">What <see cref="OnlineManifest"/> made for the stream.</param>
    /// <param name="settings">How to look at it; the same that the manifest was made with.</param>
    public OnlineForecaster(ModelManifest manifest, DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        DetectorSetup setup = new(manifest.Inputs.Count, manifest.WarmUpSamples, Seed: 0);
        _detector = new StreamDetector(setup, settings);
        _horizons = settings.Horizons.Count;
        ArgumentOutOfRangeException.ThrowIfNotEqual(manifest.Outputs.Count, setup.ChannelCount * _horizons, nameof(manifest));
        _made = new MadeForecasts(manifest);
        _trustedSteps = new TrustedSteps(manifest);
        _outputOfChannel = manifest.Inputs.ToArray(input => MadeForecasts.NearestOutput(manifest, input.Name));
        _settlingSamples = settings.Lags * _detector.BucketRows;
        _last = new float[setup.ChannelCount];
        _last.AsSpan().Fill(float.NaN);
    }

    /// <inheritdoc/>
    public int ChannelCount => _last.Length;

    /// <inheritdoc/>
    public int OutputCount => _last.Length * _horizons;

    /// <inheritdoc/>
    public ReadOnlySpan<int> OutputOfChannel => _outputOfChannel;

    /// <inheritdoc/>
    public bool IsWarm => _detector.IsWarm && _settling == 0;

    /// <inheritdoc/>
    public long NonFinite => 0;

    /// <inheritdoc/>
    public ReadOnlySpan<double> Contributions => _detector.Contributions;

    /// <summary>None: its own linear head learns from every sample.</summary>
    public AdaptiveHead? Head => null;

    /// <inheritdoc/>
    public float Expected(int channel)
    {
        float forecast = _made.Due(_outputOfChannel[channel]);
        return float.IsFinite(forecast) ? forecast : _last[channel];
    }

    /// <inheritdoc/>
    public double Step(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> filled,
        Span<float> outputs,
        Span<float> due,
        Span<float> trusted)
    {
        double score = _detector.Step(values).Score;
        bool isMeasured = IsMeasured(values);
        for (int output = 0; output < outputs.Length; output++)
        {
            outputs[output] = (float)_detector.Forecast(output / _horizons, output % _horizons);
        }

        filled.CopyTo(_last);
        _made.Exchange(outputs, due);
        _trustedSteps.Pass(due, trusted);
        bool isScored = IsWarm && isMeasured;
        _settling = Math.Max(0, _settling - 1);
        _trustedSteps.Add(IsWarm && isMeasured);
        return isScored ? score : double.NaN;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _made.Reset();
        _trustedSteps.Reset();
        _last.AsSpan().Fill(float.NaN);
        _settling = _detector.IsWarm ? _settlingSamples : 0;
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        _detector.Save(writer);
        _made.Save(writer);
        _trustedSteps.Save(writer);
        writer.Write(_last);
        writer.Write(_settling);
    }

    /// <inheritdoc/>
    public void Restore(ref StateReader reader)
    {
        _detector.Restore(ref reader);
        _made.Restore(ref reader);
        _trustedSteps.Restore(ref reader);
        reader.Read(_last);
        _settling = Math.Clamp(reader.ReadInt64(), 0, _settlingSamples);
    }

    /// <summary>True where a sample has any value of its own.</summary>
    internal static bool IsMeasured(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                return true;
            }
        }

        return false;
    }
}
