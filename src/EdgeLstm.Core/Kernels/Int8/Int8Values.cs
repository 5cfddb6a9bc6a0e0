// Values of one step as 16-bit integers: x on a scale of its own for each step, h on a fixed one.
//
//   q = round(value / step), |q| ≤ GreatestFor(columns)      value ≈ q · step

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
}

/// <summary>Quantises the values of a step.</summary>
internal static unsafe class Int8Values
{
    /// <summary>Bytes of a word: four 16-bit values.</summary>
    public const int WordBytes = 8;

    // 2¹⁵ − 129: taken apart into a high and a signed low byte, the high one still fits.
    private const int GreatestValue = 32639;

    /// <summary>The greatest quantised value with which the sum over <paramref name="columns"/> fits into 32 bits.</summary>
    public static int GreatestFor(int columns) => Math.Min(GreatestValue, int.MaxValue / (Int8Rows.Greatest * columns));

    /// <summary>Quantises values that may be of any size.</summary>
    /// <param name="values">[count], readable up to a multiple of 8.</param>
    /// <param name="count">Values that count.</param>
    /// <param name="words">Receives the words; whatever stands behind <paramref name="count"/> meets zero weights.</param>
    /// <returns>The step; NaN when a value is not finite, so that the outputs are NaN too.</returns>
    public static float Quantize<TDot, TVector, TWord, TSum>(float* values, int count, byte* words)
        where TDot : struct, IInt8Dot<TVector, TWord, TSum>
        where TVector : struct
        where TWord : struct
        where TSum : struct
    {
        float greatest = GreatestOf(values, count);
        if (!float.IsFinite(greatest))
        {
            return float.NaN;
        }

        // Values too small for the inverse of their step to be finite count as zero.
        float scale = greatest > 1e-30f ? GreatestFor(count) / greatest : 0;
        Write<TDot, TVector, TWord, TSum>(values, count, scale, words);
        return greatest / GreatestFor(count);
    }

    /// <summary>Quantises values from −1 to 1.</summary>
    /// <param name="values">[count], readable up to a multiple of 8.</param>
    /// <param name="count">Values that count.</param>
    /// <param name="words">Receives the words; whatever stands behind <paramref name="count"/> meets zero weights.</param>
    /// <returns>The step.</returns>
    public static float QuantizeUnit<TDot, TVector, TWord, TSum>(float* values, int count, byte* words)
        where TDot : struct, IInt8Dot<TVector, TWord, TSum>
        where TVector : struct
        where TWord : struct
        where TSum : struct
    {
        Write<TDot, TVector, TWord, TSum>(values, count, GreatestFor(count), words);
        return 1f / GreatestFor(count);
    }

    private static float GreatestOf(float* values, int count)
    {
        float greatest = 0;
        for (int i = 0; i < count; i++)
        {
            greatest = MathF.Max(greatest, MathF.Abs(values[i]));
        }

        return greatest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TDot, TVector, TWord, TSum>(float* values, int count, float scale, byte* words)
        where TDot : struct, IInt8Dot<TVector, TWord, TSum>
        where TVector : struct
        where TWord : struct
        where TSum : struct
    {
        Vector128<float> factor = Vector128.Create(scale);
        for (int i = 0; i < count; i += 8)
        {
            Vector128<int> low = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(values + i) * factor));
            Vector128<int> high = Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(values + i + 4) * factor));
            TDot.StoreWords(Vector128.Narrow(low, high), words);
            words += 2 * WordBytes;
        }
    }
}
