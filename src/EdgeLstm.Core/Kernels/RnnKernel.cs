// One time step of a vanilla recurrent cell.

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>One time step of a vanilla recurrent cell.</summary>
/// <remarks>
/// <code>
/// h' = tanh(W·x + R·h + b)        or max(W·x + R·h + b, 0)        [HiddenSize]
/// </code>
/// Source: Elman (1990), "Finding Structure in Time", as computed by torch.nn.RNN.
/// </remarks>
internal static unsafe class RnnKernel
{
    /// <param name="weights">Panels of one gate with unit vector b.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="columns">x and h [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="WeightedSum.Unroll"/>.</param>
    /// <param name="next">Receives h', whole vectors; not the h in the columns: later panels still read it.</param>
    /// <param name="isRelu">max(·, 0) instead of tanh.</param>
    public static void Step<TSimd, TVector, TWeights>(
        float* weights, nint groups, float* columns, nint columnCount, float* next, bool isRelu)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        float* w = weights;
        for (nint group = 0; group < groups; group++)
        {
            Advance<TSimd, TVector>(WeightedSum.Of<TSimd, TVector, TWeights>(w, columns, columnCount), next, isRelu);
            next += TSimd.Lanes;
            w += WeightedSum.PanelLength<TSimd, TVector, TWeights>(columnCount);
        }
    }

    /// <summary>h' of one group of units from its sum.</summary>
    /// <param name="sum">W·x + R·h + b.</param>
    /// <param name="next">Receives h' of the group.</param>
    /// <param name="isRelu">max(·, 0) instead of tanh.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance<TSimd, TVector>(TVector sum, float* next, bool isRelu)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.Store(isRelu ? TSimd.Max(TSimd.Zero, sum) : VectorMath.Tanh<TSimd, TVector>(sum), next);
}
