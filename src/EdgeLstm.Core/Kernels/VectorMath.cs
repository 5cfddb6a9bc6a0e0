// exp, sigmoid and tanh of a vector: range reduction and one polynomial, no tables.
//
//   eˣ = 2ᵗ = 2ⁿ · (1 + q),  t = x / ln 2,  n = round(t),  r = t − n,  q = 2ʳ − 1 ≈ r · Q(r),  |r| ≤ ½
//   σ(x) = 1 / (1 + e⁻ˣ)        tanh x = m / (m + 2),  m = e²ˣ − 1

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>Elementary functions of a vector. NaN in a lane stays NaN in that lane.</summary>
/// <remarks>
/// Q is the minimax polynomial of degree 5 of (2ʳ − 1) / r: |r · Q(r) − (2ʳ − 1)| ≤ 1.9e-9 (Remez; Muller, "Elementary
/// Functions", chapter 3). It is summed in pairs (Estrin), which takes 12 cycles of multiply-adds where Horner's rule takes 20.
/// </remarks>
internal static class VectorMath
{
    private const float InverseLogOfTwo = 1.44269504f;

    // ln 2 in two parts. The first has 9 bits, so that n · first is exact even without a fused multiply-add.
    private const float LogOfTwoHigh = 0.693359375f;
    private const float LogOfTwoLow = -2.12194440e-4f;

    // 2¹²⁵ and its inverse are normal floats, and so is either times 1 + q.
    private const float GreatestPower = 125f;

    /// <summary>eˣ within 2 units in the last place; subnormal and 0 below −87.3, infinite above 88.7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        // Beyond these bounds the result is exactly 0 and infinity.
        TVector y = Clamp<TSimd, TVector>(x, -104f, 89f);
        TVector n = TSimd.Round(TSimd.Multiply(y, TSimd.Broadcast(InverseLogOfTwo)));

        // Subtracted from y before the division by ln 2: of a great y / ln 2, too few bits would be left for r.
        TVector r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-LogOfTwoHigh), y);
        r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-LogOfTwoLow), r);
        r = TSimd.Multiply(r, TSimd.Broadcast(InverseLogOfTwo));
        TVector q = PowerOfTwoMinusOne<TSimd, TVector>(r);

        // 2ⁿ itself may lie outside the normal floats: multiply by two halves of it.
        TVector half = TSimd.Round(TSimd.Multiply(n, TSimd.Broadcast(0.5f)));
        TVector scale = TSimd.Scale(TSimd.Broadcast(1f), half);
        TVector rest = TSimd.Scale(TSimd.Broadcast(1f), TSimd.Subtract(n, half));
        return TSimd.Multiply(TSimd.MultiplyAdd(q, scale, scale), rest);
    }

    /// <summary>σ(x) = 1 / (1 + e⁻ˣ), absolute error below 2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.Divide(TSimd.Broadcast(1f), InverseSigmoid<TSimd, TVector>(x));

    /// <summary>tanh x, absolute error below 2e-7, and below 4e-7 of small values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector m = TanhNumerator<TSimd, TVector>(x);
        return TSimd.Divide(m, TSimd.Add(m, TSimd.Broadcast(2f)));
    }

    /// <summary>σ(a) · tanh x with one division; absolute error below 2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector SigmoidTimesTanh<TSimd, TVector>(TVector a, TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector m = TanhNumerator<TSimd, TVector>(x);

        // Where the product overflows, σ(a) is below 1e-38 and the quotient is 0.
        return TSimd.Divide(m, TSimd.Multiply(TSimd.Add(m, TSimd.Broadcast(2f)), InverseSigmoid<TSimd, TVector>(a)));
    }

    /// <summary>1 / σ(x) = 1 + e⁻ˣ, at most 2¹²⁵: divided by, it spares a multiplication by σ(x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector InverseSigmoid<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector t = TSimd.Multiply(x, TSimd.Broadcast(-InverseLogOfTwo));
        t = Clamp<TSimd, TVector>(t, -GreatestPower, GreatestPower);
        TVector n = TSimd.Round(t);
        TVector q = PowerOfTwoMinusOne<TSimd, TVector>(TSimd.Subtract(t, n));
        TVector one = TSimd.Broadcast(1f);
        return TSimd.Add(TSimd.Scale(TSimd.Add(q, one), n), one);
    }

    /// <summary>m = e²ˣ − 1, at most 2²⁷; tanh x = m / (m + 2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector TanhNumerator<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        // tanh 9.1 rounds to 1.
        TVector t = TSimd.Multiply(x, TSimd.Broadcast(2 * InverseLogOfTwo));
        t = Clamp<TSimd, TVector>(t, -27f, 27f);
        TVector n = TSimd.Round(t);
        TVector q = PowerOfTwoMinusOne<TSimd, TVector>(TSimd.Subtract(t, n));
        TVector one = TSimd.Broadcast(1f);
        TVector scale = TSimd.Scale(one, n);
        return TSimd.MultiplyAdd(q, scale, TSimd.Subtract(scale, one));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Clamp<TSimd, TVector>(TVector x, float low, float high)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.Max(TSimd.Broadcast(low), TSimd.Min(TSimd.Broadcast(high), x));

    // r · Q(r).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector PowerOfTwoMinusOne<TSimd, TVector>(TVector r)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector square = TSimd.Multiply(r, r);
        TVector low = TSimd.MultiplyAdd(r, TSimd.Broadcast(0.24022650718688965f), TSimd.Broadcast(0.6931471824645996f));
        TVector middle = TSimd.MultiplyAdd(r, TSimd.Broadcast(0.009618003852665424f), TSimd.Broadcast(0.055503278970718384f));
        TVector high = TSimd.MultiplyAdd(r, TSimd.Broadcast(0.00015476279077120125f), TSimd.Broadcast(0.001340023591183126f));
        TVector q = TSimd.MultiplyAdd(TSimd.MultiplyAdd(high, square, middle), square, low);
        return TSimd.Multiply(q, r);
    }
}
