// What Bosch's environmental sensors have in common: calibration in their registers, forced measurements, 20-bit numbers.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>A write is pairs of register and value; only reads count up. After a reset the sensor needs 2 ms.</summary>
/// <param name="time">The clock of measurements.</param>
public abstract class BoschDevice(TimeProvider time) : RegisterDevice
{
    private const byte ID = 0xD0, RESET = 0xE0, ResetWord = 0xB6;

    private readonly Conversion _start = new(time);

    /// <summary>The measurement that was started last.</summary>
    protected Conversion Measurement { get; } = new(time);

    /// <summary>What the register ID holds.</summary>
    protected abstract byte ChipId { get; }

    /// <inheritdoc/>
    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        if (_start.IsRunning)
        {
            return false;
        }

        if (bytes.Length == 1)
        {
            return base.Write(bytes);
        }

        for (int i = 0; i < bytes.Length; i += 2)
        {
            if (i + 1 == bytes.Length || !base.Write(bytes.Slice(i, 2)))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Read(Span<byte> bytes) => !_start.IsRunning && base.Read(bytes);

    /// <inheritdoc/>
    protected override void Reset()
    {
        this[ID] = ChipId;
        Measurement.Reset();
        foreach ((int address, byte[] bytes) in Calibration())
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                this[(byte)(address + i)] = bytes[i];
            }
        }
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, byte value)
    {
        if (address != RESET || value != ResetWord)
        {
            return false;
        }

        PowerOn();
        _start.Start(2);
        return true;
    }

    /// <summary>The calibration: register and the bytes from there on.</summary>
    protected abstract IEnumerable<(int Register, byte[] Bytes)> Calibration();

    /// <summary>16-bit numbers, low byte first, as calibration is stored.</summary>
    protected static byte[] Words(params ReadOnlySpan<int> words)
    {
        byte[] bytes = new byte[words.Length * 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = ByteOf(words, i, littleEndian: true);
        }

        return bytes;
    }

    /// <summary>Puts a 20-bit number into three registers: msb, lsb, and xlsb in bits 7 to 4.</summary>
    protected void Put20(byte address, int value)
    {
        this[address] = (byte)(value >> 12);
        this[(byte)(address + 1)] = (byte)(value >> 4);
        this[(byte)(address + 2)] = (byte)(value << 4);
    }

    /// <summary>Samples of an oversampling code: 0 (skipped), 1, 2, 4, 8, 16.</summary>
    protected static int SamplesOf(int code) => code == 0 ? 0 : 1 << Math.Min(code - 1, 4);
}
