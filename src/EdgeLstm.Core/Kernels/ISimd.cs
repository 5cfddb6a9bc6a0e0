// What a kernel asks of a vector of floats, so that one source serves every vector width.

namespace EdgeLstm.Core.Kernels;

/// <summary>Arithmetic on vectors of floats of one width. Its three kinds name the framework's operations and add nothing.</summary>
/// <remarks>
/// Static methods over the framework's own vectors, not a vector type that wraps them: a wrapper's constructors and fields use up
/// the budget of what the compiler will inline into one kernel, and the rest would become calls.
/// </remarks>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Floats in the vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>0 in every lane.</summary>
    static abstract TVector Zero { get; }

    /// <summary><paramref name="value"/> in every lane.</summary>
    static abstract TVector Broadcast(float value);

    /// <summary>The floats from <paramref name="source"/> on; any alignment.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Writes the lanes from <paramref name="destination"/> on; any alignment.</summary>
    static abstract void Store(TVector value, float* destination);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    static abstract TVector Divide(TVector left, TVector right);

    /// <summary>left · right + addend, fused where the processor does that in one instruction, never emulated.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>Columns whose values one load brings into a register, out of which a multiply-add can take any one.</summary>
    /// <remarks>4 with NEON, where a broadcast would cost a load and a vector operation; 1 where it is part of a load.</remarks>
    static abstract int ColumnsPerLoad { get; }

    /// <summary>Streams whose sums fit into the registers together: 4 of 32 registers, 2 of 16.</summary>
    static abstract int TileStreams { get; }

    /// <summary>left · columns[lane] + addend.</summary>
    /// <param name="left">One factor.</param>
    /// <param name="columns">Four floats.</param>
    /// <param name="lane">0 to 3; a constant where it is called.</param>
    /// <param name="addend">What is added.</param>
    static abstract TVector MultiplyAddColumn(TVector left, float* columns, int lane, TVector addend);

    /// <summary>The lesser of each pair; a NaN in <paramref name="value"/> stays NaN, one in the bound may not.</summary>
    static abstract TVector Min(TVector bound, TVector value);

    /// <summary>The greater of each pair; a NaN in <paramref name="value"/> stays NaN, one in the bound may not.</summary>
    static abstract TVector Max(TVector bound, TVector value);

    /// <summary>The nearest integer, ties to even.</summary>
    static abstract TVector Round(TVector value);

    /// <summary><paramref name="value"/> · 2 to the power of <paramref name="exponent"/>, an integer held as float.</summary>
    /// <remarks>
    /// Added to the bits of the float, in which the exponent stands above 23 bits of fraction: value and result must be normal.
    /// A NaN value stays NaN with a NaN exponent, which converts to an integer whose lowest 9 bits are 0.
    /// </remarks>
    static abstract TVector Scale(TVector value, TVector exponent);

    /// <summary>The bfloat16 in the lower half of each lane as float32.</summary>
    static abstract TVector WidenLower(TVector pairs);

    /// <summary>The bfloat16 in the upper half of each lane as float32.</summary>
    static abstract TVector WidenUpper(TVector pairs);
}
