// One score for the residuals of all channels:  d² = (r − μ)ᵀ·Σ⁻¹·(r − μ),  score = the standard normal z as improbable as d²,
// and channel i's part of it  (r_i − μ_i)·(Σ⁻¹(r − μ))_i / d².

using System.Numerics;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Squared Mahalanobis distance with an exponentially weighted, shrunk covariance, and which channels make it up.
/// Allocates nothing after construction.</summary>
/// <remarks>
/// <para>
/// Channels that usually move together and now do not are an anomaly, though each by itself is nothing special; channels that
/// move together as always are one event, not several. Means and covariance are learned by <see cref="Learn"/>; how the
/// covariance is shrunk, and why, stands with <see cref="ShrunkCorrelation"/>. Source of the distance: Mahalanobis (1936).
/// </para>
/// <para>
/// A channel that is missing is left out, as if the stream had never had it: the distance is that of the marginal distribution,
/// and fewer channels are fewer degrees of freedom.
/// </para>
/// <para>
/// The covariance is updated with every row, its factor when a 64th of the rows it rests on is new (every row at the start, every
/// 16th at a memory of 1000), and when other channels are present than for the row before. With n channels: score n²
/// multiply-adds, learning 2·n², a new factor n³/6 — at 64 channels 44,000, which is why streams whose channels come in turn
/// should rather be joined to whole rows.
/// </para>
/// </remarks>
public sealed class ResidualWhitening
{
    /// <summary>Channels present are the bits of one word.</summary>
    public const int MaxChannels = 64;

    /// <summary>A channel takes part in the score once so many of its residuals were learned.</summary>
    public const int WarmUpRows = 16;

    /// <summary>A row that is further out than this many deviations teaches as one just that far out.</summary>
    public const double ClipDeviations = 4;

    // The factor is made anew when this part of what it rests on has changed.
    private const int RowsPerRefresh = 64;

    private readonly double _memory;
    private readonly int _stride;
    private readonly ExponentialMoments[] _moments;
    private readonly double[] _covariance;       // lower triangle [channels, stride]
    private readonly ShrunkCorrelation _shape;
    private readonly double[] _distances;        // r − μ, 0 where missing [stride]
    private readonly double[] _rates;            // of the channels' moments, 0 where missing [stride]
    private readonly double[] _standardised;     // (r − μ)/σ [present]
    private readonly double[] _solution;         // Σ⁻¹(r − μ)·σ [present]
    private long _rows;
    private long _rowsSinceRefresh;

    /// <param name="channels">1 to <see cref="MaxChannels"/>.</param>
    /// <param name="memory">Rows over which a row's weight falls to 1/e, at least 1; several times the channels.</param>
    public ResidualWhitening(int channels, double memory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, MaxChannels);
        _memory = memory;
        _stride = PaddedRows.Padded(channels);
        _moments = new ExponentialMoments[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            _moments[channel] = new ExponentialMoments(memory);
        }

        _covariance = new double[channels * _stride];
        _shape = new ShrunkCorrelation(channels);
        _distances = new double[_stride];
        _rates = new double[_stride];
        _standardised = new double[channels];
        _solution = new double[channels];
    }

    /// <summary>How much of the correlations the present factor gives up for their uncertainty, 0.01 to 1.</summary>
    public double Shrinkage => _shape.Shrinkage;

    /// <summary>Scores a row against what was learned before it; NaN while no channel can be.</summary>
    /// <remarks>
    /// A channel that never moved stands at 0 or at ±<see cref="ExponentialMoments.ZLimit"/> deviations. The contributions are
    /// the terms that d² is the sum of: channels that move together as always share it (the more they agree, the less evenly),
    /// one that breaks away bears it alone. A term below 0, of a channel that makes the row less improbable, counts as 0.
    /// </remarks>
    /// <param name="residuals">Value minus forecast; NaN, infinite or beyond <see cref="ExponentialMoments.MagnitudeLimit"/>
    /// where missing [channels].</param>
    /// <param name="contributions">Receives each channel's share, 0 to 1, together 1; all 0 where there is no score or no
    /// distance [channels].</param>
    /// <returns>Deviations of a standard normal with the same upper tail; about 0 at the median, at most
    /// <see cref="ExponentialMoments.ZLimit"/>.</returns>
    public double Score(ReadOnlySpan<double> residuals, Span<double> contributions)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(residuals.Length, _moments.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(contributions.Length, _moments.Length);
        contributions.Clear();
        ulong scored = MeasureDistances(residuals, out _);
        if (scored == 0)
        {
            return double.NaN;
        }

        double squared = SquaredDistance(scored);
        Share(scored, contributions);
        double z = ChiSquared.EquivalentZ(squared, BitOperations.PopCount(scored));
        return Math.Clamp(z, -ExponentialMoments.ZLimit, ExponentialMoments.ZLimit);
    }

    /// <summary>
    /// Learns from a row after it was scored. One further out than <see cref="ClipDeviations"/> is drawn in towards the mean,
    /// all channels alike, so that an anomaly hardly teaches; what lasts is learned, since the spread grows with every such row.
    /// </summary>
    /// <param name="residuals">As <see cref="Score"/>.</param>
    public void Learn(ReadOnlySpan<double> residuals)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(residuals.Length, _moments.Length);
        ulong scored = MeasureDistances(residuals, out ulong present);
        if (present == 0)
        {
            return;
        }

        DrawIn(scored);
        Array.Clear(_rates);
        for (ulong rest = present; rest != 0; rest &= rest - 1)
        {
            int channel = BitOperations.TrailingZeroCount(rest);
            _moments[channel].ObserveDistance(_distances[channel]);
            _rates[channel] = _moments[channel].Rate;
        }

        UpdateCovariance(present);
        _rows++;
        _rowsSinceRefresh++;
        if (_rowsSinceRefresh * RowsPerRefresh >= Math.Min(_rows, _memory))
        {
            _shape.Discard();   // made anew when next needed
        }
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write((long)_moments.Length);
        writer.Write(_rows);
        writer.Write(_rowsSinceRefresh);
        for (int channel = 0; channel < _moments.Length; channel++)
        {
            _moments[channel].Save(writer);
            foreach (double value in _covariance.AsSpan(channel * _stride, channel + 1))
            {
                writer.Write(value);
            }
        }

        _shape.Save(writer);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">The state is of other channels.</exception>
    public void Restore(ref StateReader reader)
    {
        long channels = reader.ReadInt64();
        if (channels != _moments.Length)
        {
            throw new FormatException($"a saved whitening has {channels} channels; expected {_moments.Length}");
        }

        _rows = reader.ReadInt64();
        _rowsSinceRefresh = reader.ReadInt64();
        for (int channel = 0; channel < _moments.Length; channel++)
        {
            _moments[channel].Restore(ref reader);
            foreach (ref double value in _covariance.AsSpan(channel * _stride, channel + 1))
            {
                value = reader.ReadDouble();
            }
        }

        _shape.Restore(ref reader);
    }

    // r − μ of the channels present; returns those of them that have learned enough to be scored.
    private ulong MeasureDistances(ReadOnlySpan<double> residuals, out ulong present)
    {
        present = 0;
        ulong scored = 0;
        for (int channel = 0; channel < residuals.Length; channel++)
        {
            _distances[channel] = 0;
            if (Math.Abs(residuals[channel]) <= ExponentialMoments.MagnitudeLimit)
            {
                _distances[channel] = residuals[channel] - _moments[channel].Mean;
                present |= 1UL << channel;
                scored |= (_moments[channel].Count >= WarmUpRows ? 1UL : 0) << channel;
            }
        }

        return scored;
    }

    private double SquaredDistance(ulong scored)
    {
        int count = 0;
        for (ulong rest = scored; rest != 0; rest &= rest - 1)
        {
            int channel = BitOperations.TrailingZeroCount(rest);
            _standardised[count++] = Standardised(_distances[channel], Math.Sqrt(_moments[channel].Variance));
        }

        if (_shape.Present != scored)
        {
            _shape.Factor(_covariance, scored, LeastEffectiveCount(scored));
            _rowsSinceRefresh = 0;
        }

        return _shape.Distance(_standardised.AsSpan(0, count));
    }

    private static double Standardised(double distance, double deviation) =>
        distance == 0 ? 0 : Math.Clamp(distance / deviation, -ExponentialMoments.ZLimit, ExponentialMoments.ZLimit);

    private double LeastEffectiveCount(ulong scored)
    {
        double least = double.PositiveInfinity;
        for (ulong rest = scored; rest != 0; rest &= rest - 1)
        {
            least = Math.Min(least, _moments[BitOperations.TrailingZeroCount(rest)].EffectiveCount);
        }

        return least;
    }

    private void Share(ulong scored, Span<double> contributions)
    {
        Span<double> solution = _solution.AsSpan(0, BitOperations.PopCount(scored));
        _shape.Solve(solution);
        double sum = 0;
        int i = 0;
        for (ulong rest = scored; rest != 0; rest &= rest - 1, i++)
        {
            double term = Math.Max(0, _standardised[i] * solution[i]);
            contributions[BitOperations.TrailingZeroCount(rest)] = term;
            sum += term;
        }

        if (sum > 0)
        {
            foreach (ref double contribution in contributions)
            {
                contribution /= sum;
            }
        }
    }

    private void DrawIn(ulong scored)
    {
        if (scored == 0)
        {
            return;
        }

        double limit = ChiSquared.ValueAt(ClipDeviations, BitOperations.PopCount(scored));
        double squared = SquaredDistance(scored);
        if (squared > limit)
        {
            double scale = Math.Sqrt(limit / squared);
            for (ulong rest = scored; rest != 0; rest &= rest - 1)
            {
                _distances[BitOperations.TrailingZeroCount(rest)] *= scale;
            }
        }
    }

    // v' = (1 − a)(v + a·d_i·d_j), each pair at the rate a of the younger of its channels; a is 0, and v stays, where one is
    // missing. Rows run on over their padding, whose figures nobody reads.
    private void UpdateCovariance(ulong present)
    {
        int width = Vector<double>.Count;
        ReadOnlySpan<double> rates = _rates;
        ReadOnlySpan<double> distances = _distances;
        for (ulong rows = present; rows != 0; rows &= rows - 1)
        {
            int row = BitOperations.TrailingZeroCount(rows);
            Span<double> covariance = _covariance.AsSpan(row * _stride, PaddedRows.Padded(row + 1));
            Vector<double> rowRate = new(_rates[row]);
            Vector<double> distance = new(_distances[row]);
            for (int column = 0; column < covariance.Length; column += width)
            {
                Vector<double> rate = new(rates[column..]);
                rate = Vector.ConditionalSelect(Vector.GreaterThan(rate, Vector<double>.Zero), Vector.Max(rate, rowRate), rate);
                Vector<double> product = distance * new Vector<double>(distances[column..]);
                Vector<double> old = new(covariance[column..]);
                ((Vector<double>.One - rate) * (old + (rate * product))).CopyTo(covariance[column..]);
            }
        }
    }
}
