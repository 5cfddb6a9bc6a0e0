// Makes layers for a vector width that is known only when the program runs.

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>A kind of layer that can be made for any vector width.</summary>
/// <typeparam name="TWeights">Its weights.</typeparam>
internal interface ILayerKind<TWeights>
{
    /// <summary>Makes the layer of one width; the type arguments are those of the kernels.</summary>
    static abstract Layer Create<TSimd, TVector, TDot, TWord, TSum>(TWeights weights, WeightPrecision precision)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TSum>
        where TWord : struct
        where TSum : struct;
}

/// <summary>Chooses the kernels of a vector width.</summary>
internal static class LayerWidths
{
    /// <summary>A layer with vectors of at most <paramref name="width"/>.</summary>
    /// <remarks>
    /// Fewer units than half a vector has lanes are served faster by narrower ones, as less padding is read and computed: of the
    /// same processor, a 1 × 8 LSTM takes 51 ns with 512 bits and 41 ns with 256.
    /// </remarks>
    /// <exception cref="ArgumentException">The width is not available.</exception>
    public static Layer Create<TKind, TWeights>(TWeights weights, int units, VectorWidth width, WeightPrecision precision)
        where TKind : struct, ILayerKind<TWeights>
    {
        if (!VectorWidths.IsSupported(width))
        {
            throw VectorWidths.Unsupported(width);
        }

        // Asked of the vectors themselves, so that ahead-of-time compilation leaves out what the instruction set has not.
        if (Vector512.IsHardwareAccelerated && width == VectorWidth.Bits512 && units > Vector256<float>.Count)
        {
            return TKind.Create<Simd512, Vector512<float>, Int8Dot512, Int8Word512, Vector512<int>>(weights, precision);
        }

        if (Vector256.IsHardwareAccelerated && width != VectorWidth.Bits128 && units > Vector128<float>.Count)
        {
            return TKind.Create<Simd256, Vector256<float>, Int8Dot256, Int8Word256, Vector256<int>>(weights, precision);
        }

        if (Dp.IsSupported)
        {
            return TKind.Create<Simd128, Vector128<float>, Int8DotSdot, Int8WordSdot, Int8SumsSdot>(weights, precision);
        }

        return AdvSimd.Arm64.IsSupported
            ? TKind.Create<Simd128, Vector128<float>, Int8DotNeon, Vector128<short>, Int8SumsNeon>(weights, precision)
            : TKind.Create<Simd128, Vector128<float>, Int8Dot128, Int8Word128, Vector128<int>>(weights, precision);
    }
}
