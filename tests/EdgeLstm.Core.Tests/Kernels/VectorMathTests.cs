// exp, sigmoid and tanh against double precision, over every exponent a float can have.

using System.Runtime.Intrinsics;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Kernels;

public sealed class VectorMathTests
{
    private const double MaxError = 4e-7;

    private enum Function
    {
        Exp,
        Sigmoid,
        Tanh,
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Exp_is_within_two_units_in_the_last_place(VectorWidth width)
    {
        float[] x = [.. Everywhere(), .. Between(-105, 90, 200_000)];
        float[] y = Apply(width, Function.Exp, x);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = Math.Exp(x[i]);
            if (expected > float.MaxValue)
            {
                // The last value below the overflow may round either way.
                Assert.True(y[i] >= float.MaxValue, $"exp({x[i]:R}) is {y[i]:R}");
                continue;
            }

            double unit = float.BitIncrement((float)expected) - (double)(float)expected;
            double units = Math.Abs(y[i] - expected) / (double.IsFinite(unit) ? unit : Math.ScaleB(1, 104));
            Assert.True(units <= 2, $"exp({x[i]:R}) is {y[i]:R}, {units} units from {expected:R}");
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Sigmoid_is_within_its_error(VectorWidth width) =>
        CheckError(width, Function.Sigmoid, TextbookCells.Sigmoid);

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Tanh_is_within_its_error(VectorWidth width) => CheckError(width, Function.Tanh, Math.Tanh);

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Tanh_of_small_values_keeps_its_relative_error(VectorWidth width)
    {
        float[] x = [.. Everywhere().Where(value => Math.Abs(value) is < 1f and > 1e-37f)];
        float[] y = Apply(width, Function.Tanh, x);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = Math.Tanh(x[i]);
            Assert.True(Math.Abs(y[i] - expected) <= MaxError * Math.Abs(expected), $"tanh({x[i]:R}) is {y[i]:R}");
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Zeros_and_infinities_give_the_limits(VectorWidth width)
    {
        float[] x = [0f, -0f, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue];

        Assert.Equal([1f, 1f, float.PositiveInfinity, 0f, float.PositiveInfinity, 0f], Apply(width, Function.Exp, x));
        Assert.Equal([0f, 0f, 1f, -1f, 1f, -1f], Apply(width, Function.Tanh, x).Select(value => value + 0f));
        float[] sigmoid = Apply(width, Function.Sigmoid, x);
        Assert.Equal([0.5f, 0.5f, 1f], sigmoid[..3]);
        Assert.InRange(sigmoid[3], 0f, 1e-37f);
        Assert.InRange(sigmoid[5], 0f, 1e-37f);
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void NaN_stays_NaN_in_its_lane_only(VectorWidth width)
    {
        foreach (Function function in Enum.GetValues<Function>())
        {
            float[] x = [.. Enumerable.Repeat(0.5f, 16)];
            float expected = Apply(width, function, x)[0];
            for (int lane = 0; lane < x.Length; lane++)
            {
                foreach (float nan in new[] { float.NaN, -float.NaN })
                {
                    float[] probe = [.. x];
                    probe[lane] = nan;
                    float[] y = Apply(width, function, probe);
                    Assert.True(float.IsNaN(y[lane]), $"{function} of NaN is {y[lane]}");
                    y[lane] = expected;
                    Assert.All(y, value => Assert.Equal(expected, value));
                }
            }
        }
    }

    private static void CheckError(VectorWidth width, Function function, Func<double, double> exact)
    {
        float[] x = [.. Everywhere(), .. Between(-100, 100, 100_000), .. Between(-10, 10, 100_000)];
        float[] y = Apply(width, function, x);
        for (int i = 0; i < x.Length; i++)
        {
            double error = Math.Abs(y[i] - exact(x[i]));
            Assert.True(error <= MaxError, $"{function}({x[i]:R}) is {y[i]:R}, {error} from {exact(x[i]):R}");
        }
    }

    // Every exponent with both signs and 65 fractions, the ends among them: zeros, subnormal and greatest values included.
    private static IEnumerable<float> Everywhere() =>
        from sign in new[] { 0u, 1u }
        from exponent in Enumerable.Range(0, 255)
        from fraction in Enumerable.Range(0, 65)
        select BitConverter.UInt32BitsToSingle(
            (sign << 31) | ((uint)exponent << 23) | Math.Min((uint)fraction << 17, 0x7FFFFFu));

    private static IEnumerable<float> Between(double low, double high, int count) =>
        Enumerable.Range(0, count).Select(i => (float)(low + ((high - low) * i / (count - 1))));

    private static float[] Apply(VectorWidth width, Function function, float[] x) => width switch
    {
        VectorWidth.Bits128 => Apply<Simd128, Vector128<float>>(function, x),
        VectorWidth.Bits256 => Apply<Simd256, Vector256<float>>(function, x),
        _ => Apply<Simd512, Vector512<float>>(function, x),
    };

    private static unsafe float[] Apply<TSimd, TVector>(Function function, float[] x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        float[] padded = new float[x.Length + TSimd.Lanes];
        x.CopyTo(padded, 0);
        fixed (float* values = padded)
        {
            for (int i = 0; i < x.Length; i += TSimd.Lanes)
            {
                TVector value = TSimd.Load(values + i);
                TVector result = function switch
                {
                    Function.Exp => VectorMath.Exp<TSimd, TVector>(value),
                    Function.Sigmoid => VectorMath.Sigmoid<TSimd, TVector>(value),
                    _ => VectorMath.Tanh<TSimd, TVector>(value),
                };
                TSimd.Store(result, values + i);
            }
        }

        return padded[..x.Length];
    }
}
