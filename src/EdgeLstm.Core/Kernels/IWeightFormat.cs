// How weights lie in a panel, and how a kernel takes a vector of them.
//
//   float32:   pair of columns k, k + 1 of G gates:  [column k: gate 0 … G−1] [column k + 1: gate 0 … G−1]    2·G vectors
//   bfloat16:  the same in half the room:            [gate 0: columns k and k + 1 in each lane] … [gate G−1]    G vectors

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>A vector of weights, widened to float32, out of a panel.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface IWeightFormat<TVector>
    where TVector : struct
{
    /// <summary>Whether weights are bfloat16 in memory; otherwise float32.</summary>
    static abstract bool IsBFloat16 { get; }

    /// <summary>Floats of memory that two columns of <paramref name="gates"/> gates take.</summary>
    static abstract nint PairLength(int gates);

    /// <summary>Weights of the first column of a pair.</summary>
    /// <param name="gate">Where the gate's vector of that column begins.</param>
    static abstract TVector Even(float* gate);

    /// <summary>Weights of the second column of a pair.</summary>
    /// <param name="gate">Where the gate's vector of the first column begins.</param>
    /// <param name="gates">Gates in the panel.</param>
    static abstract TVector Odd(float* gate, int gates);
}

/// <summary>Weights held as float32.</summary>
internal readonly unsafe struct Float32Weights<TSimd, TVector> : IWeightFormat<TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsBFloat16 => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint PairLength(int gates) => 2 * gates * TSimd.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Even(float* gate) => TSimd.Load(gate);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Odd(float* gate, int gates) => TSimd.Load(gate + (gates * TSimd.Lanes));
}

/// <summary>Weights held as bfloat16: the upper halves of float32, widened by a shift (even columns) or a mask (odd ones).</summary>
internal readonly unsafe struct BFloat16Weights<TSimd, TVector> : IWeightFormat<TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsBFloat16 => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint PairLength(int gates) => gates * TSimd.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Even(float* gate) => TSimd.WidenLower(TSimd.Load(gate));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Odd(float* gate, int gates) => TSimd.WidenUpper(TSimd.Load(gate));
}
