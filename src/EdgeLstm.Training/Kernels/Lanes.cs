// Sequences that are trained side by side lie in the lanes of vectors:  values[row, lane], all lanes of a row together.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeLstm.Training.Kernels;

/// <summary>How many sequences one group holds, and vector arithmetic for float and double.</summary>
/// <remarks>Floats are trained; doubles are for comparing gradients with differences.</remarks>
internal static class Lanes
{
    /// <summary>Sequences of a group: a cache line of floats. A sum over them does not depend on how many cores there
    /// are.</summary>
    public const int Count = 16;

    private const float InverseLogOfTwo = 1.44269504f;

    // 2¹²⁵ and its inverse are normal floats; tanh 9.1 rounds to 1.
    private const float GreatestPower = 125f, TanhPower = 27f;

    // 1.5 · 2²³: added to a number it leaves that, rounded, in the lowest bits.
    private const float RoundingShift = 12582912f;
    private const int MantissaBits = 23;

    /// <summary>a · b + c, rounded once where the processor can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> MultiplyAdd<T>(Vector<T> a, Vector<T> b, Vector<T> c)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return Vector.FusedMultiplyAdd(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>();
        }

        return Vector.FusedMultiplyAdd(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();
    }

    /// <summary>1 / (1 + e⁻ᵃ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Sigmoid<T>(Vector<T> a)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            (Vector<float> q, Vector<float> scale) = Power(a.As<T, float>() * new Vector<float>(-InverseLogOfTwo), GreatestPower);
            return (Vector<float>.One / (Vector.FusedMultiplyAdd(q, scale, scale) + Vector<float>.One)).As<float, T>();
        }

        return (Vector<double>.One / (Vector<double>.One + Vector.Exp(-a.As<T, double>()))).As<double, T>();
    }

    /// <summary>1 − 2 / (e²ᵃ + 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Tanh<T>(Vector<T> a)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            (Vector<float> q, Vector<float> scale) = Power(a.As<T, float>() * new Vector<float>(2 * InverseLogOfTwo), TanhPower);
            Vector<float> m = Vector.FusedMultiplyAdd(q, scale, scale - Vector<float>.One);   // e²ᵃ − 1: small values stay exact
            return (m / (m + new Vector<float>(2))).As<float, T>();
        }

        Vector<double> one = Vector<double>.One, two = one + one, x = a.As<T, double>();
        return (one - (two / (Vector.Exp(x + x) + one))).As<double, T>();
    }

    // 2ᵗ = 2ⁿ · (1 + q) with n = round(t) and |t| held below a limit; q as in Core's VectorMath, absolute error 2e-9. NaN stays
    // NaN: of the native comparisons the second operand.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Q, Vector<float> Scale) Power(Vector<float> t, float limit)
    {
        t = Vector.MaxNative(new Vector<float>(-limit), Vector.MinNative(new Vector<float>(limit), t));
        Vector<float> shifted = t + new Vector<float>(RoundingShift);
        Vector<float> r = t - (shifted - new Vector<float>(RoundingShift));
        Vector<int> exponent = Vector.ShiftLeft(Vector.AsVectorInt32(shifted), MantissaBits);
        Vector<float> scale = Vector.AsVectorSingle(exponent + Vector.AsVectorInt32(Vector<float>.One));
        Vector<float> square = r * r;
        Vector<float> low = Vector.FusedMultiplyAdd(r, new(0.24022650718688965f), new(0.6931471824645996f));
        Vector<float> middle = Vector.FusedMultiplyAdd(r, new(0.009618003852665424f), new(0.055503278970718384f));
        Vector<float> high = Vector.FusedMultiplyAdd(r, new(0.00015476279077120125f), new(0.001340023591183126f));
        Vector<float> q = Vector.FusedMultiplyAdd(Vector.FusedMultiplyAdd(high, square, middle), square, low);
        return (q * r, scale);
    }
}
