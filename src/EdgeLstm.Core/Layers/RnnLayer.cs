// Vanilla recurrent layer; the step itself is RnnKernel.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates vanilla recurrent layers.</summary>
public static class RnnLayer
{
    /// <summary>A layer for one stream with state [h] = HiddenSize; it begins at zero or at the initial state.</summary>
    /// <param name="weights">Weights.</param>
    /// <param name="width">The widest vectors to use; layers of few units use narrower ones.</param>
    /// <param name="precision">How the weights of x and h are held.</param>
    /// <exception cref="ArgumentException">A size, an array or the activation does not fit, a variant is to be held narrow, or
    /// the width is missing.</exception>
    public static Layer Create(RnnWeights weights, VectorWidth width, WeightPrecision precision = WeightPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        if (!weights.IsPlain)
        {
            VariantRules.RequireFloat32(weights.Name, precision);
        }

        Layer layer = LayerWidths.Create(new Source(weights, precision), weights.HiddenSize, width);
        return RecurrentLayer.Begin(layer, weights.InitialState);
    }

    /// <summary>Trained values of a layer.</summary>
    internal static long CountParameters(RnnWeights weights) =>
        weights.InputWeights.LongLength + weights.RecurrentWeights.Length + weights.Bias.Length
        + (weights.InitialState?.Length ?? 0);

    private readonly struct Source(RnnWeights weights, WeightPrecision precision) : ILayerSource
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
                WeightPrecision.Float32 when !weights.IsPlain => new RnnVariantLayer<TSimd, TVector>(weights),
                WeightPrecision.Float32 => new RnnLayer<TSimd, TVector, Float32Weights<TSimd, TVector>>(weights),
                WeightPrecision.BFloat16 => new RnnLayer<TSimd, TVector, BFloat16Weights<TSimd, TVector>>(weights),
                WeightPrecision.Int8 => new RnnInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum>(weights),
                _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "unknown weight precision."),
            };
    }
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
            streamCount: 1,
            TSimd.TileStreams)
    {
        _isRelu = weights.Activation.Kind == Activation.Relu;
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
        : base(other.Name, other.Columns, other.StateSize, other.ParameterCount, streamCount, TSimd.TileStreams)
    {
        _isRelu = other._isRelu;
        _panels = other._panels;
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    private protected override RecurrentLayer CreateForStreams(int count) => new RnnLayer<TSimd, TVector, TWeights>(this, count);

    private protected override void StepHidden(float* current, float* next, int stride, float* y)
    {
        if (StreamCount == 1)
        {
            RnnKernel.Step<TSimd, TVector, TWeights>(
                _panels.Pointer,
                _panels.GroupCount,
                current + Columns.First,
                Columns.Columns,
                next + Columns.HiddenStart,
                y,
                _isRelu);
            return;
        }

        for (int group = 0; group < _panels.GroupCount; group++)
        {
            for (int stream = 0; stream < StreamCount; stream += TSimd.TileStreams)
            {
                nint start = (nint)stream * stride;
                RnnKernel.StepTile<TSimd, TVector, TWeights>(
                    _panels.Pointer + ((nint)group * _panels.PanelLength),
                    current + start + Columns.First,
                    stride,
                    Columns.Columns,
                    next + start + Columns.HiddenStart + (group * TSimd.Lanes),
                    _isRelu);
            }
        }
    }
}
