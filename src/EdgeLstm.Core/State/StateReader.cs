// Reads back what StateWriter wrote, in the same order; anything that does not fit is an error before it is used.

using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeLstm.Core.State;

/// <summary>Reads saved state; throws <see cref="FormatException"/> where it is shorter or of another shape than
/// expected.</summary>
/// <param name="bytes">The state, without any envelope.</param>
public ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True when everything was read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Reads a 64-bit whole number.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    /// <summary>Reads a double.</summary>
    public double ReadDouble() => BitConverter.Int64BitsToDouble(ReadInt64());

    /// <summary>Reads a row of figures whose length must be that of <paramref name="row"/>.</summary>
    public void Read(Span<float> row)
    {
        long length = ReadInt64();
        if (length != row.Length)
        {
            throw new FormatException($"a saved row has {length} figures; expected {row.Length}");
        }

        Take(row.Length * sizeof(float)).CopyTo(MemoryMarshal.AsBytes(row));
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
        {
            throw new FormatException($"the saved state ends {count - _rest.Length} bytes early");
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
