// The activation that follows the sums of a layer: softmax over its units, or any other function of each.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>Applies an activation to all values of a layer.</summary>
internal static unsafe class LayerActivation
{
    /// <summary>Replaces each value a by activation(a).</summary>
    /// <param name="activation">The function.</param>
    /// <param name="values">Whole vectors; what stands in them after the last unit is left undefined.</param>
    /// <param name="unitCount">Values that count, at least 1.</param>
    public static void Apply<TSimd, TVector>(ActivationFunction activation, AlignedBuffer values, int unitCount)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        if (activation.Kind == Activation.Softmax)
        {
            DenseKernel.Softmax<TSimd, TVector>(values.Pointer, unitCount);
        }
        else
        {
            ElementwiseActivation.Apply<TSimd, TVector>(activation, values.Pointer, values.Length);
        }
    }
}
