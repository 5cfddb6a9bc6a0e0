// Packs weights into panels, in the order in which a step reads them.
//
//   panel of V units:  [per-unit vectors] [columns 0 and 1: all gates] [columns 2 and 3: all gates] …     see IWeightFormat

using System.Runtime.InteropServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>The weights of a layer as panels: one for each group of as many units as a vector has lanes.</summary>
/// <remarks>
/// A panel begins with vectors that belong to the units themselves (biases, peepholes); then, by pairs of columns of x and h, come
/// the weights of all gates side by side. A step reads every byte once, forwards. Units beyond the last one have zero weights.
/// </remarks>
internal sealed unsafe class Panels
{
    private readonly AlignedBuffer _weights;
    private readonly bool _isBFloat16;
    private readonly int _lanes;
    private readonly int _gates;

    /// <param name="columns">Order of the columns; their number is even.</param>
    /// <param name="lanes">Floats in a vector.</param>
    /// <param name="isBFloat16">Whether weights are rounded to bfloat16; otherwise float32.</param>
    /// <param name="unitCount">Units U, at least 1.</param>
    /// <param name="unitVectors">Values of the units themselves, [any, U]; float32 always.</param>
    /// <param name="inputWeights">W [G·U, I].</param>
    /// <param name="recurrentWeights">R [G·U, H]; empty where H is 0.</param>
    public Panels(
        ColumnLayout columns,
        int lanes,
        bool isBFloat16,
        int unitCount,
        ReadOnlySpan<float> unitVectors,
        ReadOnlySpan<float> inputWeights,
        ReadOnlySpan<float> recurrentWeights)
    {
        _isBFloat16 = isBFloat16;
        _lanes = lanes;
        _gates = inputWeights.Length / (unitCount * columns.InputSize);
        int vectors = unitVectors.Length / unitCount;
        PanelLength = lanes * (vectors + (columns.Columns * _gates / (isBFloat16 ? 2 : 1)));
        GroupCount = ColumnLayout.RoundUp(unitCount, lanes) / lanes;
        _weights = new AlignedBuffer(GroupCount * PanelLength);

        int firstRecurrent = columns.Columns - columns.HiddenSize;
        for (int unit = 0; unit < unitCount; unit++)
        {
            int start = (unit / lanes * PanelLength) + (unit % lanes);
            for (int v = 0; v < vectors; v++)
            {
                _weights.Span[start + (v * lanes)] = unitVectors[(v * unitCount) + unit];
            }

            for (int gate = 0; gate < _gates; gate++)
            {
                int row = (gate * unitCount) + unit;
                int first = start + (vectors * lanes);
                Scatter(inputWeights.Slice(row * columns.InputSize, columns.InputSize), first, gate, columns.InputPadding);
                Scatter(recurrentWeights.Slice(row * columns.HiddenSize, columns.HiddenSize), first, gate, firstRecurrent);
            }
        }
    }

    /// <summary>Floats of one panel.</summary>
    public int PanelLength { get; }

    /// <summary>Number of panels.</summary>
    public int GroupCount { get; }

    /// <summary>Bytes a step reads.</summary>
    public long Bytes => (long)_weights.Length * sizeof(float);

    /// <summary>All panels as they lie in memory.</summary>
    public ReadOnlySpan<float> Span => _weights.Span;

    /// <summary>The first weight; valid while these panels are reachable.</summary>
    public float* Pointer => _weights.Pointer;

    // One row of a gate, from a column on; first is where the unit's lane of the panel's first column begins.
    private void Scatter(ReadOnlySpan<float> row, int first, int gate, int column)
    {
        Span<float> floats = _weights.Span;
        Span<ushort> halves = MemoryMarshal.Cast<float, ushort>(floats);
        foreach (float weight in row)
        {
            if (_isBFloat16)
            {
                int slot = first + (((column / 2 * _gates) + gate) * _lanes);
                halves[(2 * slot) + (column % 2)] = BFloat16Bits.Round(weight);
            }
            else
            {
                floats[first + (((column * _gates) + gate) * _lanes)] = weight;
            }

            column++;
        }
    }
}
