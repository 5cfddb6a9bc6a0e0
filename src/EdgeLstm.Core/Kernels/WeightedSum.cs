// One gate of one panel: bias plus the sum of weights times columns.

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>b + W·z for the units of one panel with a single gate.</summary>
internal static class WeightedSum
{
    /// <summary>Columns taken at a time; as many independent sums hide the latency of the multiply-add.</summary>
    public const int Unroll = 8;

    /// <param name="panel">Panel: the bias vector, then <paramref name="columnCount"/> vectors of weights.</param>
    /// <param name="columns">z [columnCount].</param>
    /// <param name="columnCount">A multiple of <see cref="Unroll"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector>(ref float panel, ref float columns, nuint columnCount)
        where TVector : struct, ISimdVector<TVector>
    {
        nuint lanes = (nuint)TVector.Lanes;
        TVector s0 = TVector.Load(ref panel, 0);
        TVector s1 = TVector.Zero, s2 = TVector.Zero, s3 = TVector.Zero;
        TVector s4 = TVector.Zero, s5 = TVector.Zero, s6 = TVector.Zero, s7 = TVector.Zero;
        ref float w = ref Unsafe.Add(ref panel, lanes);
        for (nuint k = 0; k < columnCount; k += Unroll)
        {
            ref float z = ref Unsafe.Add(ref columns, k);
            s0 = TVector.MultiplyAdd(TVector.Load(ref w, 0), TVector.Broadcast(z), s0);
            s1 = TVector.MultiplyAdd(TVector.Load(ref w, lanes), TVector.Broadcast(Unsafe.Add(ref z, 1)), s1);
            s2 = TVector.MultiplyAdd(TVector.Load(ref w, 2 * lanes), TVector.Broadcast(Unsafe.Add(ref z, 2)), s2);
            s3 = TVector.MultiplyAdd(TVector.Load(ref w, 3 * lanes), TVector.Broadcast(Unsafe.Add(ref z, 3)), s3);
            s4 = TVector.MultiplyAdd(TVector.Load(ref w, 4 * lanes), TVector.Broadcast(Unsafe.Add(ref z, 4)), s4);
            s5 = TVector.MultiplyAdd(TVector.Load(ref w, 5 * lanes), TVector.Broadcast(Unsafe.Add(ref z, 5)), s5);
            s6 = TVector.MultiplyAdd(TVector.Load(ref w, 6 * lanes), TVector.Broadcast(Unsafe.Add(ref z, 6)), s6);
            s7 = TVector.MultiplyAdd(TVector.Load(ref w, 7 * lanes), TVector.Broadcast(Unsafe.Add(ref z, 7)), s7);
            w = ref Unsafe.Add(ref w, Unroll * lanes);
        }

        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }
}
