// Long short-term memory layer with 8-bit weights; the step itself is LstmKernel.StepInt8.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>A long short-term memory layer with 8-bit weights. Streams are stepped one after the other.</summary>
internal sealed unsafe class LstmInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum> : LstmState
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
    where TWord : struct
    where TBytes : struct
    where TSum : struct
{
    private readonly Int8Panels _panels;
    private readonly Int8Buffer<TDot, TVector, TWord, TBytes, TSum> _values;
    private readonly bool _hasPeepholes;

    public LstmInt8Layer(LstmWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, Int8Panels.WordColumns, TSimd.Lanes),
            weights.HiddenSize,
            TSimd.Lanes,
            CountParameters(weights),
            streamCount: 1,
            tileStreams: 1)
    {
        _hasPeepholes = weights.Peepholes is not null;
        _panels = new Int8Panels(
            TSimd.Lanes,
            OutputSize,
            InputSize,
            OutputSize,
            [.. weights.Bias, .. weights.Peepholes ?? []],
            weights.InputWeights,
            weights.RecurrentWeights);
        _values = new Int8Buffer<TDot, TVector, TWord, TBytes, TSum>(InputSize, OutputSize, isHiddenBounded: true);
    }

    private LstmInt8Layer(LstmInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum> other, int streamCount)
        : base(other.Name, other.Columns, other.CellSize, TSimd.Lanes, other.ParameterCount, streamCount, tileStreams: 1)
    {
        _hasPeepholes = other._hasPeepholes;
        _panels = other._panels;
        _values = new Int8Buffer<TDot, TVector, TWord, TBytes, TSum>(InputSize, OutputSize, isHiddenBounded: true);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    private protected override RecurrentLayer CreateForStreams(int count) =>
        new LstmInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            Int8Operands values = _values.Quantize(current + Columns.InputStart, current + Columns.HiddenStart);
            LstmKernel.StepInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
                _panels.Pointer, _panels.GroupCount, in values, CellOf(stream), next + Columns.HiddenStart, y, _hasPeepholes);
            current += stride;
            next += stride;
        }
    }
}
