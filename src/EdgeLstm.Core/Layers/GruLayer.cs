// Gated recurrent unit layers in both forms; the steps themselves are GruResetAfterKernel and GruResetBeforeKernel.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates gated recurrent unit layers.</summary>
public static class GruLayer
{
    /// <summary>A layer with state [h] = HiddenSize, zero at first.</summary>
    /// <exception cref="ArgumentException">A size or an array does not fit, or the width is not available.</exception>
    public static Layer Create(GruWeights weights, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return width switch
        {
            VectorWidth.Bits128 => Create<Simd128>(weights),
            VectorWidth.Bits256 when VectorWidths.IsSupported(width) => Create<Simd256>(weights),
            VectorWidth.Bits512 when VectorWidths.IsSupported(width) => Create<Simd512>(weights),
            _ => throw VectorWidths.Unsupported(width),
        };
    }

    private static RecurrentLayer Create<TVector>(GruWeights weights)
        where TVector : struct, ISimdVector<TVector> =>
        weights.Reset == GruReset.After ? new GruResetAfterLayer<TVector>(weights) : new GruResetBeforeLayer<TVector>(weights);

    /// <summary>Trained values of a layer.</summary>
    internal static long CountParameters(GruWeights weights) =>
        weights.InputWeights.LongLength + weights.RecurrentWeights.Length
        + weights.Bias.Length + (weights.RecurrentBias?.Length ?? 0);
}

/// <summary>A gated recurrent unit layer, reset after the recurrent product, of one vector width.</summary>
internal sealed class GruResetAfterLayer<TVector> : RecurrentLayer
    where TVector : struct, ISimdVector<TVector>
{
    private readonly Panels _panels;

    public GruResetAfterLayer(GruWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Separate(weights.InputSize, weights.HiddenSize, GruResetAfterKernel.Unroll, TVector.Lanes),
            weights.HiddenSize,
            GruLayer.CountParameters(weights))
    {
        _panels = new Panels(
            Columns,
            TVector.Lanes,
            weights.HiddenSize,
            [.. weights.Bias, .. weights.RecurrentBias!],
            weights.InputWeights,
            weights.RecurrentWeights);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    private protected override void StepHidden(ReadOnlySpan<float> x) =>
        GruResetAfterKernel.Step<TVector>(
            _panels, ref FirstColumn, (nuint)Columns.InputColumns, (nuint)Columns.HiddenColumns, ref Hidden, ref NextHidden);
}

/// <summary>A gated recurrent unit layer, reset before the recurrent product, of one vector width.</summary>
internal sealed class GruResetBeforeLayer<TVector> : RecurrentLayer
    where TVector : struct, ISimdVector<TVector>
{
    private readonly Panels _gatePanels;
    private readonly Panels _statePanels;
    private readonly AlignedBuffer _reset;

    public GruResetBeforeLayer(GruWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, WeightedSum.Unroll, TVector.Lanes),
            weights.HiddenSize,
            GruLayer.CountParameters(weights))
    {
        int gateRows = 2 * weights.HiddenSize;
        ReadOnlySpan<float> bias = weights.Bias;
        ReadOnlySpan<float> input = weights.InputWeights;
        ReadOnlySpan<float> recurrent = weights.RecurrentWeights;
        int inputSplit = gateRows * InputSize;
        int recurrentSplit = gateRows * OutputSize;
        _gatePanels = new Panels(
            Columns, TVector.Lanes, OutputSize, bias[..gateRows], input[..inputSplit], recurrent[..recurrentSplit]);
        _statePanels = new Panels(
            Columns, TVector.Lanes, OutputSize, bias[gateRows..], input[inputSplit..], recurrent[recurrentSplit..]);
        _reset = new AlignedBuffer(Columns.Length);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _gatePanels.Bytes + _statePanels.Bytes;

    private protected override void StepHidden(ReadOnlySpan<float> x)
    {
        // The second pass reads x and r ⊙ h where the first reads x and h: a third buffer in the same order.
        x.CopyTo(_reset.Span[Columns.InputStart..]);
        nuint columnCount = (nuint)Columns.Columns;
        GruResetBeforeKernel.StepGates<TVector>(
            _gatePanels, ref FirstColumn, columnCount, ref Hidden, ref _reset.At(Columns.HiddenStart), ref NextHidden);
        GruResetBeforeKernel.StepState<TVector>(
            _statePanels, ref _reset.At(Columns.First), columnCount, ref Hidden, ref NextHidden);
    }
}
