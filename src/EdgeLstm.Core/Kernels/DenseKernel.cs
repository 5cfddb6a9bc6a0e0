// A dense layer: weighted sums of all units, then an activation.

namespace EdgeLstm.Core.Kernels;

/// <summary>y = W·z + b of all units, and the activations that follow it.</summary>
/// <remarks>As computed by torch.nn.Linear.</remarks>
internal static unsafe class DenseKernel
{
    /// <param name="weights">Panels of one gate with unit vector b.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="columns">z [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="WeightedSum.Unroll"/>.</param>
    /// <param name="y">Receives the sums, whole vectors; must not lie within <paramref name="columns"/>.</param>
    public static void Step<TSimd, TVector>(float* weights, nint groups, float* columns, nint columnCount, float* y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        float* w = weights;
        for (nint group = 0; group < groups; group++)
        {
            TSimd.Store(WeightedSum.Of<TSimd, TVector, Float32Weights<TSimd, TVector>>(w, columns, columnCount), y);
            y += TSimd.Lanes;
            w += WeightedSum.PanelLength<TSimd, TVector, Float32Weights<TSimd, TVector>>(columnCount);
        }
    }

    /// <summary>max(y, 0) in place of <paramref name="count"/> floats, a whole number of vectors. NaN stays NaN.</summary>
    public static void Relu<TSimd, TVector>(float* y, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (float* end = y + count; y < end; y += TSimd.Lanes)
        {
            TSimd.Store(TSimd.Max(TSimd.Zero, TSimd.Load(y)), y);
        }
    }

    /// <summary>tanh(y) in place of <paramref name="count"/> floats, a whole number of vectors.</summary>
    public static void Tanh<TSimd, TVector>(float* y, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (float* end = y + count; y < end; y += TSimd.Lanes)
        {
            TSimd.Store(VectorMath.Tanh<TSimd, TVector>(TSimd.Load(y)), y);
        }
    }

    /// <summary>σ(y) in place of <paramref name="count"/> floats, a whole number of vectors.</summary>
    public static void Sigmoid<TSimd, TVector>(float* y, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (float* end = y + count; y < end; y += TSimd.Lanes)
        {
            TSimd.Store(VectorMath.Sigmoid<TSimd, TVector>(TSimd.Load(y)), y);
        }
    }

    /// <summary>e^(yᵢ − max y) / Σⱼ e^(yⱼ − max y) in place. Infinite maxima and NaN give NaN.</summary>
    /// <param name="y">Whole vectors.</param>
    /// <param name="unitCount">Units that count; what stands after them in the last vector is left undefined.</param>
    public static void Softmax<TSimd, TVector>(float* y, int unitCount)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        Span<float> units = new(y, unitCount);
        float greatest = float.NegativeInfinity;
        foreach (float value in units)
        {
            greatest = MathF.Max(greatest, value);
        }

        // Subtracting the greatest keeps every power at or below 1: none overflows.
        TVector shift = TSimd.Broadcast(greatest);
        for (float* end = y + unitCount; y < end; y += TSimd.Lanes)
        {
            TSimd.Store(VectorMath.Exp<TSimd, TVector>(TSimd.Subtract(TSimd.Load(y), shift)), y);
        }

        float sum = 0;
        foreach (float power in units)
        {
            sum += power;
        }

        foreach (ref float power in units)
        {
            power /= sum;
        }
    }
}
