// Long short-term memory layer, with or without peepholes; the step itself is LstmKernel.

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates long short-term memory layers.</summary>
public static class LstmLayer
{
    /// <summary>A layer for one stream with state [h, c] = 2·HiddenSize, zero at first.</summary>
    /// <exception cref="ArgumentException">A size or an array does not fit, or the width is not available.</exception>
    public static Layer Create(LstmWeights weights, VectorWidth width, WeightPrecision precision = WeightPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return width switch
        {
            VectorWidth.Bits128 when Dp.IsSupported =>
                Create<Simd128, Vector128<float>, Int8DotSdot, Int8WordSdot, Int8SumsSdot>(weights, precision),
            VectorWidth.Bits128 when AdvSimd.Arm64.IsSupported =>
                Create<Simd128, Vector128<float>, Int8DotNeon, Vector128<short>, Int8SumsNeon>(weights, precision),
            VectorWidth.Bits128 =>
                Create<Simd128, Vector128<float>, Int8Dot128, Int8Word128, Vector128<int>>(weights, precision),
            VectorWidth.Bits256 when VectorWidths.IsSupported(width) =>
                Create<Simd256, Vector256<float>, Int8Dot256, Int8Word256, Vector256<int>>(weights, precision),
            VectorWidth.Bits512 when VectorWidths.IsSupported(width) =>
                Create<Simd512, Vector512<float>, Int8Dot512, Int8Word512, Vector512<int>>(weights, precision),
            _ => throw VectorWidths.Unsupported(width),
        };
    }

    private static LstmState Create<TSimd, TVector, TDot, TWord, TSum>(LstmWeights weights, WeightPrecision precision)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TSum>
        where TWord : struct
        where TSum : struct =>
        precision switch
        {
            WeightPrecision.Float32 => new LstmLayer<TSimd, TVector, Float32Weights<TSimd, TVector>>(weights),
            WeightPrecision.BFloat16 => new LstmLayer<TSimd, TVector, BFloat16Weights<TSimd, TVector>>(weights),
            WeightPrecision.Int8 => new LstmInt8Layer<TSimd, TVector, TDot, TWord, TSum>(weights),
            _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "unknown weight precision."),
        };
}

/// <summary>The state of a long short-term memory layer: h and c.</summary>
internal abstract unsafe class LstmState : RecurrentLayer
{
    private readonly AlignedBuffer _cell;
    private readonly int _cellStride;

    private protected LstmState(string name, ColumnLayout columns, int lanes, long parameterCount, int streamCount)
        : base(name, columns, 2 * columns.HiddenSize, parameterCount, streamCount)
    {
        _cellStride = ColumnLayout.RoundUp(columns.HiddenSize, lanes);
        _cell = new AlignedBuffer(streamCount * _cellStride);
    }

    /// <summary>c of a stream, whole vectors.</summary>
    private protected float* CellOf(int stream) => _cell.Pointer + ((nint)stream * _cellStride);

    private protected static long CountParameters(LstmWeights weights) =>
        weights.InputWeights.LongLength + weights.RecurrentWeights.Length
        + weights.Bias.Length + (weights.Peepholes?.Length ?? 0);

    private protected override void ClearState(int stream)
    {
        base.ClearState(stream);
        _cell.Span.Slice(stream * _cellStride, _cellStride).Clear();
    }

    private protected override void CopyStateTo(Span<float> destination, int stream)
    {
        base.CopyStateTo(destination, stream);
        _cell.Span.Slice(stream * _cellStride, OutputSize).CopyTo(destination[OutputSize..]);
    }

    private protected override void CopyStateFrom(ReadOnlySpan<float> source, int stream)
    {
        base.CopyStateFrom(source, stream);
        source[OutputSize..].CopyTo(_cell.Span[(stream * _cellStride)..]);
    }
}

/// <summary>A long short-term memory layer of one vector width with weights that are computed in float32.</summary>
internal sealed unsafe class LstmLayer<TSimd, TVector, TWeights> : LstmState
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TWeights : struct, IWeightFormat<TVector>
{
    private readonly Panels _panels;
    private readonly bool _hasPeepholes;

    public LstmLayer(LstmWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, LstmKernel.Unroll<TSimd, TVector>(), TSimd.Lanes),
            TSimd.Lanes,
            CountParameters(weights),
            streamCount: 1)
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
    }

    private LstmLayer(LstmLayer<TSimd, TVector, TWeights> other, int streamCount)
        : base(other.Name, other.Columns, TSimd.Lanes, other.ParameterCount, streamCount)
    {
        _hasPeepholes = other._hasPeepholes;
        _panels = other._panels;
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    /// <inheritdoc/>
    public override Layer ForStreams(int count) => new LstmLayer<TSimd, TVector, TWeights>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            LstmKernel.Step<TSimd, TVector, TWeights>(
                _panels.Pointer,
                _panels.GroupCount,
                current + Columns.First,
                Columns.Columns,
                CellOf(stream),
                next + Columns.HiddenStart,
                _hasPeepholes);
            current += stride;
            next += stride;
        }
    }
}
