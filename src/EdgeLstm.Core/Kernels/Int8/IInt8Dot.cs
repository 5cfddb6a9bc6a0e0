// Products of 8-bit weights with 16-bit or 8-bit values, summed in 32 bits.

using System.Runtime.Intrinsics;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Sums of integer products for one group of units, four columns at a time.</summary>
/// <remarks>
/// A word is four neighbouring columns of quantised values, 8 bytes in memory: 16-bit ones for x, which may be of any size, and
/// 8-bit ones for h, which lies between −1 and 1. A block holds the weights of those columns for every unit of the group, 4 bytes
/// each. Each processor has its own way to multiply them, and all of them give the same integers.
/// </remarks>
/// <typeparam name="TVector">Floats of the group's units.</typeparam>
/// <typeparam name="TWord">A word of 16-bit values as the products need it.</typeparam>
/// <typeparam name="TBytes">A word of 8-bit values as the products need it.</typeparam>
/// <typeparam name="TSum">Running sums of the group's units.</typeparam>
internal unsafe interface IInt8Dot<TVector, TWord, TBytes, TSum>
    where TVector : struct
    where TWord : struct
    where TBytes : struct
    where TSum : struct
{
    /// <summary>Stores eight 16-bit values as two words.</summary>
    static abstract void StoreWords(Vector128<short> values, byte* words);

    /// <summary>A word of 16-bit values, spread over the lanes.</summary>
    static abstract TWord LoadWord(byte* word);

    /// <summary>sum + weights · word for all units.</summary>
    /// <param name="sum">Running sums.</param>
    /// <param name="block">The weights, see <see cref="Int8Panels"/>.</param>
    /// <param name="word">The columns.</param>
    static abstract TSum Add(TSum sum, sbyte* block, TWord word);

    /// <summary>The sums of 16-bit values, a lane for each unit.</summary>
    static abstract TVector ToFloat(TSum sum);

    /// <summary>Stores eight values from −127 to 127 as two words.</summary>
    static abstract void StoreBytes(Vector128<short> values, byte* words);

    /// <summary>A word of 8-bit values, spread over the lanes.</summary>
    static abstract TBytes LoadBytes(byte* word);

    /// <summary>What sums of 8-bit values begin with.</summary>
    /// <param name="negatives">Sum of the magnitudes of all negative values of the step.</param>
    static abstract TSum BeginBytes(int negatives);

    /// <summary>sum + weights · bytes for all units.</summary>
    /// <param name="sum">Running sums, of 8-bit values only.</param>
    /// <param name="block">The weights, see <see cref="Int8Panels"/>.</param>
    /// <param name="word">The columns.</param>
    static abstract TSum AddBytes(TSum sum, sbyte* block, TBytes word);

    /// <summary>The sums of 8-bit values, a lane for each unit.</summary>
    static abstract TVector BytesToFloat(TSum sum);
}
