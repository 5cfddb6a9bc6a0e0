// The weighted sums of the gates of a layer, gate after gate, each padded to whole vectors.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>W·x + R·h + b of some gates of a variant: one set of panels each, summed by the kernel of dense layers.</summary>
internal sealed unsafe class GateSums<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly ColumnLayout _columns;
    private readonly Panels[] _panels;

    /// <param name="columns">Where x and h lie; a multiple of <see cref="WeightedSum.Unroll"/> columns.</param>
    /// <param name="unitCount">Units U of each gate.</param>
    /// <param name="bias">b of all gates [G·U].</param>
    /// <param name="inputWeights">W of all gates [G·U, I].</param>
    /// <param name="recurrentWeights">R of all gates [G·U, H]; empty where the columns hold x alone.</param>
    /// <param name="gates">Which gates are summed, by their place in the weights.</param>
    public GateSums(
        ColumnLayout columns,
        int unitCount,
        float[] bias,
        float[] inputWeights,
        float[] recurrentWeights,
        params ReadOnlySpan<int> gates)
    {
        _columns = columns;
        Stride = ColumnLayout.RoundUp(unitCount, TSimd.Lanes);
        _panels = new Panels[gates.Length];
        for (int k = 0; k < gates.Length; k++)
        {
            int row = gates[k] * unitCount;
            _panels[k] = new Panels(
                columns,
                TSimd.Lanes,
                isBFloat16: false,
                unitCount,
                bias.AsSpan(row, unitCount),
                inputWeights.AsSpan(row * columns.InputSize, unitCount * columns.InputSize),
                recurrentWeights.AsSpan(row * columns.HiddenSize, unitCount * columns.HiddenSize));
            Bytes += _panels[k].Bytes;
        }
    }

    /// <summary>Floats from the sums of a gate to those of the next: its units, as whole vectors.</summary>
    public int Stride { get; }

    /// <summary>Bytes of weights.</summary>
    public long Bytes { get; }

    /// <summary>The sums of every gate, in the order in which the gates were named.</summary>
    /// <param name="first">The first column of x (with the zeros before it).</param>
    /// <param name="sums">Receives <see cref="Stride"/> floats for each gate; must not lie within the columns.</param>
    public void Sum(float* first, float* sums)
    {
        foreach (Panels panels in _panels)
        {
            DenseKernel.Step<TSimd, TVector>(panels.Pointer, panels.GroupCount, first, _columns.Columns, sums);
            sums += Stride;
        }
    }
}
