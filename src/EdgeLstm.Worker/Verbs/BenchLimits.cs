// What this CPU can do at best: additions one after another, and multiply-adds side by side.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Worker.Verbs;

/// <summary>The clock by which cycles are counted: a chain of additions, each of which needs the one before.</summary>
/// <remarks>An addition of two registers takes one cycle on every processor this program runs on.</remarks>
internal static class DependentAdditions
{
    private const int Unroll = 16;

    /// <summary>Adds <paramref name="step"/>, which must not be a constant, some times; rounded down to whole sixteens.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Run(long count, long step)
    {
        long x = step;
        for (long k = count / Unroll; k > 0; k--)
        {
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
            x += step;
        }

        return x;
    }
}

/// <summary>Multiply-adds with nothing to load and nothing to wait for: the floor under the arithmetic of many streams.</summary>
/// <remarks>Twelve independent sums of the widest vectors hide the latency of every processor this program runs on.</remarks>
internal static class MultiplyAdds
{
    private const int Unroll = 12;

    /// <summary>Does some multiply-adds of whole vectors, rounded down to whole twelves.</summary>
    /// <param name="count">Multiply-adds of vectors.</param>
    /// <param name="factor">Not a constant, and below 1, so that the sums stay finite.</param>
    public static float Run(long count, float factor) => VectorWidths.Best switch
    {
        VectorWidth.Bits512 => Run512(count / Unroll, factor),
        VectorWidth.Bits256 => Run256(count / Unroll, factor),
        _ => Run128(count / Unroll, factor),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Run512(long turns, float factor)
    {
        Vector512<float> x = Vector512.Create(factor), a = x, b = x, c = x, d = x, e = x, f = x;
        Vector512<float> g = x, h = x, i = x, j = x, k = x, l = x;
        for (; turns > 0; turns--)
        {
            a = Vector512.MultiplyAddEstimate(a, x, x);
            b = Vector512.MultiplyAddEstimate(b, x, x);
            c = Vector512.MultiplyAddEstimate(c, x, x);
            d = Vector512.MultiplyAddEstimate(d, x, x);
            e = Vector512.MultiplyAddEstimate(e, x, x);
            f = Vector512.MultiplyAddEstimate(f, x, x);
            g = Vector512.MultiplyAddEstimate(g, x, x);
            h = Vector512.MultiplyAddEstimate(h, x, x);
            i = Vector512.MultiplyAddEstimate(i, x, x);
            j = Vector512.MultiplyAddEstimate(j, x, x);
            k = Vector512.MultiplyAddEstimate(k, x, x);
            l = Vector512.MultiplyAddEstimate(l, x, x);
        }

        return (((a + b) + (c + d)) + ((e + f) + (g + h)) + ((i + j) + (k + l)))[0];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Run256(long turns, float factor)
    {
        Vector256<float> x = Vector256.Create(factor), a = x, b = x, c = x, d = x, e = x, f = x;
        Vector256<float> g = x, h = x, i = x, j = x, k = x, l = x;
        for (; turns > 0; turns--)
        {
            a = Vector256.MultiplyAddEstimate(a, x, x);
            b = Vector256.MultiplyAddEstimate(b, x, x);
            c = Vector256.MultiplyAddEstimate(c, x, x);
            d = Vector256.MultiplyAddEstimate(d, x, x);
            e = Vector256.MultiplyAddEstimate(e, x, x);
            f = Vector256.MultiplyAddEstimate(f, x, x);
            g = Vector256.MultiplyAddEstimate(g, x, x);
            h = Vector256.MultiplyAddEstimate(h, x, x);
            i = Vector256.MultiplyAddEstimate(i, x, x);
            j = Vector256.MultiplyAddEstimate(j, x, x);
            k = Vector256.MultiplyAddEstimate(k, x, x);
            l = Vector256.MultiplyAddEstimate(l, x, x);
        }

        return (((a + b) + (c + d)) + ((e + f) + (g + h)) + ((i + j) + (k + l)))[0];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Run128(long turns, float factor)
    {
        Vector128<float> x = Vector128.Create(factor), a = x, b = x, c = x, d = x, e = x, f = x;
        Vector128<float> g = x, h = x, i = x, j = x, k = x, l = x;
        for (; turns > 0; turns--)
        {
            a = Vector128.MultiplyAddEstimate(a, x, x);
            b = Vector128.MultiplyAddEstimate(b, x, x);
            c = Vector128.MultiplyAddEstimate(c, x, x);
            d = Vector128.MultiplyAddEstimate(d, x, x);
            e = Vector128.MultiplyAddEstimate(e, x, x);
            f = Vector128.MultiplyAddEstimate(f, x, x);
            g = Vector128.MultiplyAddEstimate(g, x, x);
            h = Vector128.MultiplyAddEstimate(h, x, x);
            i = Vector128.MultiplyAddEstimate(i, x, x);
            j = Vector128.MultiplyAddEstimate(j, x, x);
            k = Vector128.MultiplyAddEstimate(k, x, x);
            l = Vector128.MultiplyAddEstimate(l, x, x);
        }

        return (((a + b) + (c + d)) + ((e + f) + (g + h)) + ((i + j) + (k + l)))[0];
    }
}
