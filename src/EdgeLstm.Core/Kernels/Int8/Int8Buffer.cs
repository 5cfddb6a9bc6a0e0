// Quantised columns of one layer: room for the words of x and of h.

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Holds the quantised columns of a step; one stream at a time uses it.</summary>
internal sealed unsafe class Int8Buffer<TDot, TVector, TWord, TSum>
    where TDot : struct, IInt8Dot<TVector, TWord, TSum>
    where TVector : struct
    where TWord : struct
    where TSum : struct
{
    // Eight columns are stored at a time: one word may be written beyond the last.
    private const int SpareWords = 1;
    private const int FloatsPerWord = Int8Values.WordBytes / sizeof(float);

    private readonly AlignedBuffer _words;
    private readonly int _inputSize;
    private readonly int _hiddenSize;
    private readonly bool _isHiddenBounded;

    /// <param name="inputSize">Values of x.</param>
    /// <param name="hiddenSize">Values of h.</param>
    /// <param name="isHiddenBounded">Whether h lies between −1 and 1, as all but ReLU leave it.</param>
    public Int8Buffer(int inputSize, int hiddenSize, bool isHiddenBounded)
    {
        _inputSize = inputSize;
        _hiddenSize = hiddenSize;
        _isHiddenBounded = isHiddenBounded;
        int words = Int8Panels.WordsOf(inputSize) + Int8Panels.WordsOf(hiddenSize) + (2 * SpareWords);
        _words = new AlignedBuffer(words * FloatsPerWord);
    }

    /// <summary>Quantises the columns of one step.</summary>
    /// <param name="x">Input [inputSize], readable up to a multiple of 8.</param>
    /// <param name="h">Hidden state [hiddenSize], readable up to a multiple of 8.</param>
    public Int8Operands Quantize(float* x, float* h)
    {
        Int8Operands operands = new()
        {
            Input = (byte*)_words.Pointer,
            InputWords = Int8Panels.WordsOf(_inputSize),
            HiddenWords = Int8Panels.WordsOf(_hiddenSize),
        };
        operands.Hidden = operands.Input + ((operands.InputWords + SpareWords) * Int8Values.WordBytes);
        operands.InputStep = Int8Values.Quantize<TDot, TVector, TWord, TSum>(x, _inputSize, operands.Input);
        operands.HiddenStep = _isHiddenBounded
            ? Int8Values.QuantizeUnit<TDot, TVector, TWord, TSum>(h, _hiddenSize, operands.Hidden)
            : Int8Values.Quantize<TDot, TVector, TWord, TSum>(h, _hiddenSize, operands.Hidden);
        return operands;
    }
}
