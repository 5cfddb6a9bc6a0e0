// Vanilla recurrent layer of any elementwise activation, with or without a bound for its sums.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>h' = activation(clip(W·x + R·h + b)). Streams are stepped one after the other.</summary>
internal sealed unsafe class RnnVariantLayer<TSimd, TVector> : RecurrentLayer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly ActivationFunction _activation;
    private readonly float _clip;
    private readonly GateSums<TSimd, TVector> _sums;

    public RnnVariantLayer(RnnWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, WeightedSum.Unroll, TSimd.Lanes),
            weights.HiddenSize,
            RnnLayer.CountParameters(weights),
            streamCount: 1,
            tileStreams: 1)
    {
        _activation = weights.Activation;
        _clip = weights.Clip;
        _sums = new GateSums<TSimd, TVector>(
            Columns, OutputSize, weights.Bias, weights.InputWeights, weights.RecurrentWeights, 0);
    }

    private RnnVariantLayer(RnnVariantLayer<TSimd, TVector> other, int streamCount)
        : base(other.Name, other.Columns, other.StateSize, other.ParameterCount, streamCount, tileStreams: 1)
    {
        _activation = other._activation;
        _clip = other._clip;
        _sums = other._sums;
    }

    /// <inheritdoc/>
    public override long WeightBytes => _sums.Bytes;

    private protected override RecurrentLayer CreateForStreams(int count) => new RnnVariantLayer<TSimd, TVector>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            float* h = next + Columns.HiddenStart;
            _sums.Sum(current + Columns.First, h);
            GateKernel.Clip<TSimd, TVector>(h, _clip, _sums.Stride);
            ElementwiseActivation.Apply<TSimd, TVector>(_activation, h, _sums.Stride);
            if (y != null)
            {
                new Span<float>(h, OutputSize).CopyTo(new Span<float>(y, OutputSize));
            }

            current += stride;
            next += stride;
        }
    }
}
