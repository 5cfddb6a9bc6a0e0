// Values of one step as integers: x in 16 bits on a scale of its own for each step, h in 8 bits on a fixed one.
//
//   q = round(value / step)      value ≈ q · step      x: |q| ≤ GreatestFor(columns)      h: |q| ≤ 127

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Quantised columns of one step, and the sizes a kernel walks.</summary>
internal unsafe struct Int8Operands
{
    /// <summary>x in words of four columns.</summary>
    public byte* Input;

    /// <summary>h in words of four columns.</summary>
    public byte* Hidden;

    /// <summary>Words of x.</summary>
    public nint InputWords;

    /// <summary>Words of h.</summary>
    public nint HiddenWords;

    /// <summary>What one unit of a quantised x stands for.</summary>
    public float InputStep;

    /// <summary>What one unit of a quantised h stands for.</summary>
    public float HiddenStep;

    /// <summary>Sum of the magnitudes of all negative quantised h of 8 bits.</summary>
    public int HiddenNegatives;
}

/// <summary>Quantises the values of a step.</summary>
internal static unsafe class Int8Values
{
    /// <summary>The greatest 8-bit value of h; −128 is not used, see <see cref="Int8Rows.Greatest"/>.</summary>
    public const int UnitLimit = 127;

    /// <summary>Bytes of a word: four 16-bit values, or four 8-bit ones in the order the products want.</summary>
    public const int WordBytes = 8;

    // 2¹⁵ − 129: taken apart into a high and a signed low byte, the high one still fits.
    private const int GreatestValue = 32639;

    /// <summary>The greatest quantised value with which the sum over <paramref name="columns"/> fits into 32 bits.</summary>
    public static int GreatestFor(int columns) => Math.Min(GreatestValue, int.MaxValue / (Int8Rows.Greatest * columns));

    /// <summary>Quantises values that may be of any size.</summary>
    /// <param name="values">[count], readable up to a multiple of 8.</param>
    /// <param name="count">Values that count.</param>
    /// <param name="limit">Greatest quantised value, see <see cref="GreatestFor"/>.</param>
    /// <param name="words">Receives the words; whatever stands behind <paramref name="count"/> meets zero weights.</param>
    /// <returns>The step; NaN when a value is not finite, so that the outputs are NaN too.</returns>
    public static float Quantize<TDot, TVector, TWord, TBytes, TSum>(float* values, int count, float limit, byte* words)
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TVector : struct
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        float greatest = GreatestOf(values, count);
        if (!float.IsFinite(greatest))
        {
            return float.NaN;
        }

        // Values too small for the inverse of their step to be finite count as zero.
        float scale = greatest > 1e-30f ? limit / greatest : 0;
        Write<TDot, TVector, TWord, TBytes, TSum>(values, count, scale, words);
        return greatest / limit;
    }

    /// <summary>Quantises values from −1 to 1 to 8 bits: what one unit stands for is 1 / <see cref="UnitLimit"/>.</summary>
    /// <param name="values">[count], readable up to a multiple of 8; what lies beyond ±1 counts as ±1.</param>
    /// <param name="count">Values that count.</param>
    /// <param name="words">Receives the words; whatever stands behind <paramref name="count"/> meets zero weights.</param>
    /// <returns>Sum of the magnitudes of all negative quantised values.</returns>
    public static int QuantizeUnit<TDot, TVector, TWord, TBytes, TSum>(float* values, int count, byte* words)
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TVector : struct
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        Vector128<float> factor = Vector128.Create((float)UnitLimit);
        Vector128<int> negatives = Vector128<int>.Zero;
        for (int i = 0; i < count; i += 8)
        {
            Vector128<int> first = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(values + i) * factor));
            Vector128<int> second = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(values + i + 4) * factor));
            first = Vector128.Max(Vector128.Min(first, Vector128.Create(UnitLimit)), Vector128.Create(-UnitLimit));
            second = Vector128.Max(Vector128.Min(second, Vector128.Create(UnitLimit)), Vector128.Create(-UnitLimit));
            negatives += Vector128.Min(first, Vector128<int>.Zero) + Vector128.Min(second, Vector128<int>.Zero);
            TDot.StoreBytes(Vector128.Narrow(first, second), words);
            words += 2 * WordBytes;
        }

        return -Vector128.Sum(negatives);
    }

    private static float GreatestOf(float* values, int count)
    {
        Vector128<float> greatest = Vector128<float>.Zero;
        int i = 0;
        for (; i + 4 <= count; i += 4)
        {
            greatest = Vector128.Max(greatest, Vector128.Abs(Vector128.Load(values + i)));
        }

        float result = 0;
        for (; i < count; i++)
        {
            result = MathF.Max(result, MathF.Abs(values[i]));
        }

        return MathF.Max(
            MathF.Max(MathF.Max(greatest[0], greatest[1]), MathF.Max(greatest[2], greatest[3])), result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TDot, TVector, TWord, TBytes, TSum>(float* values, int count, float scale, byte* words)
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TVector : struct
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<float> wide = Vector256.Create(scale);
            for (; i + 16 <= count; i += 16)
            {
                Vector256<int> first = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(values + i) * wide));
                Vector256<int> second = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(values + i + 8) * wide));
                Vector256<short> sixteen = Vector256.Narrow(first, second);
                TDot.StoreWords(sixteen.GetLower(), words);
                TDot.StoreWords(sixteen.GetUpper(), words + (2 * WordBytes));
                words += 4 * WordBytes;
            }
        }

        Vector128<float> factor = Vector128.Create(scale);
        for (; i < count; i += 8)
        {
            Vector128<int> first = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(values + i) * factor));
            Vector128<int> second = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(values + i + 4) * factor));
            TDot.StoreWords(Vector128.Narrow(first, second), words);
            words += 2 * WordBytes;
        }
    }
}
