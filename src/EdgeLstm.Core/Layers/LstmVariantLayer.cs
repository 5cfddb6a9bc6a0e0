// Long short-term memory layer of any variant: gate sums by the kernel of dense layers, then one operation at a time.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>A long short-term memory layer that <see cref="LstmVariant"/> describes. Streams are stepped one after the
/// other.</summary>
internal sealed unsafe class LstmVariantLayer<TSimd, TVector> : LstmState
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly LstmVariant _variant;
    private readonly GateSums<TSimd, TVector> _gates;
    private readonly GateSums<TSimd, TVector>? _projection;
    private readonly ColumnLayout _projected;
    private readonly AlignedBuffer? _peepholes;
    private readonly AlignedBuffer _sums;
    private readonly AlignedBuffer _unprojected;

    public LstmVariantLayer(LstmWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.OutputSize, WeightedSum.Unroll, TSimd.Lanes),
            weights.HiddenSize,
            TSimd.Lanes,
            CountParameters(weights),
            streamCount: 1,
            tileStreams: 1)
    {
        _variant = weights.Variant!;

        // In the order o, g, i, f: a coupled f has no sum.
        int[] gates = _variant.CoupledForget ? [3, 2, 0] : [3, 2, 0, 1];
        _gates = new GateSums<TSimd, TVector>(
            Columns, CellSize, weights.Bias, weights.InputWeights, weights.RecurrentWeights, gates);
        _projected = ColumnLayout.Joint(CellSize, 0, WeightedSum.Unroll, TSimd.Lanes);
        _projection = _variant.Projection is { } projection
            ? new GateSums<TSimd, TVector>(_projected, OutputSize, new float[OutputSize], projection, [], 0)
            : null;
        _peepholes = weights.Peepholes is null ? null : PadPeepholes(weights.Peepholes);
        _sums = new AlignedBuffer(LstmKernel.Gates * CellStride);
        _unprojected = new AlignedBuffer(_projected.Length);
    }

    private LstmVariantLayer(LstmVariantLayer<TSimd, TVector> other, int streamCount)
        : base(
            other.Name, other.Columns, other.CellSize, TSimd.Lanes, other.ParameterCount, streamCount, tileStreams: 1)
    {
        _variant = other._variant;
        _gates = other._gates;
        _projection = other._projection;
        _projected = other._projected;
        _peepholes = other._peepholes;
        _sums = new AlignedBuffer(LstmKernel.Gates * CellStride);
        _unprojected = new AlignedBuffer(_projected.Length);
    }

    /// <inheritdoc/>
    public override long WeightBytes =>
        _gates.Bytes + (_projection?.Bytes ?? 0) + ((long)(_peepholes?.Length ?? 0) * sizeof(float));

    private protected override RecurrentLayer CreateForStreams(int count) => new LstmVariantLayer<TSimd, TVector>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            _gates.Sum(current + Columns.First, _sums.Pointer);
            AdvanceCell(CellOf(stream));
            WriteHidden(CellOf(stream), next + Columns.HiddenStart);
            if (y != null)
            {
                new Span<float>(next + Columns.HiddenStart, OutputSize).CopyTo(new Span<float>(y, OutputSize));
            }

            current += stride;
            next += stride;
        }
    }

    // c' = cellClip(f ⊙ c + i ⊙ g).
    private void AdvanceCell(float* c)
    {
        float* g = _sums.Pointer + CellStride;
        float* i = g + CellStride;
        float* f = i + CellStride;
        Activate(_variant.Activation, g);
        Peep(0, c, i);
        Activate(_variant.GateActivation, i);
        if (_variant.CoupledForget)
        {
            GateKernel.Complement<TSimd, TVector>(i, f, CellStride);
        }
        else
        {
            Peep(1, c, f);
            Activate(_variant.GateActivation, f);
        }

        GateKernel.Mix<TSimd, TVector>(f, c, i, g, c, CellStride);
        GateKernel.Clip<TSimd, TVector>(c, _variant.CellClip, CellStride);
    }

    // h' = o ⊙ output(c'), projected where there is a projection.
    private void WriteHidden(float* c, float* h)
    {
        float* o = _sums.Pointer;
        float* output = o + CellStride;
        Peep(2, c, o);
        Activate(_variant.GateActivation, o);
        new Span<float>(c, CellStride).CopyTo(new Span<float>(output, CellStride));
        ElementwiseActivation.Apply<TSimd, TVector>(_variant.OutputActivation, output, CellStride);
        if (_projection is null)
        {
            GateKernel.Multiply<TSimd, TVector>(o, output, h, CellStride);
            return;
        }

        // Copied without what stands beyond the last unit: an infinite input may have left NaN there.
        GateKernel.Multiply<TSimd, TVector>(o, output, output, CellStride);
        new Span<float>(output, CellSize).CopyTo(_unprojected.Span[_projected.InputStart..]);
        _projection.Sum(_unprojected.Pointer + _projected.First, h);
    }

    private void Peep(int gate, float* c, float* sums)
    {
        if (_peepholes is not null)
        {
            GateKernel.AddProduct<TSimd, TVector>(_peepholes.Pointer + (gate * CellStride), c, sums, CellStride);
        }
    }

    private void Activate(ActivationFunction activation, float* sums)
    {
        GateKernel.Clip<TSimd, TVector>(sums, _variant.Clip, CellStride);
        ElementwiseActivation.Apply<TSimd, TVector>(activation, sums, CellStride);
    }

    private AlignedBuffer PadPeepholes(float[] peepholes)
    {
        AlignedBuffer padded = new(peepholes.Length / CellSize * CellStride);
        for (int gate = 0; gate * CellSize < peepholes.Length; gate++)
        {
            peepholes.AsSpan(gate * CellSize, CellSize).CopyTo(padded.Span[(gate * CellStride)..]);
        }

        return padded;
    }
}
