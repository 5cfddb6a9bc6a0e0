// What a kernel asks of a vector of floats, so that one source serves every vector width.

namespace EdgeLstm.Core.Kernels;

/// <summary>A vector of floats. Its three kinds wrap the vectors of the framework and add nothing to them.</summary>
/// <typeparam name="TSelf">The vector itself.</typeparam>
internal interface ISimdVector<TSelf>
    where TSelf : struct, ISimdVector<TSelf>
{
    /// <summary>Floats in the vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>0 in every lane.</summary>
    static abstract TSelf Zero { get; }

    /// <summary><paramref name="value"/> in every lane.</summary>
    static abstract TSelf Broadcast(float value);

    /// <summary>The lanes from <paramref name="offset"/> floats after <paramref name="source"/> on; any alignment.</summary>
    static abstract TSelf Load(ref float source, nuint offset);

    /// <summary>Writes the lanes from <paramref name="offset"/> floats after <paramref name="destination"/> on.</summary>
    void Store(ref float destination, nuint offset);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>left · right + addend, fused where the processor does that in one instruction, never emulated.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The lesser of each pair; a NaN in <paramref name="value"/> stays NaN, one in the bound may not.</summary>
    static abstract TSelf Min(TSelf bound, TSelf value);

    /// <summary>The greater of each pair; a NaN in <paramref name="value"/> stays NaN, one in the bound may not.</summary>
    static abstract TSelf Max(TSelf bound, TSelf value);

    /// <summary>The nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf value);

    /// <summary>2 to the power of <paramref name="exponent"/>, an integer from −126 to 127 held as float.</summary>
    /// <remarks>Built from the bits of the float: the exponent, biased by 127, stands above 23 bits of fraction.</remarks>
    static abstract TSelf TwoToThe(TSelf exponent);
}
