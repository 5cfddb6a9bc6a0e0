// The activation that follows the sums of a layer: whole vectors of the five common functions, value by value of the others.

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
        switch (activation.Kind)
        {
            case Activation.Linear:
                break;
            case Activation.Relu:
                DenseKernel.Relu<TSimd, TVector>(values.Pointer, values.Length);
                break;
            case Activation.Tanh:
                DenseKernel.Tanh<TSimd, TVector>(values.Pointer, values.Length);
                break;
            case Activation.Sigmoid:
                DenseKernel.Sigmoid<TSimd, TVector>(values.Pointer, values.Length);
                break;
            case Activation.Softmax:
                DenseKernel.Softmax<TSimd, TVector>(values.Pointer, unitCount);
                break;
            default:
                ElementwiseActivation.Apply(activation, values.Span[..unitCount]);
                break;
        }
    }
}
