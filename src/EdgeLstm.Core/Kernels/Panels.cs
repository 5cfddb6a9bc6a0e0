// Packs weights into panels, in the order in which a step reads them.
//
//   panel of V units:  [per-unit vectors] [column 0: gate 0 … gate G−1] [column 1: …] …      each gate V floats wide

namespace EdgeLstm.Core.Kernels;

/// <summary>The weights of a layer as panels: one for each group of as many units as a vector has lanes.</summary>
/// <remarks>
/// A panel begins with vectors that belong to the units themselves (biases, peepholes); then, column by column of x and h, come
/// the weights of all gates side by side. A step reads every byte once, forwards. Units beyond the last one have zero weights.
/// </remarks>
internal sealed class Panels
{
    private readonly AlignedBuffer _weights;

    /// <param name="columns">Order of the columns.</param>
    /// <param name="lanes">Floats in a vector.</param>
    /// <param name="unitCount">Units U, at least 1.</param>
    /// <param name="unitVectors">Values of the units themselves, [any, U].</param>
    /// <param name="inputWeights">W [G·U, I].</param>
    /// <param name="recurrentWeights">R [G·U, H]; empty where H is 0.</param>
    public Panels(
        ColumnLayout columns,
        int lanes,
        int unitCount,
        ReadOnlySpan<float> unitVectors,
        ReadOnlySpan<float> inputWeights,
        ReadOnlySpan<float> recurrentWeights)
    {
        int gates = inputWeights.Length / (unitCount * columns.InputSize);
        int vectors = unitVectors.Length / unitCount;
        int panelVectors = vectors + (columns.Columns * gates);
        GroupCount = ColumnLayout.RoundUp(unitCount, lanes) / lanes;
        _weights = new AlignedBuffer(GroupCount * panelVectors * lanes);

        int firstRecurrent = columns.Columns - columns.HiddenSize;
        for (int unit = 0; unit < unitCount; unit++)
        {
            int start = (unit / lanes * panelVectors * lanes) + (unit % lanes);
            for (int v = 0; v < vectors; v++)
            {
                _weights.At(start + (v * lanes)) = unitVectors[(v * unitCount) + unit];
            }

            for (int gate = 0; gate < gates; gate++)
            {
                int row = (gate * unitCount) + unit;
                int first = start + ((vectors + gate) * lanes);
                int stride = gates * lanes;
                ScatterRow(inputWeights, row, columns.InputSize, first + (columns.InputPadding * stride), stride);
                ScatterRow(recurrentWeights, row, columns.HiddenSize, first + (firstRecurrent * stride), stride);
            }
        }
    }

    /// <summary>Number of panels.</summary>
    public int GroupCount { get; }

    /// <summary>Bytes a step reads.</summary>
    public long Bytes => (long)_weights.Length * sizeof(float);

    /// <summary>The first weight.</summary>
    public ref float First => ref _weights.At(0);

    private void ScatterRow(ReadOnlySpan<float> matrix, int row, int size, int start, int stride)
    {
        for (int i = 0; i < size; i++)
        {
            _weights.At(start + (i * stride)) = matrix[(row * size) + i];
        }
    }
}
