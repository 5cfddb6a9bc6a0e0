// Long short-term memory layer, with or without peepholes; the step itself is LstmKernel.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates long short-term memory layers.</summary>
public static class LstmLayer
{
    /// <summary>A layer with state [h, c] = 2·HiddenSize, zero at first.</summary>
    /// <exception cref="ArgumentException">A size or an array does not fit, or the width is not available.</exception>
    public static Layer Create(LstmWeights weights, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return width switch
        {
            VectorWidth.Bits128 => new LstmLayer<Simd128>(weights),
            VectorWidth.Bits256 when VectorWidths.IsSupported(width) => new LstmLayer<Simd256>(weights),
            VectorWidth.Bits512 when VectorWidths.IsSupported(width) => new LstmLayer<Simd512>(weights),
            _ => throw VectorWidths.Unsupported(width),
        };
    }
}

/// <summary>A long short-term memory layer of one vector width.</summary>
internal sealed class LstmLayer<TVector> : RecurrentLayer
    where TVector : struct, ISimdVector<TVector>
{
    private readonly Panels _panels;
    private readonly AlignedBuffer _cell;
    private readonly bool _hasPeepholes;

    public LstmLayer(LstmWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, LstmKernel.Unroll, TVector.Lanes),
            2 * weights.HiddenSize,
            weights.InputWeights.LongLength + weights.RecurrentWeights.Length
            + weights.Bias.Length + (weights.Peepholes?.Length ?? 0))
    {
        _hasPeepholes = weights.Peepholes is not null;
        _panels = new Panels(
            Columns,
            TVector.Lanes,
            weights.HiddenSize,
            [.. weights.Bias, .. weights.Peepholes ?? []],
            weights.InputWeights,
            weights.RecurrentWeights);
        _cell = new AlignedBuffer(_panels.GroupCount * TVector.Lanes);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    /// <inheritdoc/>
    public override void ResetState()
    {
        base.ResetState();
        _cell.Span.Clear();
    }

    /// <inheritdoc/>
    public override void ReadState(Span<float> destination)
    {
        base.ReadState(destination);
        _cell.Span[..OutputSize].CopyTo(destination[OutputSize..]);
    }

    /// <inheritdoc/>
    public override void WriteState(ReadOnlySpan<float> source)
    {
        base.WriteState(source);
        source[OutputSize..].CopyTo(_cell.Span);
    }

    private protected override void StepHidden(ReadOnlySpan<float> x) =>
        LstmKernel.Step<TVector>(
            _panels, ref FirstColumn, (nuint)Columns.Columns, ref _cell.At(0), ref NextHidden, _hasPeepholes);
}
