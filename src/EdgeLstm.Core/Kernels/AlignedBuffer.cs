// Floats at a fixed address that begins on a cache line.

using System.Runtime.InteropServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>Zeroed floats whose first lies on a 64-byte boundary and never moves. Length is fixed at construction.</summary>
internal sealed unsafe class AlignedBuffer
{
    private const int AlignmentBytes = 64;
    private const int AlignmentFloats = AlignmentBytes / sizeof(float);

    // Pinned: the collector would otherwise move the array and lose the alignment.
    private readonly float[] _floats;
    private readonly int _start;

    /// <param name="length">Number of floats, at least 0.</param>
    public AlignedBuffer(int length)
    {
        _floats = GC.AllocateArray<float>(length + AlignmentFloats, pinned: true);
        Length = length;
        nuint address = (nuint)Marshal.UnsafeAddrOfPinnedArrayElement(_floats, 0);
        _start = (int)((AlignmentBytes - (address % AlignmentBytes)) % AlignmentBytes) / sizeof(float);
        Pointer = (float*)address + _start;
    }

    /// <summary>Number of floats.</summary>
    public int Length { get; }

    /// <summary>All floats.</summary>
    public Span<float> Span => _floats.AsSpan(_start, Length);

    /// <summary>The first float, from which a kernel goes on without checks; valid while this buffer is reachable.</summary>
    public float* Pointer { get; }
}
