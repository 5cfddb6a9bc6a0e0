// The order in which the x64 products want the four columns of a word.
//
//   16-bit values:  0 2 1 3, two bytes each        8-bit values:  |0| |1| |2| |3|, then −1 where negative

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Words of four columns in memory.</summary>
internal static unsafe class Int8Word
{
    /// <summary>Stores eight 16-bit columns as two words, even ones first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEvenThenOdd(Vector128<short> values, byte* words) =>
        Vector128.Store(Vector128.Shuffle(values, Vector128.Create((short)0, 2, 1, 3, 4, 6, 5, 7)), (short*)words);

    /// <summary>Stores eight 8-bit columns as two words, each the four magnitudes and then −1 for each negative, 0
    /// else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMagnitudesThenSigns(Vector128<short> values, byte* words)
    {
        // Magnitudes 0 … 7, then signs 0 … 7; the middle two groups of four change places.
        Vector128<sbyte> bytes = Vector128.Narrow(Vector128.Abs(values), values >> 15);
        Vector128.Store(Vector128.Shuffle(bytes.AsInt32(), Vector128.Create(0, 2, 1, 3)), (int*)words);
    }
}
