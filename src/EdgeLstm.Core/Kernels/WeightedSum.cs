// One gate of one panel: bias plus the sum of weights times columns.

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>b + W·z for the units of one panel with a single gate.</summary>
internal static unsafe class WeightedSum
{
    /// <summary>Columns taken at a time; as many independent sums hide the latency of the multiply-add.</summary>
    public const int Unroll = 8;

    /// <param name="panel">Panel: the bias vector, then <paramref name="columnCount"/> columns of weights.</param>
    /// <param name="columns">z [columnCount].</param>
    /// <param name="columnCount">A multiple of <see cref="Unroll"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector, TWeights>(float* panel, float* columns, nint columnCount)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint pair = TWeights.PairLength(1);
        TVector s0 = TSimd.Load(panel);
        TVector s1 = TSimd.Zero, s2 = TSimd.Zero, s3 = TSimd.Zero;
        TVector s4 = TSimd.Zero, s5 = TSimd.Zero, s6 = TSimd.Zero, s7 = TSimd.Zero;
        float* w = panel + TSimd.Lanes;
        for (float* z = columns; z < columns + columnCount; z += Unroll)
        {
            s0 = TSimd.MultiplyAddColumn(TWeights.Even(w), z, 0, s0);
            s1 = TSimd.MultiplyAddColumn(TWeights.Odd(w, 1), z, 1, s1);
            s2 = TSimd.MultiplyAddColumn(TWeights.Even(w + pair), z, 2, s2);
            s3 = TSimd.MultiplyAddColumn(TWeights.Odd(w + pair, 1), z, 3, s3);
            s4 = TSimd.MultiplyAddColumn(TWeights.Even(w + (2 * pair)), z + 4, 0, s4);
            s5 = TSimd.MultiplyAddColumn(TWeights.Odd(w + (2 * pair), 1), z + 4, 1, s5);
            s6 = TSimd.MultiplyAddColumn(TWeights.Even(w + (3 * pair)), z + 4, 2, s6);
            s7 = TSimd.MultiplyAddColumn(TWeights.Odd(w + (3 * pair), 1), z + 4, 3, s7);
            w += 4 * pair;
        }

        return TSimd.Add(Total<TSimd, TVector>(s0, s1, s2, s3), Total<TSimd, TVector>(s4, s5, s6, s7));
    }

    /// <summary>Floats of a panel: bias and weights.</summary>
    public static nint PanelLength<TSimd, TVector, TWeights>(nint columnCount)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector> =>
        TSimd.Lanes + (columnCount / 2 * TWeights.PairLength(1));

    /// <summary>Four partial sums as one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Total<TSimd, TVector>(TVector s0, TVector s1, TVector s2, TVector s3)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.Add(TSimd.Add(s0, s1), TSimd.Add(s2, s3));
}
