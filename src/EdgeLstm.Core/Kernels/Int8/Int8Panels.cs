// Packs 8-bit weights into panels, in the order in which a step reads them.
//
//   panel of V units:  [per-unit vectors] [scales of W: a vector per gate] [scales of R: a vector per gate]       floats
//                      [columns 0 … 3 of x: a block per gate] [columns 4 … 7 of x] …                              bytes
//                      [columns 0 … 3 of h: a block per gate] …
//   block: 4 bytes for each of V units

using System.Runtime.InteropServices;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>The weights of a layer as integers in panels: one for each group of as many units as a vector has lanes.</summary>
/// <remarks>Units beyond the last one and columns beyond the last one have zero weights.</remarks>
internal sealed unsafe class Int8Panels
{
    /// <summary>Columns in a word.</summary>
    public const int WordColumns = 4;

    private readonly AlignedBuffer _buffer;
    private readonly int _lanes;
    private readonly int _gates;

    /// <param name="lanes">Floats in a vector.</param>
    /// <param name="unitCount">Units U, at least 1.</param>
    /// <param name="inputSize">I, at least 1.</param>
    /// <param name="hiddenSize">Columns of R.</param>
    /// <param name="unitVectors">Values of the units themselves, [any, U]; float32.</param>
    /// <param name="inputWeights">W [G·U, I], finite.</param>
    /// <param name="recurrentWeights">R [G·U, hiddenSize], finite.</param>
    public Int8Panels(
        int lanes,
        int unitCount,
        int inputSize,
        int hiddenSize,
        ReadOnlySpan<float> unitVectors,
        ReadOnlySpan<float> inputWeights,
        ReadOnlySpan<float> recurrentWeights)
    {
        _lanes = lanes;
        _gates = inputWeights.Length / (unitCount * inputSize);
        InputWords = WordsOf(inputSize);
        HiddenWords = WordsOf(hiddenSize);
        GroupCount = ColumnLayout.RoundUp(unitCount, lanes) / lanes;
        int vectors = unitVectors.Length / unitCount;
        int blocksStart = (vectors + (2 * _gates)) * lanes;
        int panelFloats = blocksStart + ((InputWords + HiddenWords) * _gates * lanes);
        _buffer = new AlignedBuffer(GroupCount * panelFloats);

        for (int unit = 0; unit < unitCount; unit++)
        {
            int start = unit / lanes * panelFloats;
            int lane = unit % lanes;
            for (int v = 0; v < vectors; v++)
            {
                _buffer.Span[start + (v * lanes) + lane] = unitVectors[(v * unitCount) + unit];
            }

            for (int gate = 0; gate < _gates; gate++)
            {
                int row = (gate * unitCount) + unit;
                int scales = start + ((vectors + gate) * lanes) + lane;
                int blocks = start + blocksStart + (gate * lanes);
                _buffer.Span[scales] = Scatter(inputWeights.Slice(row * inputSize, inputSize), blocks, lane);
                _buffer.Span[scales + (_gates * lanes)] = Scatter(
                    recurrentWeights.Slice(row * hiddenSize, hiddenSize), blocks + (InputWords * _gates * lanes), lane);
            }
        }
    }

    /// <summary>Number of panels.</summary>
    public int GroupCount { get; }

    /// <summary>Words of x.</summary>
    public int InputWords { get; }

    /// <summary>Words of h.</summary>
    public int HiddenWords { get; }

    /// <summary>Bytes a step reads.</summary>
    public long Bytes => (long)_buffer.Length * sizeof(float);

    /// <summary>All panels as they lie in memory.</summary>
    public ReadOnlySpan<float> Span => _buffer.Span;

    /// <summary>The first unit vector; valid while these panels are reachable.</summary>
    public float* Pointer => _buffer.Pointer;

    /// <summary>Words that hold <paramref name="columns"/> columns.</summary>
    public static int WordsOf(int columns) => (columns + WordColumns - 1) / WordColumns;

    // One row of a gate; blocks: index in floats of the gate's block of the row's first four columns. Returns the row's scale.
    private float Scatter(ReadOnlySpan<float> row, int blocks, int lane)
    {
        sbyte[] quantized = new sbyte[row.Length];
        float scale = Int8Rows.Quantize(row, quantized);
        Span<sbyte> bytes = MemoryMarshal.Cast<float, sbyte>(_buffer.Span);
        for (int column = 0; column < row.Length; column++)
        {
            int block = blocks + (column / WordColumns * _gates * _lanes);
            bytes[((block + lane) * WordColumns) + (column % WordColumns)] = quantized[column];
        }

        return scale;
    }
}
