// Products of 8-bit weights and 16-bit values, summed in 32 bits.

using System.Runtime.Intrinsics;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Sums of integer products for one group of units, four columns at a time.</summary>
/// <remarks>
/// A word is four neighbouring columns of quantised values, 8 bytes; a block holds the weights of those columns for every unit of
/// the group, 4 bytes each. Each processor has its own way to multiply them, and all of them give the same integers.
/// </remarks>
/// <typeparam name="TVector">Floats of the group's units.</typeparam>
/// <typeparam name="TWord">A word as the products need it.</typeparam>
/// <typeparam name="TSum">Running sums of the group's units.</typeparam>
internal unsafe interface IInt8Dot<TVector, TWord, TSum>
    where TVector : struct
    where TWord : struct
    where TSum : struct
{
    /// <summary>Stores eight quantised values as two words.</summary>
    static abstract void StoreWords(Vector128<short> values, byte* words);

    /// <summary>A word, spread over the lanes.</summary>
    static abstract TWord LoadWord(byte* word);

    /// <summary>sum + weights · word for all units.</summary>
    /// <param name="sum">Running sums.</param>
    /// <param name="block">The weights, see <see cref="Int8Panels"/>.</param>
    /// <param name="word">The columns.</param>
    static abstract TSum Add(TSum sum, sbyte* block, TWord word);

    /// <summary>The sums, a lane for each unit.</summary>
    static abstract TVector ToFloat(TSum sum);
}
