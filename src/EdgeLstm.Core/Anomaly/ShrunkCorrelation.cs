// Residuals seen through their correlations:  L·Lᵀ = (1 − ρ)·C + ρ·I,  y = L⁻¹s,  d² = y·y = s·C⁻¹s  with C so shrunk.

using System.Numerics;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>The Cholesky factor of a shrunk correlation matrix of those channels that are present. Fixed storage.</summary>
/// <remarks>
/// <para>
/// Why shrunk, and why towards the diagonal: from n rows, the smallest eigenvalue of m correlations comes out too small, and
/// d² divides by it. Towards the diagonal, every channel keeps its own spread and units do not matter. How much follows from how
/// far the correlations can be trusted, ρ = Σ Var(c_ij) / Σ c_ij² with Var(c) = (1 − c²)²/(n − 1): all at the start, hardly
/// anything once strong correlations were seen often. Source: Schäfer and Strimmer (2005), target D, the form of Ledoit and Wolf
/// (2004) that has a closed form.
/// </para>
/// <para>
/// ρ is at least <see cref="LeastShrinkage"/>: two channels that always agreed may differ by a seventh of their spread before
/// that alone is one deviation. Where values were missing now here, now there, C may not be positive; ρ is doubled until it is.
/// </para>
/// </remarks>
/// <param name="channels">Most channels that can be present.</param>
internal sealed class ShrunkCorrelation(int channels)
{
    /// <summary>ρ is never below this, so no eigenvalue is either.</summary>
    public const double LeastShrinkage = 0.01;

    private readonly int _stride = PaddedRows.Padded(channels);
    private readonly double[] _factor = new double[channels * PaddedRows.Padded(channels)];      // L, L_ii as 0 [present, stride]
    private readonly double[] _inverseDiagonal = new double[channels];                           // 1/L_ii [present]
    private readonly double[] _whitened = new double[PaddedRows.Padded(channels)];               // y [present]
    private readonly int[] _channels = new int[channels];                                        // [present]
    private readonly double[] _inverseDeviations = new double[channels];                         // 1/σ, 0 where σ is [present]

    /// <summary>Bit i is set where channel i is present; 0 where there is no factor.</summary>
    public ulong Present { get; private set; }

    /// <summary>ρ of the factor.</summary>
    public double Shrinkage { get; private set; } = 1;

    /// <summary>Says that the factor is out of date.</summary>
    public void Discard() => Present = 0;

    /// <summary>Factors the correlations of the channels present: present³/6 multiply-adds, more where ρ has to rise.</summary>
    /// <param name="covariance">Lower triangle, rows of the stride [channels, stride].</param>
    /// <param name="present">Not 0.</param>
    /// <param name="effectiveCount">Rows that the covariance rests on.</param>
    public void Factor(ReadOnlySpan<double> covariance, ulong present, double effectiveCount)
    {
        Present = present;
        Correlate(covariance);
        Shrinkage = ShrinkageOf(effectiveCount);
        while (!TryFactor())
        {
            Shrinkage = Math.Min(1, 2 * Shrinkage);   // at 1 the matrix is the identity
            Correlate(covariance);
        }
    }

    /// <summary>d² of standardised residuals of the channels present: present²/2 multiply-adds.</summary>
    public double Distance(ReadOnlySpan<double> standardised)
    {
        Span<double> y = _whitened;
        y.Clear();
        for (int i = 0; i < standardised.Length; i++)
        {
            int length = PaddedRows.Padded(i);
            y[i] = (standardised[i] - PaddedRows.Dot(Row(i)[..length], y[..length])) * _inverseDiagonal[i];
        }

        return PaddedRows.Dot(y, y);
    }

    /// <summary>C⁻¹s of the residuals last given to <see cref="Distance"/>: present²/2 multiply-adds.</summary>
    public void Solve(Span<double> solution)
    {
        Span<double> rest = _whitened;
        for (int i = solution.Length - 1; i >= 0; i--)
        {
            solution[i] = rest[i] * _inverseDiagonal[i];
            int length = PaddedRows.Padded(i);
            PaddedRows.AddScaled(rest[..length], -solution[i], Row(i)[..length]);
        }
    }

    /// <summary>Appends the factor.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write((long)Present);
        writer.Write(Shrinkage);
        for (int i = 0; i < BitOperations.PopCount(Present); i++)
        {
            writer.Write(_inverseDiagonal[i]);
            foreach (double value in Row(i)[..i])
            {
                writer.Write(value);
            }
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        Present = (ulong)reader.ReadInt64();
        int count = BitOperations.PopCount(Present);
        if (BitOperations.Log2(Present) >= channels)
        {
            throw new FormatException(
                $"a saved whitening scores channel {BitOperations.Log2(Present)}; expected {channels} channels");
        }

        Shrinkage = reader.ReadDouble();
        for (int i = 0; i < count; i++)
        {
            _inverseDiagonal[i] = reader.ReadDouble();
            Row(i).Clear();
            foreach (ref double value in Row(i)[..i])
            {
                value = reader.ReadDouble();
            }
        }
    }

    // The correlations of the channels present, below the diagonal; zeros from there on, so that sums may run over the padding.
    private void Correlate(ReadOnlySpan<double> covariance)
    {
        int i = 0;
        for (ulong rest = Present; rest != 0; rest &= rest - 1, i++)
        {
            int channel = BitOperations.TrailingZeroCount(rest);
            ReadOnlySpan<double> row = covariance.Slice(channel * _stride, _stride);
            double deviation = Math.Sqrt(row[channel]);
            _channels[i] = channel;
            _inverseDeviations[i] = deviation > 0 ? 1 / deviation : 0;
            Span<double> correlations = Row(i);
            correlations.Clear();
            for (int j = 0; j < i; j++)
            {
                double correlation = row[_channels[j]] * _inverseDeviations[i] * _inverseDeviations[j];
                correlations[j] = Math.Clamp(correlation, -1, 1);
            }
        }
    }

    private double ShrinkageOf(double effectiveCount)
    {
        double uncertain = 0;
        double certain = 0;
        for (int i = 1; i < BitOperations.PopCount(Present); i++)
        {
            foreach (double correlation in Row(i)[..i])
            {
                double squared = correlation * correlation;
                uncertain += (1 - squared) * (1 - squared);
                certain += squared;
            }
        }

        double share = uncertain / ((effectiveCount - 1) * certain);   // ∞ or NaN without any correlation
        return share < 1 ? Math.Max(LeastShrinkage, share) : 1;
    }

    // In place, row by row (Cholesky–Banachiewicz).
    private bool TryFactor()
    {
        for (int i = 0; i < BitOperations.PopCount(Present); i++)
        {
            Span<double> row = Row(i);
            for (int j = 0; j < i; j++)
            {
                int length = PaddedRows.Padded(j);
                double sum = PaddedRows.Dot(row[..length], Row(j)[..length]);
                row[j] = (((1 - Shrinkage) * row[j]) - sum) * _inverseDiagonal[j];
            }

            double pivot = 1 - PaddedRows.Dot(row, row);
            if (!(pivot >= LeastShrinkage / 2))   // at least ρ wherever C is a correlation matrix
            {
                return false;
            }

            _inverseDiagonal[i] = 1 / Math.Sqrt(pivot);
        }

        return true;
    }

    private Span<double> Row(int i) => _factor.AsSpan(i * _stride, _stride);
}
