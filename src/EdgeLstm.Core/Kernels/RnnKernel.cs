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
internal static class RnnKernel
{
    /// <param name="panels">Panels of one gate with unit vector b.</param>
    /// <param name="columns">x and h [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="WeightedSum.Unroll"/>.</param>
    /// <param name="next">Receives h', whole vectors; not the h in the columns: later panels still read it.</param>
    /// <param name="isRelu">max(·, 0) instead of tanh.</param>
    public static void Step<TVector>(Panels panels, ref float columns, nuint columnCount, ref float next, bool isRelu)
        where TVector : struct, ISimdVector<TVector>
    {
        nuint lanes = (nuint)TVector.Lanes;
        nuint end = (nuint)panels.GroupCount * lanes;
        ref float w = ref panels.First;
        for (nuint unit = 0; unit < end; unit += lanes)
        {
            TVector a = WeightedSum.Of<TVector>(ref w, ref columns, columnCount);
            TVector h = isRelu ? TVector.Max(TVector.Zero, a) : VectorMath.Tanh(a);
            h.Store(ref next, unit);
            w = ref Unsafe.Add(ref w, (1 + columnCount) * lanes);
        }
    }
}
