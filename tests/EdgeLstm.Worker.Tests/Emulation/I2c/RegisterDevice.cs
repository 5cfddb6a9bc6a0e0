// A sensor with 8-bit registers behind an 8-bit address that counts up by itself: the usual form of motion and pressure sensors.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>The first byte of a write is the register; reads begin where the last transfer ended.</summary>
/// <remarks>Stricter than silicon: a write to a register that is not writable is not acknowledged.</remarks>
public abstract class RegisterDevice : EmulatedI2cDevice
{
    private readonly byte[] _registers = new byte[256];
    private byte _register;

    /// <summary>True while values are to be impossible ones.</summary>
    protected bool IsNonsense { get; private set; }

    /// <summary>False where the address stays while bytes are read.</summary>
    protected virtual bool CountsUp => true;

    /// <summary>The registers as they are stored.</summary>
    protected byte this[byte address]
    {
        get => _registers[address];
        set => _registers[address] = value;
    }

    /// <inheritdoc/>
    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        _register = bytes[0];
        foreach (byte value in bytes[1..])
        {
            if (!WriteRegister(_register, value))
            {
                return false;
            }

            _register += (byte)(CountsUp ? 1 : 0);
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Read(Span<byte> bytes)
    {
        foreach (ref byte value in bytes)
        {
            value = ReadRegister(_register);
            _register += (byte)(CountsUp ? 1 : 0);
        }

        return true;
    }

    /// <inheritdoc/>
    public sealed override void PlugIn() => PowerOn();

    /// <inheritdoc/>
    public sealed override void PowerOn()
    {
        Array.Clear(_registers);
        _register = 0;
        Reset();
    }

    /// <inheritdoc/>
    public override void BeNonsense(bool nonsense) => IsNonsense = nonsense;

    /// <summary>Sets the reset values; all registers are 0 before.</summary>
    protected abstract void Reset();

    /// <summary>Takes a value for a register and does what the data sheet says it does.</summary>
    /// <returns>False where the register is not writable.</returns>
    protected abstract bool WriteRegister(byte address, byte value);

    /// <summary>Gives a register's value.</summary>
    protected virtual byte ReadRegister(byte address) => this[address];

    /// <summary>Byte <paramref name="index"/> of 16-bit numbers that lie one behind the other.</summary>
    protected static byte ByteOf(ReadOnlySpan<int> words, int index, bool littleEndian)
    {
        bool high = (index % 2 == 0) != littleEndian;
        return (byte)(high ? words[index / 2] >> 8 : words[index / 2]);
    }
}
