// The order in which the x64 products want the four columns of a word.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Words of four 16-bit columns, even ones first.</summary>
internal static unsafe class Int8Word
{
    /// <summary>Stores eight columns as two words, each 0 2 1 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEvenThenOdd(Vector128<short> values, byte* words) =>
        Vector128.Store(Vector128.Shuffle(values, Vector128.Create((short)0, 2, 1, 3, 4, 6, 5, 7)), (short*)words);
}
