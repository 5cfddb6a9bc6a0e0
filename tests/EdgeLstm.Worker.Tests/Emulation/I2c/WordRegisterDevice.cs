// A sensor with 16-bit registers behind a pointer that stays where it was put: the usual form of converters and thermometers.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>A write of one byte sets the pointer, a longer one the register too; a read gives that register.</summary>
/// <remarks>Stricter than silicon: writes and reads of any other length, and registers that do not exist, are not
/// acknowledged.</remarks>
public abstract class WordRegisterDevice : EmulatedI2cDevice
{
    private byte _pointer;

    /// <summary>True while values are to be impossible ones.</summary>
    protected bool IsNonsense { get; private set; }

    /// <summary>True where the low byte goes first.</summary>
    protected virtual bool IsLittleEndian => false;

    /// <inheritdoc/>
    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        _pointer = bytes[0];
        int width = WidthOf(_pointer);
        if (bytes.Length == 1)
        {
            return width > 0;
        }

        if (bytes.Length != 1 + width)
        {
            return false;
        }

        int first = bytes[1];
        int last = bytes[^1];
        return WriteRegister(_pointer, width == 1 ? first : IsLittleEndian ? first | (last << 8) : (first << 8) | last);
    }

    /// <inheritdoc/>
    public override bool Read(Span<byte> bytes)
    {
        if (bytes.Length != WidthOf(_pointer))
        {
            return false;
        }

        int value = ReadRegister(_pointer);
        bytes[0] = (byte)(bytes.Length == 1 || IsLittleEndian ? value : value >> 8);
        bytes[^1] = (byte)(bytes.Length == 1 || !IsLittleEndian ? value : value >> 8);
        return true;
    }

    /// <inheritdoc/>
    public sealed override void PlugIn() => PowerOn();

    /// <inheritdoc/>
    public sealed override void PowerOn()
    {
        _pointer = 0;
        Reset();
    }

    /// <inheritdoc/>
    public override void BeNonsense(bool nonsense) => IsNonsense = nonsense;

    /// <summary>Bytes of a register; 0 where there is none.</summary>
    protected abstract int WidthOf(byte address);

    /// <summary>Sets the reset values.</summary>
    protected abstract void Reset();

    /// <summary>Takes a value; false where the register is not writable.</summary>
    protected abstract bool WriteRegister(byte address, int value);

    /// <summary>Gives a register's value.</summary>
    protected abstract int ReadRegister(byte address);
}
