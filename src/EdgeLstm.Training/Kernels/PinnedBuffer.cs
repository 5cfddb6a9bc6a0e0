// Numbers at a fixed address that begins on a cache line.

using System.Runtime.InteropServices;

namespace EdgeLstm.Training.Kernels;

/// <summary>Zeroed numbers that never move, for kernels that go over them without checks.</summary>
internal sealed unsafe class PinnedBuffer<T>
    where T : unmanaged
{
    private const int AlignmentBytes = 64;

    private readonly T[] _numbers;
    private readonly int _start;

    /// <param name="length">Numbers, at least 0.</param>
    public PinnedBuffer(int length)
    {
        _numbers = GC.AllocateArray<T>(length + (AlignmentBytes / sizeof(T)), pinned: true);
        Length = length;
        nuint address = (nuint)Marshal.UnsafeAddrOfPinnedArrayElement(_numbers, 0);
        _start = (int)((AlignmentBytes - (address % AlignmentBytes)) % AlignmentBytes) / sizeof(T);
        Pointer = (T*)address + _start;
    }

    /// <summary>Numbers.</summary>
    public int Length { get; }

    /// <summary>All numbers.</summary>
    public Span<T> Span => _numbers.AsSpan(_start, Length);

    /// <summary>The first; valid while this buffer is reachable.</summary>
    public T* Pointer { get; }
}
