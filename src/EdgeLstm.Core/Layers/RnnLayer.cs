// Vanilla recurrent layer; the step itself is RnnKernel.

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates vanilla recurrent layers.</summary>
public static class RnnLayer
{
    /// <summary>A layer for one stream with state [h] = HiddenSize, zero at first.</summary>
    /// <exception cref="ArgumentException">A size, an array or the activation does not fit, or the width is missing.</exception>
    public static Layer Create(RnnWeights weights, VectorWidth width, WeightPrecision precision = WeightPrecision.Float32)
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

    /// <summary>Trained values of a layer.</summary>
    internal static long CountParameters(RnnWeights weights) =>
        weights.InputWeights.LongLength + weights.RecurrentWeights.Length + weights.Bias.Length;

    private static RecurrentLayer Create<TSimd, TVector, TDot, TWord, TSum>(RnnWeights weights, WeightPrecision precision)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TSum>
        where TWord : struct
        where TSum : struct =>
        precision switch
        {
            WeightPrecision.Float32 => new RnnLayer<TSimd, TVector, Float32Weights<TSimd, TVector>>(weights),
            WeightPrecision.BFloat16 => new RnnLayer<TSimd, TVector, BFloat16Weights<TSimd, TVector>>(weights),
            WeightPrecision.Int8 => new RnnInt8Layer<TSimd, TVector, TDot, TWord, TSum>(weights),
            _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "unknown weight precision."),
        };
}

/// <summary>A vanilla recurrent layer of one vector width with weights that are computed in float32.</summary>
internal sealed unsafe class RnnLayer<TSimd, TVector, TWeights> : RecurrentLayer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TWeights : struct, IWeightFormat<TVector>
{
    private readonly Panels _panels;
    private readonly bool _isRelu;

    public RnnLayer(RnnWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Joint(weights.InputSize, weights.HiddenSize, WeightedSum.Unroll, TSimd.Lanes),
            weights.HiddenSize,
            RnnLayer.CountParameters(weights),
            streamCount: 1)
    {
        _isRelu = weights.Activation == Activation.Relu;
        _panels = new Panels(
            Columns,
            TSimd.Lanes,
            TWeights.IsBFloat16,
            weights.HiddenSize,
            weights.Bias,
            weights.InputWeights,
            weights.RecurrentWeights);
    }

    private RnnLayer(RnnLayer<TSimd, TVector, TWeights> other, int streamCount)
        : base(other.Name, other.Columns, other.StateSize, other.ParameterCount, streamCount)
    {
        _isRelu = other._isRelu;
        _panels = other._panels;
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    /// <inheritdoc/>
    public override Layer ForStreams(int count) => new RnnLayer<TSimd, TVector, TWeights>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            RnnKernel.Step<TSimd, TVector, TWeights>(
                _panels.Pointer,
                _panels.GroupCount,
                current + Columns.First,
                Columns.Columns,
                next + Columns.HiddenStart,
                _isRelu);
            current += stride;
            next += stride;
        }
    }
}
