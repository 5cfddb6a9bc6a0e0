// Gated recurrent unit layer whose reset gate acts after the recurrent product.

using System.Runtime.CompilerServices;
using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>A gated recurrent unit layer, reset after the recurrent product, with weights that are computed in float32.</summary>
internal sealed unsafe class GruResetAfterLayer<TSimd, TVector, TWeights> : RecurrentLayer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TWeights : struct, IWeightFormat<TVector>
{
    private readonly Panels _panels;
    private readonly bool _takesTurns;

    public GruResetAfterLayer(GruWeights weights)
        : base(
            weights.Name,
            ColumnLayout.Separate(weights.InputSize, weights.HiddenSize, GruResetAfterKernel.Unroll, TSimd.Lanes),
            weights.HiddenSize,
            GruLayer.CountParameters(weights),
            streamCount: 1,
            TSimd.TileStreams)
    {
        _panels = new Panels(
            Columns,
            TSimd.Lanes,
            TWeights.IsBFloat16,
            weights.HiddenSize,
            [.. weights.Bias, .. weights.RecurrentBias!],
            weights.InputWeights,
            weights.RecurrentWeights);
        _takesTurns = _panels.Bytes > NearestCacheBytes;
    }

    private GruResetAfterLayer(GruResetAfterLayer<TSimd, TVector, TWeights> other, int streamCount)
        : base(other.Name, other.Columns, other.StateSize, other.ParameterCount, streamCount, TSimd.TileStreams)
    {
        _panels = other._panels;
        _takesTurns = other._takesTurns;
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    private protected override RecurrentLayer CreateForStreams(int count) =>
        new GruResetAfterLayer<TSimd, TVector, TWeights>(this, count);

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

        for (int group = 0; group < _panels.GroupCount; group++)
        {
            for (int stream = 0; stream < StreamCount; stream += TSimd.TileStreams)
            {
                nint start = (nint)stream * stride;
                nint h = start + Columns.HiddenStart + (group * TSimd.Lanes);
                GruResetAfterKernel.StepTile<TSimd, TVector, TWeights>(
                    _panels.Pointer + ((nint)group * _panels.PanelLength),
                    current + start + Columns.First,
                    stride,
                    Columns.InputColumns,
                    Columns.HiddenColumns,
                    current + h,
                    next + h);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StepOne<TOrder>(float* current, float* next, float* y)
        where TOrder : struct, IGroupOrder =>
        GruResetAfterKernel.Step<TSimd, TVector, TWeights, TOrder>(
            _panels.Pointer,
            _panels.GroupCount,
            current + Columns.First,
            Columns.InputColumns,
            Columns.HiddenColumns,
            current + Columns.HiddenStart,
            next + Columns.HiddenStart,
            y);
}
