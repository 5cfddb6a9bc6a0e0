// Scaling of values by weights of their own, and normalisation to mean 0 and variance 1.
//
//   d = x − m,  δ = Σd / n,  x ← (d − δ) / √(Σd² / n − δ² + ε)        with m, the mean as float32 has it, and δ, what it is off

namespace EdgeLstm.Core.Kernels;

/// <summary>Batch normalisation with trained statistics, and layer normalisation.</summary>
internal static unsafe class NormalizationKernel
{
    /// <summary>x ← x ⊙ weight + bias.</summary>
    /// <param name="x">Values, in place.</param>
    /// <param name="weight">[count].</param>
    /// <param name="bias">[count].</param>
    /// <param name="count">A whole number of vectors.</param>
    public static void Scale<TSimd, TVector>(float* x, float* weight, float* bias, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (nint k = 0; k < count; k += TSimd.Lanes)
        {
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(x + k), TSimd.Load(weight + k), TSimd.Load(bias + k)), x + k);
        }
    }

    /// <summary>x ← (x − mean) / √(variance + epsilon), the variance that of the values themselves (divided by n).</summary>
    /// <remarks>
    /// The corrected two-pass algorithm (Chan, Golub, LeVeque, "Algorithms for Computing the Sample Variance", 1983): values of a
    /// great mean and a small variance lose no more than their own rounding.
    /// </remarks>
    /// <param name="x">Values, in place, with room for whole vectors; what stands after the last one is left undefined.</param>
    /// <param name="size">Values, n, at least 1.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static void Normalize<TSimd, TVector>(float* x, int size, float epsilon)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint count = ColumnLayout.RoundUp(size, TSimd.Lanes);
        Span<float> padding = new(x + size, (int)count - size);
        padding.Clear();
        TVector total = TSimd.Zero;
        for (nint k = 0; k < count; k += TSimd.Lanes)
        {
            total = TSimd.Add(total, TSimd.Load(x + k));
        }

        float mean = Sum<TSimd, TVector>(total) / size;
        padding.Fill(mean);   // adds nothing to the sums of differences
        TVector shift = TSimd.Broadcast(mean);
        TVector differences = TSimd.Zero;
        TVector squares = TSimd.Zero;
        for (nint k = 0; k < count; k += TSimd.Lanes)
        {
            TVector d = TSimd.Subtract(TSimd.Load(x + k), shift);
            differences = TSimd.Add(differences, d);
            squares = TSimd.MultiplyAdd(d, d, squares);
            TSimd.Store(d, x + k);
        }

        float correction = Sum<TSimd, TVector>(differences) / size;
        float variance = MathF.Max(0, (Sum<TSimd, TVector>(squares) / size) - (correction * correction));
        TVector center = TSimd.Broadcast(correction);
        TVector factor = TSimd.Broadcast(1 / MathF.Sqrt(variance + epsilon));
        for (nint k = 0; k < count; k += TSimd.Lanes)
        {
            TSimd.Store(TSimd.Multiply(TSimd.Subtract(TSimd.Load(x + k), center), factor), x + k);
        }
    }

    private static float Sum<TSimd, TVector>(TVector vector)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        float* lanes = stackalloc float[TSimd.Lanes];
        TSimd.Store(vector, lanes);
        float sum = 0;
        for (int k = 0; k < TSimd.Lanes; k++)
        {
            sum += lanes[k];
        }

        return sum;
    }
}
