// exp, sigmoid and tanh of a vector: range reduction and one polynomial, no tables.
//
//   eʸ = 2ⁿ · (1 + q),  n = round(y / ln 2),  r = y − n · ln 2,  q = eʳ − 1 ≈ r + r² · P(r),  |r| ≤ ½ ln 2
//   σ(x) = 1 / (1 + e⁻ˣ)        tanh x = m / (m + 2),  m = e²ˣ − 1

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>Elementary functions of a vector. NaN in a lane stays NaN in that lane.</summary>
/// <remarks>Polynomial and split of ln 2: Moshier, Cephes Mathematical Library 2.2, expf.</remarks>
internal static class VectorMath
{
    // ln 2 in two parts. The first has 9 bits, so that n · first is exact even without a fused multiply-add.
    private const float LogOfTwoHigh = 0.693359375f;
    private const float LogOfTwoLow = -2.12194440e-4f;
    private const float InverseLogOfTwo = 1.44269504f;

    /// <summary>eˣ within 2 units in the last place; subnormal and 0 below −87.3, infinite above 88.7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TVector>(TVector x)
        where TVector : struct, ISimdVector<TVector>
    {
        // Beyond these bounds the result is exactly 0 and infinity.
        TVector y = Clamp(x, -104f, 89f);
        TVector n = PowerOf(y);
        TVector q = ExpMinusOneOfRest(y, n);

        // 2ⁿ itself may lie outside the normal floats: multiply by two halves of it.
        TVector half = TVector.Round(n * TVector.Broadcast(0.5f));
        TVector scale = TVector.TwoToThe(half);
        return TVector.MultiplyAdd(q, scale, scale) * TVector.TwoToThe(n - half);
    }

    /// <summary>1 / (1 + e⁻ˣ), absolute error below 4e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TVector>(TVector x)
        where TVector : struct, ISimdVector<TVector>
    {
        // e⁸⁷ is the last whole power whose inverse is a normal float; subnormal gates would only be slow.
        TVector y = Clamp(TVector.Zero - x, -87f, 87f);
        TVector n = PowerOf(y);
        TVector q = ExpMinusOneOfRest(y, n);
        TVector scale = TVector.TwoToThe(n);
        TVector one = TVector.Broadcast(1f);
        return one / (TVector.MultiplyAdd(q, scale, scale) + one);
    }

    /// <summary>The hyperbolic tangent, absolute error below 4e-7, and as good relative to small values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TVector>(TVector x)
        where TVector : struct, ISimdVector<TVector>
    {
        // tanh 9.1 rounds to 1.
        TVector y = Clamp(x + x, -18.2f, 18.2f);
        TVector n = PowerOf(y);
        TVector q = ExpMinusOneOfRest(y, n);
        TVector scale = TVector.TwoToThe(n);
        TVector m = TVector.MultiplyAdd(q, scale, scale - TVector.Broadcast(1f));
        return m / (m + TVector.Broadcast(2f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Clamp<TVector>(TVector x, float low, float high)
        where TVector : struct, ISimdVector<TVector> =>
        TVector.Max(TVector.Broadcast(low), TVector.Min(TVector.Broadcast(high), x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector PowerOf<TVector>(TVector y)
        where TVector : struct, ISimdVector<TVector> =>
        TVector.Round(y * TVector.Broadcast(InverseLogOfTwo));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ExpMinusOneOfRest<TVector>(TVector y, TVector n)
        where TVector : struct, ISimdVector<TVector>
    {
        TVector r = TVector.MultiplyAdd(n, TVector.Broadcast(-LogOfTwoHigh), y);
        r = TVector.MultiplyAdd(n, TVector.Broadcast(-LogOfTwoLow), r);

        TVector p = TVector.Broadcast(1.9875691500e-4f);
        p = TVector.MultiplyAdd(p, r, TVector.Broadcast(1.3981999507e-3f));
        p = TVector.MultiplyAdd(p, r, TVector.Broadcast(8.3334519073e-3f));
        p = TVector.MultiplyAdd(p, r, TVector.Broadcast(4.1665795894e-2f));
        p = TVector.MultiplyAdd(p, r, TVector.Broadcast(1.6666665459e-1f));
        p = TVector.MultiplyAdd(p, r, TVector.Broadcast(5.0000001201e-1f));
        return TVector.MultiplyAdd(r * r, p, r);
    }
}
