// The quantised columns of a layer: how many words x and h take, and on which scales.

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Quantises x and h of one step.</summary>
internal readonly unsafe struct Int8Columns
{
    // Eight columns are stored at a time: one word may be written beyond the last.
    private const int SpareWords = 1;

    private readonly int _inputSize;
    private readonly int _hiddenSize;
    private readonly bool _isHiddenBounded;
    private readonly float _inputLimit;
    private readonly float _hiddenLimit;

    /// <param name="inputSize">Values of x.</param>
    /// <param name="hiddenSize">Values of h.</param>
    /// <param name="isHiddenBounded">Whether h lies between −1 and 1, as all but ReLU leave it.</param>
    public Int8Columns(int inputSize, int hiddenSize, bool isHiddenBounded)
    {
        _inputSize = inputSize;
        _hiddenSize = hiddenSize;
        _isHiddenBounded = isHiddenBounded;
        _inputLimit = Int8Values.GreatestFor(inputSize);
        _hiddenLimit = Int8Values.GreatestFor(hiddenSize);
    }

    /// <summary>Bytes of room for the words.</summary>
    public int Length =>
        (Int8Panels.WordsOf(_inputSize) + Int8Panels.WordsOf(_hiddenSize) + (2 * SpareWords)) * Int8Values.WordBytes;

    /// <summary>Quantises the columns of one step.</summary>
    /// <param name="x">Input, readable up to a multiple of 8.</param>
    /// <param name="h">Hidden state, readable up to a multiple of 8.</param>
    /// <param name="words">Room for the words, <see cref="Length"/> bytes.</param>
    public Int8Operands Quantize<TDot, TVector, TWord, TBytes, TSum>(float* x, float* h, byte* words)
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TVector : struct
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        Int8Operands operands = new()
        {
            Input = words,
            InputWords = Int8Panels.WordsOf(_inputSize),
            HiddenWords = Int8Panels.WordsOf(_hiddenSize),
        };
        operands.Hidden = words + ((operands.InputWords + SpareWords) * Int8Values.WordBytes);
        operands.InputStep = Int8Values.Quantize<TDot, TVector, TWord, TBytes, TSum>(x, _inputSize, _inputLimit, words);
        if (_isHiddenBounded)
        {
            operands.HiddenNegatives =
                Int8Values.QuantizeUnit<TDot, TVector, TWord, TBytes, TSum>(h, _hiddenSize, operands.Hidden);
            operands.HiddenStep = 1f / Int8Values.UnitLimit;
        }
        else
        {
            operands.HiddenStep =
                Int8Values.Quantize<TDot, TVector, TWord, TBytes, TSum>(h, _hiddenSize, _hiddenLimit, operands.Hidden);
        }

        return operands;
    }
}
