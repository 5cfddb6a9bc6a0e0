// Vanilla recurrent layer; the step itself is RnnKernel.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates vanilla recurrent layers.</summary>
public static class RnnLayer
{
    /// <summary>A layer with state [h] = HiddenSize, zero at first.</summary>
    /// <exception cref="ArgumentException">A size, an array or the activation does not fit, or the width is missing.</exception>
    public static Layer Create(RnnWeights weights, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return width switch
        {
            VectorWidth.Bits128 => new RnnLayer<Simd128>(weights),
            VectorWidth.Bits256 when VectorWidths.IsSupported(width) => new RnnLayer<Simd256>(weights),
            VectorWidth.Bits512 when VectorWidths.IsSupported(width) => new RnnLayer<Simd512>(weights),
            _ => throw VectorWidths.Unsupported(width),
        };
    }
}

/// <summary>A vanilla recurrent layer of one vector width.</summary>
internal sealed class RnnLayer<TVector> : RecurrentLayer
    where TVector : struct, ISimdVector<TVector>
{
    private readonly Panels _panels;
    private readonly bool _isRelu;

    public RnnLayer(RnnWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, WeightedSum.Unroll, TVector.Lanes),
            weights.HiddenSize,
            weights.InputWeights.LongLength + weights.RecurrentWeights.Length + weights.Bias.Length)
    {
        _isRelu = weights.Activation == Activation.Relu;
        _panels = new Panels(
            Columns, TVector.Lanes, weights.HiddenSize, weights.Bias, weights.InputWeights, weights.RecurrentWeights);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    private protected override void StepHidden(ReadOnlySpan<float> x) =>
        RnnKernel.Step<TVector>(_panels, ref FirstColumn, (nuint)Columns.Columns, ref NextHidden, _isRelu);
}
