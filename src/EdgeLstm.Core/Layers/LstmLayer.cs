// Long short-term memory layer, with or without peepholes; the step itself is LstmKernel.

using System.Runtime.CompilerServices;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates long short-term memory layers.</summary>
public static class LstmLayer
{
    /// <summary>A layer for one stream with state [h, c] = OutputSize + HiddenSize; it begins at zero or at the initial
    /// state.</summary>
    /// <param name="weights">Weights.</param>
    /// <param name="width">The widest vectors to use; layers of few units use narrower ones.</param>
    /// <param name="precision">How the weights of x and h are held.</param>
    /// <exception cref="ArgumentException">A size, an array or the variant does not fit, a variant is to be held narrow, or the
    /// width is not available.</exception>
    public static Layer Create(LstmWeights weights, VectorWidth width, WeightPrecision precision = WeightPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        if (weights.Variant is not null)
        {
            VariantRules.RequireFloat32(weights.Name, precision);
        }

        Layer layer = LayerWidths.Create(new Source(weights, precision), weights.HiddenSize, width);
        return RecurrentLayer.Begin(layer, weights.InitialState);
    }

    private readonly struct Source(LstmWeights weights, WeightPrecision precision) : ILayerSource
    {
        public Layer Create<TSimd, TVector, TDot, TWord, TBytes, TSum>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
            where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
            where TWord : struct
            where TBytes : struct
            where TSum : struct =>
            precision switch
            {
                WeightPrecision.Float32 when weights.Variant is not null => new LstmVariantLayer<TSimd, TVector>(weights),
                WeightPrecision.Float32 => new LstmLayer<TSimd, TVector, Float32Weights<TSimd, TVector>>(weights),
                WeightPrecision.BFloat16 => new LstmLayer<TSimd, TVector, BFloat16Weights<TSimd, TVector>>(weights),
                WeightPrecision.Int8 => new LstmInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum>(weights),
                _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "unknown weight precision."),
            };
    }
}

/// <summary>The state of a long short-term memory layer: h and c.</summary>
internal abstract unsafe class LstmState : RecurrentLayer
{
    private readonly AlignedBuffer _cell;

    private protected LstmState(
        string name, ColumnLayout columns, int cellSize, int lanes, long parameterCount, int streamCount, int tileStreams)
        : base(name, columns, columns.HiddenSize + cellSize, parameterCount, streamCount, tileStreams)
    {
        CellSize = cellSize;
        CellStride = ColumnLayout.RoundUp(cellSize, lanes);
        _cell = new AlignedBuffer(PaddedStreamCount * CellStride);
    }

    /// <summary>Values of c: as many as of h, but where h is projected.</summary>
    private protected int CellSize { get; }

    /// <summary>Floats from the cell state of a stream to that of the next.</summary>
    private protected int CellStride { get; }

    /// <summary>c of a stream, whole vectors.</summary>
    private protected float* CellOf(int stream) => _cell.Pointer + ((nint)stream * CellStride);

    private protected static long CountParameters(LstmWeights weights) =>
        weights.InputWeights.LongLength + weights.RecurrentWeights.Length
        + weights.Bias.Length + (weights.Peepholes?.Length ?? 0)
        + (weights.Variant?.Projection?.Length ?? 0) + (weights.InitialState?.Length ?? 0);

    private protected override void ZeroState(int stream)
    {
        base.ZeroState(stream);
        _cell.Span.Slice(stream * CellStride, CellStride).Clear();
    }

    private protected override void CopyStateTo(Span<float> destination, int stream)
    {
        base.CopyStateTo(destination, stream);
        _cell.Span.Slice(stream * CellStride, CellSize).CopyTo(destination[OutputSize..]);
    }

    private protected override void CopyStateFrom(ReadOnlySpan<float> source, int stream)
    {
        base.CopyStateFrom(source, stream);
        source[OutputSize..].CopyTo(_cell.Span[(stream * CellStride)..]);
    }
}

/// <summary>A long short-term memory layer of one vector width with weights that are computed in float32.</summary>
internal sealed unsafe class LstmLayer<TSimd, TVector, TWeights> : LstmState
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TWeights : struct, IWeightFormat<TVector>
{
    private readonly Panels _panels;
    private readonly bool _takesTurns;
    private readonly bool _hasPeepholes;

    public LstmLayer(LstmWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, LstmKernel.Unroll<TSimd, TVector>(), TSimd.Lanes),
            weights.HiddenSize,
            TSimd.Lanes,
            CountParameters(weights),
            streamCount: 1,
            TSimd.TileStreams)
    {
        _hasPeepholes = weights.Peepholes is not null;
        _panels = new Panels(
            Columns,
            TSimd.Lanes,
            TWeights.IsBFloat16,
            weights.HiddenSize,
            [.. weights.Bias, .. weights.Peepholes ?? []],
            weights.InputWeights,
            weights.RecurrentWeights);
        _takesTurns = _panels.Bytes > NearestCacheBytes;
    }

    private LstmLayer(LstmLayer<TSimd, TVector, TWeights> other, int streamCount)
        : base(other.Name, other.Columns, other.CellSize, TSimd.Lanes, other.ParameterCount, streamCount, TSimd.TileStreams)
    {
        _hasPeepholes = other._hasPeepholes;
        _panels = other._panels;
        _takesTurns = other._takesTurns;
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    private protected override RecurrentLayer CreateForStreams(int count) => new LstmLayer<TSimd, TVector, TWeights>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        if (StreamCount == 1)
        {
            if (_takesTurns && TakeTurn())
            {
                StepOne<BackwardOrder>(current, next, y);
            }
            else
            {
                StepOne<ForwardOrder>(current, next, y);
            }

            return;
        }

        // Group by group, so that a panel stays in the first-level cache while all streams pass.
        for (int group = 0; group < _panels.GroupCount; group++)
        {
            int unit = group * TSimd.Lanes;
            for (int stream = 0; stream < StreamCount; stream += TSimd.TileStreams)
            {
                nint start = (nint)stream * stride;
                LstmKernel.StepTile<TSimd, TVector, TWeights>(
                    _panels.Pointer + ((nint)group * _panels.PanelLength),
                    current + start + Columns.First,
                    stride,
                    Columns.Columns,
                    CellOf(stream) + unit,
                    CellStride,
                    next + start + Columns.HiddenStart + unit,
                    _hasPeepholes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StepOne<TOrder>(float* current, float* next, float* y)
        where TOrder : struct, IGroupOrder =>
        LstmKernel.Step<TSimd, TVector, TWeights, TOrder>(
            _panels.Pointer,
            _panels.GroupCount,
            current + Columns.First,
            Columns.Columns,
            CellOf(0),
            next + Columns.HiddenStart,
            y,
            _hasPeepholes);
}
