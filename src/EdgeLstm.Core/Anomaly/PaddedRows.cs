// Rows of doubles padded with zeros to whole blocks of four vectors, so that no loop over them has a remainder.

using System.Numerics;

namespace EdgeLstm.Core.Anomaly;

/// <summary>What is done with padded rows. Every span's length is a multiple of <see cref="Block"/>.</summary>
internal static class PaddedRows
{
    /// <summary>Doubles of a block: four vectors of the processor's width.</summary>
    public static readonly int Block = 4 * Vector<double>.Count;

    /// <summary>The length of a row that holds <paramref name="count"/> values.</summary>
    public static int Padded(int count) => (count + Block - 1) / Block * Block;

    /// <summary>Σ left·right.</summary>
    public static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        Vector<double> even = default, odd = default;
        int width = Vector<double>.Count;
        for (int i = 0; i < left.Length; i += 2 * width)
        {
            int next = i + width;
            even = Vector.MultiplyAddEstimate(new Vector<double>(left[i..]), new Vector<double>(right[i..]), even);
            odd = Vector.MultiplyAddEstimate(new Vector<double>(left[next..]), new Vector<double>(right[next..]), odd);
        }

        return Vector.Sum(even + odd);
    }

    /// <summary>sum += scale·row.</summary>
    public static void AddScaled(Span<double> sum, double scale, ReadOnlySpan<double> row)
    {
        Vector<double> factor = new(scale);
        for (int i = 0; i < sum.Length; i += Vector<double>.Count)
        {
            Vector<double> old = new(sum[i..]);
            Vector.MultiplyAddEstimate(factor, new Vector<double>(row[i..]), old).CopyTo(sum[i..]);
        }
    }

    /// <summary>scaled = scale·row.</summary>
    public static void Scale(ReadOnlySpan<double> row, double scale, Span<double> scaled)
    {
        Vector<double> factor = new(scale);
        for (int i = 0; i < row.Length; i += Vector<double>.Count)
        {
            (new Vector<double>(row[i..]) * factor).CopyTo(scaled[i..]);
        }
    }
}
