// The memory of a layer's quantised columns.

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Holds the quantised columns of a step; one stream at a time uses it.</summary>
internal sealed unsafe class Int8Buffer<TDot, TVector, TWord, TBytes, TSum>
    where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
    where TVector : struct
    where TWord : struct
    where TBytes : struct
    where TSum : struct
{
    private readonly Int8Columns _columns;
    private readonly AlignedBuffer _words;

    /// <param name="inputSize">Values of x.</param>
    /// <param name="hiddenSize">Values of h.</param>
    /// <param name="isHiddenBounded">Whether h lies between −1 and 1, as all but ReLU leave it.</param>
    public Int8Buffer(int inputSize, int hiddenSize, bool isHiddenBounded)
    {
        _columns = new Int8Columns(inputSize, hiddenSize, isHiddenBounded);
        _words = new AlignedBuffer(_columns.Length / sizeof(float));
    }

    /// <summary>Quantises the columns of one step.</summary>
    /// <param name="x">Input, readable up to a multiple of 8.</param>
    /// <param name="h">Hidden state, readable up to a multiple of 8.</param>
    public Int8Operands Quantize(float* x, float* h) =>
        _columns.Quantize<TDot, TVector, TWord, TBytes, TSum>(x, h, (byte*)_words.Pointer);
}
