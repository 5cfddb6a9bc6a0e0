// The default detector:  rows → squashed → buckets → forecasts and residuals → z → likelihood;  the maximum with novelty is the
// score.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Scores a stream that nobody has trained a model for. Causal; allocates nothing after construction.</summary>
/// <remarks>
/// <para>
/// The first <see cref="DetectorSetup.WarmUpRows"/> rows set the scale and are then gone through, so that the first score is made
/// by forecasts that have learned from all of them. These rows are kept until then: WarmUpRows · channels floats.
/// </para>
/// <para>
/// Per bucket and channel the residuals at each horizon become z-scores against their recent size. Of several channels the vector
/// of z-scores is whitened: what channels usually do together is no news. The likelihood of these, averaged over horizons and
/// windows, is the score; a value outside everything seen so far is one of its own, at its very row.
/// </para>
/// </remarks>
public sealed class StreamDetector : IStreamDetector
{
    private readonly int _channels;
    private readonly int _bucketRows;
    private readonly float[] _warmUp;
    private readonly Channel[] _each;
    private readonly HorizonScore[] _horizons;
    private readonly RangeNovelty? _novelty;
    private readonly NewsFilter _news;
    private readonly double[] _features = new double[BucketFeatures.Count];
    private readonly double[] _residuals;      // [channels, horizons]
    private readonly double[] _forecasts;      // [channels, horizons]
    private readonly double[] _atHorizon;
    private readonly double[] _contributions;
    private readonly double[] _ofLikelihood;   // contributions to it
    private int _gathered;
    private int _inBucket;
    private double _likelihood = double.NaN;

    /// <param name="setup">What is known of the stream.</param>
    /// <param name="settings">How to look at it.</param>
    public StreamDetector(DetectorSetup setup, DetectorSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(setup.ChannelCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(setup.WarmUpRows, 1);
        _channels = setup.ChannelCount;
        _bucketRows = settings.BucketRows(setup.WarmUpRows);
        _warmUp = new float[setup.WarmUpRows * _channels];
        _each = new Channel[_channels];
        for (int channel = 0; channel < _channels; channel++)
        {
            _each[channel] = new Channel(settings, setup.Seed + channel);
        }

        _novelty = settings.CreateNovelty(_channels);

        _horizons = new HorizonScore[settings.Horizons.Count];
        for (int k = 0; k < _horizons.Length; k++)
        {
            _horizons[k] = new HorizonScore(_channels, settings);
        }

        _news = new NewsFilter(settings.NewsBuckets * _bucketRows);
        _residuals = new double[_channels * _horizons.Length];
        _forecasts = new double[_residuals.Length];
        _atHorizon = new double[_channels];
        _contributions = new double[_channels];
        _ofLikelihood = new double[_channels];
    }

    /// <summary>True once there are scores.</summary>
    public bool IsWarm => _gathered == _warmUp.Length;

    /// <summary>The part of each channel in the latest score, together 1 [channels].</summary>
    public ReadOnlySpan<double> Contributions => _contributions;

    /// <summary>Rows of a bucket.</summary>
    public int BucketRows => _bucketRows;

    /// <summary>
    /// The mean of a channel's bucket so many horizons ahead as foretold at the last bucket's end, physical units; NaN before.
    /// </summary>
    /// <param name="channel">The channel.</param>
    /// <param name="k">Which of <see cref="DetectorSettings.Horizons"/>.</param>
    public double Forecast(int channel, int k) => IsWarm ? _forecasts[(channel * _horizons.Length) + k] : double.NaN;

    /// <inheritdoc/>
    public DetectorStep Step(ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, _channels);
        if (IsWarm)
        {
            double score = Take(values);
            return new DetectorStep(score, _news.Pass(score));
        }

        values.CopyTo(_warmUp.AsSpan(_gathered));
        _gathered += values.Length;
        if (IsWarm)
        {
            Begin();
        }

        return new DetectorStep(double.NaN, 0);
    }

    /// <summary>Appends the state; during warm-up the rows so far.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write((long)_gathered);
        writer.Write((long)_inBucket);
        writer.Write(_likelihood);
        foreach (double contribution in _ofLikelihood)
        {
            writer.Write(contribution);
        }

        writer.Write(IsWarm ? default(ReadOnlySpan<float>) : _warmUp.AsSpan(0, _gathered));
        foreach (Channel channel in _each)
        {
            channel.Save(writer);
        }

        _novelty?.Save(writer);
        foreach (HorizonScore horizon in _horizons)
        {
            horizon.Save(writer);
        }

        _news.Save(writer);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It is of other channels, another warm-up or other settings.</exception>
    public void Restore(ref StateReader reader)
    {
        long gathered = reader.ReadInt64();
        if (gathered < 0 || gathered > _warmUp.Length || gathered % _channels != 0)
        {
            throw new FormatException($"the saved detector has gathered {gathered} values; expected {_warmUp.Length} at most");
        }

        _gathered = (int)gathered;
        _inBucket = (int)Math.Clamp(reader.ReadInt64(), 0, _bucketRows - 1);
        _likelihood = reader.ReadDouble();
        foreach (ref double contribution in _ofLikelihood.AsSpan())
        {
            contribution = reader.ReadDouble();
        }

        reader.Read(_warmUp.AsSpan(0, IsWarm ? 0 : _gathered));
        foreach (Channel channel in _each)
        {
            channel.Restore(ref reader);
        }

        _novelty?.Restore(ref reader);
        foreach (HorizonScore horizon in _horizons)
        {
            horizon.Restore(ref reader);
        }

        _news.Restore(ref reader);
        Foretell();
    }

    private void Begin()
    {
        Span<double> column = new double[_warmUp.Length / _channels];
        for (int channel = 0; channel < _channels; channel++)
        {
            int count = 0;
            for (int i = channel; i < _warmUp.Length; i += _channels)
            {
                if (float.IsFinite(_warmUp[i]))
                {
                    column[count++] = _warmUp[i];
                }
            }

            _each[channel].Scaler.Fit(column[..count]);
        }

        for (int row = 0; row < _warmUp.Length; row += _channels)
        {
            Take(_warmUp.AsSpan(row, _channels));
        }
    }

    private double Take(ReadOnlySpan<float> values)
    {
        for (int channel = 0; channel < _channels; channel++)
        {
            _each[channel].Take(values[channel]);
        }

        double novelty = _novelty?.Score(values, _contributions) ?? 0;
        if (++_inBucket == _bucketRows)
        {
            _inBucket = 0;
            CloseBucket();
        }

        if (novelty > 0 && !(novelty <= _likelihood))
        {
            return novelty;
        }

        _ofLikelihood.CopyTo(_contributions, 0);
        return _likelihood;
    }

    private void CloseBucket()
    {
        for (int channel = 0; channel < _channels; channel++)
        {
            _each[channel].Features.Close(_features);
            _each[channel].Forecast.Step(_features, _residuals.AsSpan(channel * _horizons.Length, _horizons.Length));
        }

        double sum = 0;
        int scored = 0;
        for (int k = _horizons.Length - 1; k >= 0; k--)
        {
            for (int channel = 0; channel < _channels; channel++)
            {
                _atHorizon[channel] = _residuals[(channel * _horizons.Length) + k];
            }

            double score = _horizons[k].Score(_atHorizon, _ofLikelihood);
            if (!double.IsNaN(score))
            {
                sum += score;
                scored++;
            }
        }

        _likelihood = scored == 0 ? double.NaN : sum / scored;
        Foretell();
    }

    // Once a bucket, as nothing changes between: every row asks for them.
    private void Foretell()
    {
        for (int i = 0; i < _forecasts.Length; i++)
        {
            Channel channel = _each[i / _horizons.Length];
            _forecasts[i] = channel.Scaler.Unsquash(channel.Forecast.Forecast(i % _horizons.Length));
        }
    }

    // What is kept of one channel.
    private sealed class Channel(DetectorSettings settings, int seed)
    {
        public StreamScaler Scaler { get; } = new();

        public BucketFeatures Features { get; } = new();

        public OnlineForecast Forecast { get; } =
            settings.NetworkUnits == 0 ? new LaggedForecast(settings) : new NetworkForecast(settings, seed);

        public void Take(double value) => Features.Add(Scaler.Squash(value));

        public void Save(StateWriter writer)
        {
            Scaler.Save(writer);
            Features.Save(writer);
            Forecast.Save(writer);
        }

        public void Restore(ref StateReader reader)
        {
            Scaler.Restore(ref reader);
            Features.Restore(ref reader);
            Forecast.Restore(ref reader);
        }
    }
}
