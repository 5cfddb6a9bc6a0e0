// A dense layer: weighted sums of all units, then an activation.

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>y = W·z + b of all units, and the activations that follow it.</summary>
/// <remarks>As computed by torch.nn.Linear.</remarks>
internal static class DenseKernel
{
    /// <param name="panels">Panels of one gate with unit vector b.</param>
    /// <param name="columns">z [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="WeightedSum.Unroll"/>.</param>
    /// <param name="y">Receives the sums, whole vectors; must not lie within <paramref name="columns"/>.</param>
    public static void Step<TVector>(Panels panels, ref float columns, nuint columnCount, ref float y)
        where TVector : struct, ISimdVector<TVector>
    {
        nuint lanes = (nuint)TVector.Lanes;
        nuint end = (nuint)panels.GroupCount * lanes;
        ref float w = ref panels.First;
        for (nuint unit = 0; unit < end; unit += lanes)
        {
            WeightedSum.Of<TVector>(ref w, ref columns, columnCount).Store(ref y, unit);
            w = ref Unsafe.Add(ref w, (1 + columnCount) * lanes);
        }
    }

    /// <summary>max(y, 0) in place of <paramref name="count"/> floats, a whole number of vectors. NaN stays NaN.</summary>
    public static void Relu<TVector>(ref float y, nuint count)
        where TVector : struct, ISimdVector<TVector>
    {
        for (nuint unit = 0; unit < count; unit += (nuint)TVector.Lanes)
        {
            TVector.Max(TVector.Zero, TVector.Load(ref y, unit)).Store(ref y, unit);
        }
    }

    /// <summary>tanh(y) in place of <paramref name="count"/> floats, a whole number of vectors.</summary>
    public static void Tanh<TVector>(ref float y, nuint count)
        where TVector : struct, ISimdVector<TVector>
    {
        for (nuint unit = 0; unit < count; unit += (nuint)TVector.Lanes)
        {
            VectorMath.Tanh(TVector.Load(ref y, unit)).Store(ref y, unit);
        }
    }

    /// <summary>σ(y) in place of <paramref name="count"/> floats, a whole number of vectors.</summary>
    public static void Sigmoid<TVector>(ref float y, nuint count)
        where TVector : struct, ISimdVector<TVector>
    {
        for (nuint unit = 0; unit < count; unit += (nuint)TVector.Lanes)
        {
            VectorMath.Sigmoid(TVector.Load(ref y, unit)).Store(ref y, unit);
        }
    }

    /// <summary>e^(yᵢ − max y) / Σⱼ e^(yⱼ − max y) in place. Infinite maxima and NaN give NaN.</summary>
    /// <param name="y">Whole vectors.</param>
    /// <param name="unitCount">Units that count; what stands after them in the last vector is left undefined.</param>
    public static void Softmax<TVector>(Span<float> y, int unitCount)
        where TVector : struct, ISimdVector<TVector>
    {
        Span<float> units = y[..unitCount];
        float greatest = float.NegativeInfinity;
        foreach (float value in units)
        {
            greatest = MathF.Max(greatest, value);
        }

        // Subtracting the greatest keeps every power at or below 1: none overflows.
        TVector shift = TVector.Broadcast(greatest);
        ref float first = ref y[0];
        for (nuint unit = 0; unit < (nuint)y.Length; unit += (nuint)TVector.Lanes)
        {
            VectorMath.Exp(TVector.Load(ref first, unit) - shift).Store(ref first, unit);
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
