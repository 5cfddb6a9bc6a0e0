// Vanilla recurrent layer with 8-bit weights; the step itself is RnnKernel.StepInt8.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>A vanilla recurrent layer with 8-bit weights. Streams are stepped one after the other.</summary>
internal sealed unsafe class RnnInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum> : RecurrentLayer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
    where TWord : struct
    where TBytes : struct
    where TSum : struct
{
    private readonly Int8Panels _panels;
    private readonly Int8Buffer<TDot, TVector, TWord, TBytes, TSum> _values;
    private readonly bool _isRelu;

    public RnnInt8Layer(RnnWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, Int8Panels.WordColumns, TSimd.Lanes),
            weights.HiddenSize,
            RnnLayer.CountParameters(weights),
            streamCount: 1,
            tileStreams: 1)
    {
        _isRelu = weights.Activation.Kind == Activation.Relu;
        _panels = new Int8Panels(
            TSimd.Lanes, OutputSize, InputSize, OutputSize, weights.Bias, weights.InputWeights, weights.RecurrentWeights);
        _values = new Int8Buffer<TDot, TVector, TWord, TBytes, TSum>(InputSize, OutputSize, isHiddenBounded: !_isRelu);
    }

    private RnnInt8Layer(RnnInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum> other, int streamCount)
        : base(other.Name, other.Columns, other.StateSize, other.ParameterCount, streamCount, tileStreams: 1)
    {
        _isRelu = other._isRelu;
        _panels = other._panels;
        _values = new Int8Buffer<TDot, TVector, TWord, TBytes, TSum>(InputSize, OutputSize, isHiddenBounded: !_isRelu);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    private protected override RecurrentLayer CreateForStreams(int count) =>
        new RnnInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            Int8Operands values = _values.Quantize(current + Columns.InputStart, current + Columns.HiddenStart);
            RnnKernel.StepInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
                _panels.Pointer, _panels.GroupCount, in values, next + Columns.HiddenStart, y, _isRelu);
            current += stride;
            next += stride;
        }
    }
}
