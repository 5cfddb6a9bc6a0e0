// What the layers share that have as many outputs as inputs and no state: each sample is changed in a buffer of whole vectors.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>A layer without state whose outputs take the places of its inputs.</summary>
internal abstract class InPlaceLayer<TSimd, TVector> : Layer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private protected InPlaceLayer(string name, int size, long parameterCount, int streamCount)
        : base(name, size, size, stateSize: 0, parameterCount, streamCount) =>
        Values = new AlignedBuffer(ColumnLayout.RoundUp(size, TSimd.Lanes));

    /// <summary>The values of one sample, in whole vectors; those after the last one are undefined.</summary>
    protected AlignedBuffer Values { get; }

    internal sealed override void Advance(ReadOnlySpan<float> x, Span<float> y)
    {
        Span<float> values = Values.Span[..InputSize];
        for (int stream = 0; stream < StreamCount; stream++)
        {
            x.Slice(stream * InputSize, InputSize).CopyTo(values);
            Transform();
            values.CopyTo(y[(stream * InputSize)..]);
        }
    }

    /// <summary>Changes <see cref="Values"/>.</summary>
    private protected abstract void Transform();

    /// <summary>The values of an array, then zeros to a whole vector.</summary>
    private protected static AlignedBuffer Pack(float[] values)
    {
        AlignedBuffer packed = new(ColumnLayout.RoundUp(values.Length, TSimd.Lanes));
        values.CopyTo(packed.Span);
        return packed;
    }
}
