// What this CPU can do at best: read some bytes once from the cache they fit in.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Reads a buffer with the widest loads of this process: the floor under a step of as many bytes.</summary>
/// <remarks>
/// Eight loads at a time into eight independent values, so that only the loads are waited for. The buffer is written first:
/// pages that were never written are one and the same page of zeros, which would always be in the nearest cache.
/// </remarks>
internal sealed class LoadFloor
{
    private const int Alignment = 64;
    private const int Unroll = 8;

    private readonly byte[] _buffer;
    private readonly int _start;
    private readonly nuint _bytes;

    /// <param name="bytes">Bytes to read; rounded up to whole vectors of 64 bytes.</param>
    public LoadFloor(long bytes)
    {
        _bytes = (nuint)((bytes + Alignment - 1) / Alignment * Alignment);

        // Pinned: the collector would otherwise move the array and lose the alignment.
        _buffer = GC.AllocateUninitializedArray<byte>((int)_bytes + Alignment, pinned: true);
        new Random(3).NextBytes(_buffer);
        nuint address;
        unsafe
        {
            address = (nuint)Unsafe.AsPointer(ref _buffer[0]);
        }

        _start = (int)((Alignment - (address % Alignment)) % Alignment);
    }

    /// <summary>Width of the loads in bits.</summary>
    public static int LoadBits => (int)VectorWidths.Best;

    /// <summary>Reads the whole buffer some times; the result only keeps the loads from being left out.</summary>
    public ulong Read(long times) => VectorWidths.Best switch
    {
        VectorWidth.Bits512 => Read512(ref _buffer[_start], _bytes, times),
        VectorWidth.Bits256 => Read256(ref _buffer[_start], _bytes, times),
        _ => Read128(ref _buffer[_start], _bytes, times),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Read512(ref byte first, nuint bytes, long times)
    {
        Vector512<byte> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        const int Step = 64;
        nuint whole = bytes - (bytes % (Unroll * Step));
        for (; times > 0; times--)
        {
            nuint k = 0;
            for (; k < whole; k += Unroll * Step)
            {
                a ^= Vector512.LoadUnsafe(ref first, k);
                b ^= Vector512.LoadUnsafe(ref first, k + Step);
                c ^= Vector512.LoadUnsafe(ref first, k + (2 * Step));
                d ^= Vector512.LoadUnsafe(ref first, k + (3 * Step));
                e ^= Vector512.LoadUnsafe(ref first, k + (4 * Step));
                f ^= Vector512.LoadUnsafe(ref first, k + (5 * Step));
                g ^= Vector512.LoadUnsafe(ref first, k + (6 * Step));
                h ^= Vector512.LoadUnsafe(ref first, k + (7 * Step));
            }

            for (; k < bytes; k += Step)
            {
                a ^= Vector512.LoadUnsafe(ref first, k);
            }
        }

        return (a ^ b ^ c ^ d ^ e ^ f ^ g ^ h).AsUInt64()[0];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Read256(ref byte first, nuint bytes, long times)
    {
        Vector256<byte> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        const int Step = 32;
        nuint whole = bytes - (bytes % (Unroll * Step));
        for (; times > 0; times--)
        {
            nuint k = 0;
            for (; k < whole; k += Unroll * Step)
            {
                a ^= Vector256.LoadUnsafe(ref first, k);
                b ^= Vector256.LoadUnsafe(ref first, k + Step);
                c ^= Vector256.LoadUnsafe(ref first, k + (2 * Step));
                d ^= Vector256.LoadUnsafe(ref first, k + (3 * Step));
                e ^= Vector256.LoadUnsafe(ref first, k + (4 * Step));
                f ^= Vector256.LoadUnsafe(ref first, k + (5 * Step));
                g ^= Vector256.LoadUnsafe(ref first, k + (6 * Step));
                h ^= Vector256.LoadUnsafe(ref first, k + (7 * Step));
            }

            for (; k < bytes; k += Step)
            {
                a ^= Vector256.LoadUnsafe(ref first, k);
            }
        }

        return (a ^ b ^ c ^ d ^ e ^ f ^ g ^ h).AsUInt64()[0];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Read128(ref byte first, nuint bytes, long times)
    {
        Vector128<byte> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        const int Step = 16;
        nuint whole = bytes - (bytes % (Unroll * Step));
        for (; times > 0; times--)
        {
            nuint k = 0;
            for (; k < whole; k += Unroll * Step)
            {
                a ^= Vector128.LoadUnsafe(ref first, k);
                b ^= Vector128.LoadUnsafe(ref first, k + Step);
                c ^= Vector128.LoadUnsafe(ref first, k + (2 * Step));
                d ^= Vector128.LoadUnsafe(ref first, k + (3 * Step));
                e ^= Vector128.LoadUnsafe(ref first, k + (4 * Step));
                f ^= Vector128.LoadUnsafe(ref first, k + (5 * Step));
                g ^= Vector128.LoadUnsafe(ref first, k + (6 * Step));
                h ^= Vector128.LoadUnsafe(ref first, k + (7 * Step));
            }

            for (; k < bytes; k += Step)
            {
                a ^= Vector128.LoadUnsafe(ref first, k);
            }
        }

        return (a ^ b ^ c ^ d ^ e ^ f ^ g ^ h).AsUInt64()[0];
    }
}
