// Gated recurrent unit layer whose reset gate acts before the recurrent product.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>A gated recurrent unit layer, reset before the recurrent product, with weights that are computed in
/// float32.</summary>
internal sealed unsafe class GruResetBeforeLayer<TSimd, TVector, TWeights> : RecurrentLayer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TWeights : struct, IWeightFormat<TVector>
{
    private readonly Panels _gatePanels;
    private readonly Panels _statePanels;
    private readonly AlignedBuffer _reset;

    public GruResetBeforeLayer(GruWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, WeightedSum.Unroll, TSimd.Lanes),
            weights.HiddenSize,
            GruLayer.CountParameters(weights),
            streamCount: 1,
            TSimd.TileStreams)
    {
        int gateRows = 2 * weights.HiddenSize;
        _gatePanels = Pack(weights, ..gateRows);
        _statePanels = Pack(weights, gateRows..);
        _reset = new AlignedBuffer(PaddedStreamCount * Columns.Length);
    }

    private GruResetBeforeLayer(GruResetBeforeLayer<TSimd, TVector, TWeights> other, int streamCount)
        : base(other.Name, other.Columns, other.StateSize, other.ParameterCount, streamCount, TSimd.TileStreams)
    {
        _gatePanels = other._gatePanels;
        _statePanels = other._statePanels;
        _reset = new AlignedBuffer(PaddedStreamCount * Columns.Length);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _gatePanels.Bytes + _statePanels.Bytes;

    private protected override RecurrentLayer CreateForStreams(int count) =>
        new GruResetBeforeLayer<TSimd, TVector, TWeights>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        // The second pass reads x and r ⊙ h where the first reads x and h: a third buffer in the same order.
        float* reset = _reset.Pointer;
        for (int stream = 0; stream < StreamCount; stream++)
        {
            nint input = ((nint)stream * stride) + Columns.InputStart;
            new ReadOnlySpan<float>(current + input, InputSize).CopyTo(new Span<float>(reset + input, InputSize));
        }

        if (StreamCount == 1)
        {
            StepOne(current, reset, next, y);
        }
        else
        {
            StepTiles(current, reset, next, stride);
        }
    }

    private void StepOne(float* current, float* reset, float* next, float* y)
    {
        GruResetBeforeKernel.StepGates<TSimd, TVector, TWeights>(
            _gatePanels.Pointer,
            _gatePanels.GroupCount,
            current + Columns.First,
            Columns.Columns,
            current + Columns.HiddenStart,
            reset + Columns.HiddenStart,
            next + Columns.HiddenStart);
        GruResetBeforeKernel.StepState<TSimd, TVector, TWeights>(
            _statePanels.Pointer,
            _statePanels.GroupCount,
            reset + Columns.First,
            Columns.Columns,
            current + Columns.HiddenStart,
            next + Columns.HiddenStart,
            y);
    }

    private void StepTiles(float* current, float* reset, float* next, int stride)
    {
        for (int group = 0; group < _gatePanels.GroupCount; group++)
        {
            for (int stream = 0; stream < StreamCount; stream += TSimd.TileStreams)
            {
                nint start = (nint)stream * stride;
                nint h = start + Columns.HiddenStart + (group * TSimd.Lanes);
                GruResetBeforeKernel.StepGatesTile<TSimd, TVector, TWeights>(
                    _gatePanels.Pointer + ((nint)group * _gatePanels.PanelLength),
                    current + start + Columns.First,
                    stride,
                    Columns.Columns,
                    current + h,
                    reset + h,
                    next + h);
            }
        }

        for (int group = 0; group < _statePanels.GroupCount; group++)
        {
            for (int stream = 0; stream < StreamCount; stream += TSimd.TileStreams)
            {
                nint start = (nint)stream * stride;
                nint h = start + Columns.HiddenStart + (group * TSimd.Lanes);
                GruResetBeforeKernel.StepStateTile<TSimd, TVector, TWeights>(
                    _statePanels.Pointer + ((nint)group * _statePanels.PanelLength),
                    reset + start + Columns.First,
                    stride,
                    Columns.Columns,
                    current + h,
                    next + h);
            }
        }
    }

    private Panels Pack(GruWeights weights, Range rows)
    {
        (int first, int count) = rows.GetOffsetAndLength(3 * weights.HiddenSize);
        return new Panels(
            Columns,
            TSimd.Lanes,
            TWeights.IsBFloat16,
            weights.HiddenSize,
            weights.Bias.AsSpan(rows),
            weights.InputWeights.AsSpan(first * InputSize, count * InputSize),
            weights.RecurrentWeights.AsSpan(first * OutputSize, count * OutputSize));
    }
}
