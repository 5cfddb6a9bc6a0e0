// Gated recurrent unit layers with 8-bit weights in both forms; the steps are those of the kernels that end in Int8.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>A gated recurrent unit layer, reset after, with 8-bit weights. Streams are stepped one after the other.</summary>
internal sealed unsafe class GruResetAfterInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum> : RecurrentLayer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
    where TWord : struct
    where TBytes : struct
    where TSum : struct
{
    private readonly Int8Panels _panels;
    private readonly Int8Buffer<TDot, TVector, TWord, TBytes, TSum> _values;

    public GruResetAfterInt8Layer(GruWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, Int8Panels.WordColumns, TSimd.Lanes),
            weights.HiddenSize,
            GruLayer.CountParameters(weights),
            streamCount: 1,
            tileStreams: 1)
    {
        _panels = new Int8Panels(
            TSimd.Lanes,
            OutputSize,
            InputSize,
            OutputSize,
            [.. weights.Bias, .. weights.RecurrentBias!],
            weights.InputWeights,
            weights.RecurrentWeights);
        _values = new Int8Buffer<TDot, TVector, TWord, TBytes, TSum>(InputSize, OutputSize, isHiddenBounded: true);
    }

    private GruResetAfterInt8Layer(GruResetAfterInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum> other, int streamCount)
        : base(other.Name, other.Columns, other.StateSize, other.ParameterCount, streamCount, tileStreams: 1)
    {
        _panels = other._panels;
        _values = new Int8Buffer<TDot, TVector, TWord, TBytes, TSum>(InputSize, OutputSize, isHiddenBounded: true);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    private protected override RecurrentLayer CreateForStreams(int count) =>
        new GruResetAfterInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            float* h = current + Columns.HiddenStart;
            Int8Operands values = _values.Quantize(current + Columns.InputStart, h);
            GruResetAfterKernel.StepInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
                _panels.Pointer, _panels.GroupCount, in values, h, next + Columns.HiddenStart, y);
            current += stride;
            next += stride;
        }
    }
}

/// <summary>A gated recurrent unit layer, reset before, with 8-bit weights. Streams are stepped one after the other.</summary>
internal sealed unsafe class GruResetBeforeInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum> : RecurrentLayer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
    where TWord : struct
    where TBytes : struct
    where TSum : struct
{
    private readonly Int8Panels _gatePanels;
    private readonly Int8Panels _statePanels;
    private readonly Int8Buffer<TDot, TVector, TWord, TBytes, TSum> _values;
    private readonly AlignedBuffer _reset;

    public GruResetBeforeInt8Layer(GruWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, Int8Panels.WordColumns, TSimd.Lanes),
            weights.HiddenSize,
            GruLayer.CountParameters(weights),
            streamCount: 1,
            tileStreams: 1)
    {
        int gateRows = 2 * weights.HiddenSize;
        _gatePanels = Pack(weights, ..gateRows);
        _statePanels = Pack(weights, gateRows..);
        _values = new Int8Buffer<TDot, TVector, TWord, TBytes, TSum>(InputSize, OutputSize, isHiddenBounded: true);
        _reset = new AlignedBuffer(Columns.Length);
    }

    private GruResetBeforeInt8Layer(GruResetBeforeInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum> other, int streamCount)
        : base(other.Name, other.Columns, other.StateSize, other.ParameterCount, streamCount, tileStreams: 1)
    {
        _gatePanels = other._gatePanels;
        _statePanels = other._statePanels;
        _values = new Int8Buffer<TDot, TVector, TWord, TBytes, TSum>(InputSize, OutputSize, isHiddenBounded: true);
        _reset = new AlignedBuffer(Columns.Length);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _gatePanels.Bytes + _statePanels.Bytes;

    private protected override RecurrentLayer CreateForStreams(int count) =>
        new GruResetBeforeInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            float* x = current + Columns.InputStart;
            float* h = current + Columns.HiddenStart;
            float* reset = _reset.Pointer + Columns.HiddenStart;
            Int8Operands values = _values.Quantize(x, h);
            GruResetBeforeKernel.StepGatesInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
                _gatePanels.Pointer, _gatePanels.GroupCount, in values, h, reset, next + Columns.HiddenStart);

            // The second pass reads r ⊙ h, of which |r ⊙ h| ≤ |h| ≤ 1, where the first reads h.
            values = _values.Quantize(x, reset);
            GruResetBeforeKernel.StepStateInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
                _statePanels.Pointer, _statePanels.GroupCount, in values, h, next + Columns.HiddenStart, y);
            current += stride;
            next += stride;
        }
    }

    private Int8Panels Pack(GruWeights weights, Range rows)
    {
        (int first, int count) = rows.GetOffsetAndLength(3 * weights.HiddenSize);
        return new Int8Panels(
            TSimd.Lanes,
            OutputSize,
            InputSize,
            OutputSize,
            weights.Bias.AsSpan(rows),
            weights.InputWeights.AsSpan(first * InputSize, count * InputSize),
            weights.RecurrentWeights.AsSpan(first * OutputSize, count * OutputSize));
    }
}
