// Saved state of a stream as little-endian bytes: whole numbers, figures and counted rows of them, in the order they were
// written.

using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeLstm.Core.State;

/// <summary>Collects the state of a stream's parts. Grows as needed; one that is used again allocates nothing more.</summary>
public sealed class StateWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>Empties it; what it has grown to stays.</summary>
    public void Clear() => _bytes.ResetWrittenCount();

    /// <summary>Appends a 64-bit whole number.</summary>
    public void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
    }

    /// <summary>Appends a double.</summary>
    public void Write(double value) => Write(BitConverter.DoubleToInt64Bits(value));

    /// <summary>Appends doubles without their number.</summary>
    public void WriteEach(ReadOnlySpan<double> figures)
    {
        foreach (double figure in figures)
        {
            Write(figure);
        }
    }

    /// <summary>Appends a row of figures with its length.</summary>
    public void Write(ReadOnlySpan<float> row)
    {
        Write((long)row.Length);
        _bytes.Write(MemoryMarshal.AsBytes(row));
    }
}
