// An activation as a layer of its own.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates activation layers.</summary>
public static class ActivationLayer
{
    /// <summary>A layer without state and weights: y = activation(x).</summary>
    /// <param name="name">Name within the network.</param>
    /// <param name="size">Inputs and outputs.</param>
    /// <param name="activation">The function.</param>
    /// <param name="width">The widest vectors to use; layers of few units use narrower ones.</param>
    /// <exception cref="ArgumentException">The size or the activation does not fit, or the width is missing.</exception>
    public static Layer Create(string name, int size, ActivationFunction activation, VectorWidth width)
    {
        WeightShape.CheckSizes(name, (nameof(size), size));
        WeightShape.CheckActivation(name, activation);
        return LayerWidths.Create(new Source(name, size, activation), size, width);
    }

    private readonly struct Source(string name, int size, ActivationFunction activation) : ILayerSource
    {
        public Layer Create<TSimd, TVector, TDot, TWord, TBytes, TSum>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
            where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
            where TWord : struct
            where TBytes : struct
            where TSum : struct =>
            new ActivationLayer<TSimd, TVector>(name, size, activation, streamCount: 1);
    }
}

/// <summary>An activation layer of one vector width.</summary>
internal sealed class ActivationLayer<TSimd, TVector>(string name, int size, ActivationFunction activation, int streamCount)
    : InPlaceLayer<TSimd, TVector>(name, size, parameterCount: 0, streamCount)
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <inheritdoc/>
    public override long WeightBytes => 0;

    /// <inheritdoc/>
    public override Layer ForStreams(int count) => new ActivationLayer<TSimd, TVector>(Name, InputSize, activation, count);

    private protected override void Transform() => LayerActivation.Apply<TSimd, TVector>(activation, Values, InputSize);
}
