// Gated recurrent unit layer of any variant, in both forms: sums by the kernel of dense layers, then one operation at a time.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>A gated recurrent unit layer that <see cref="GruVariant"/> describes. Streams are stepped one after the
/// other.</summary>
internal sealed unsafe class GruVariantLayer<TSimd, TVector> : RecurrentLayer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly GruVariant _variant;
    private readonly GateSums<TSimd, TVector> _gates;
    private readonly GateSums<TSimd, TVector> _candidate;
    private readonly GateSums<TSimd, TVector>? _recurrentCandidate;
    private readonly AlignedBuffer _sums;
    private readonly AlignedBuffer _reset;

    public GruVariantLayer(GruWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Separate(weights.InputSize, weights.HiddenSize, WeightedSum.Unroll, TSimd.Lanes),
            weights.HiddenSize,
            GruLayer.CountParameters(weights),
            streamCount: 1,
            tileStreams: 1)
    {
        _variant = weights.Variant!;
        (float[] w, float[] r, float[] b) = (weights.InputWeights, weights.RecurrentWeights, weights.Bias);
        _gates = new GateSums<TSimd, TVector>(Columns, OutputSize, b, w, r, 0, 1);
        if (weights.Reset == GruReset.Before)
        {
            _candidate = new GateSums<TSimd, TVector>(Columns, OutputSize, b, w, r, 2);
        }
        else
        {
            // x and h lie one behind the other, each padded as it is here alone.
            ColumnLayout input = ColumnLayout.Joint(InputSize, 0, WeightedSum.Unroll, TSimd.Lanes);
            ColumnLayout hidden = ColumnLayout.Joint(OutputSize, 0, WeightedSum.Unroll, TSimd.Lanes);
            float[] rows = r[(2 * OutputSize * OutputSize)..];
            _candidate = new GateSums<TSimd, TVector>(input, OutputSize, b, w, [], 2);
            _recurrentCandidate = new GateSums<TSimd, TVector>(hidden, OutputSize, weights.RecurrentBias!, rows, [], 0);
        }

        _sums = new AlignedBuffer(4 * _gates.Stride);
        _reset = new AlignedBuffer(Columns.Length);
    }

    private GruVariantLayer(GruVariantLayer<TSimd, TVector> other, int streamCount)
        : base(other.Name, other.Columns, other.StateSize, other.ParameterCount, streamCount, tileStreams: 1)
    {
        _variant = other._variant;
        _gates = other._gates;
        _candidate = other._candidate;
        _recurrentCandidate = other._recurrentCandidate;
        _sums = new AlignedBuffer(4 * _gates.Stride);
        _reset = new AlignedBuffer(Columns.Length);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _gates.Bytes + _candidate.Bytes + (_recurrentCandidate?.Bytes ?? 0);

    private protected override RecurrentLayer CreateForStreams(int count) => new GruVariantLayer<TSimd, TVector>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        int units = _gates.Stride;
        float* r = _sums.Pointer;
        float* z = r + units;
        float* n = z + units;
        for (int stream = 0; stream < StreamCount; stream++)
        {
            float* h = current + Columns.HiddenStart;
            float* hidden = next + Columns.HiddenStart;
            _gates.Sum(current + Columns.First, r);
            Activate(_variant.GateActivation, r, 2 * units);
            SumCandidate(current, r, n);
            Activate(_variant.Activation, n, units);

            // h' = (1 − z) ⊙ n + z ⊙ h, with 1 − z in the place of r, which is done with.
            GateKernel.Complement<TSimd, TVector>(z, r, units);
            GateKernel.Mix<TSimd, TVector>(r, n, z, h, hidden, units);
            if (y != null)
            {
                new Span<float>(hidden, OutputSize).CopyTo(new Span<float>(y, OutputSize));
            }

            current += stride;
            next += stride;
        }
    }

    // W·x + R·(r ⊙ h) + b, or W·x + b + r ⊙ (R·h + b_hn).
    private void SumCandidate(float* current, float* r, float* n)
    {
        int units = _gates.Stride;
        if (_recurrentCandidate is not null)
        {
            float* recurrent = n + units;
            _candidate.Sum(current + Columns.First, n);
            _recurrentCandidate.Sum(current + Columns.HiddenStart - Columns.HiddenPadding, recurrent);
            GateKernel.AddProduct<TSimd, TVector>(r, recurrent, n, units);
            return;
        }

        new Span<float>(current + Columns.InputStart, InputSize).CopyTo(_reset.Span[Columns.InputStart..]);
        GateKernel.Multiply<TSimd, TVector>(
            r, current + Columns.HiddenStart, _reset.Pointer + Columns.HiddenStart, units);
        _candidate.Sum(_reset.Pointer + Columns.First, n);
    }

    private void Activate(ActivationFunction activation, float* sums, int count)
    {
        GateKernel.Clip<TSimd, TVector>(sums, _variant.Clip, count);
        ElementwiseActivation.Apply<TSimd, TVector>(activation, sums, count);
    }
}
