// Makes layers for a vector width that is known only when the program runs.

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>The weights of a layer, of which one can be made for any vector width.</summary>
internal interface ILayerSource
{
    /// <summary>Makes the layer of one width; the type arguments are those of the kernels.</summary>
    Layer Create<TSimd, TVector, TDot, TWord, TBytes, TSum>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
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
    public static Layer Create<TSource>(TSource source, int units, VectorWidth width)
        where TSource : struct, ILayerSource
    {
        if (!VectorWidths.IsSupported(width))
        {
            throw VectorWidths.Unsupported(width);
        }

        // Asked of the vectors themselves, so that ahead-of-time compilation leaves out what the instruction set has not.
        if (Vector512.IsHardwareAccelerated && width == VectorWidth.Bits512 && units > Vector256<float>.Count)
        {
            return source.Create<Simd512, Vector512<float>, Int8Dot512, Int8Word512, Int8Bytes512, Vector512<int>>();
        }

        if (Vector256.IsHardwareAccelerated && width != VectorWidth.Bits128 && units > Vector128<float>.Count)
        {
            return source.Create<Simd256, Vector256<float>, Int8Dot256, Int8Word256, Int8Bytes256, Vector256<int>>();
        }

        if (Dp.IsSupported)
        {
            return source.Create<Simd128, Vector128<float>, Int8DotSdot, Vector128<sbyte>, Vector128<sbyte>, Int8SumsSdot>();
        }

        return AdvSimd.Arm64.IsSupported
            ? source.Create<Simd128, Vector128<float>, Int8DotNeon, Vector128<short>, Vector128<sbyte>, Int8SumsNeon>()
            : source.Create<Simd128, Vector128<float>, Int8Dot128, Int8Word128, Int8Bytes128, Vector128<int>>();
    }
}
