// The Analog Devices ADXL345: acceleration, 6 bytes little endian from 0x32.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: Analog Devices, "ADXL345" data sheet, register map and register definitions.</summary>
/// <param name="time">The clock of the output data rate.</param>
public sealed class Adxl345(TimeProvider time) : RegisterDevice
{
    private const byte DEVID = 0x00, THRESH_TAP = 0x1D, BW_RATE = 0x2C, POWER_CTL = 0x2D, INT_ENABLE = 0x2E, INT_MAP = 0x2F;
    private const byte INT_SOURCE = 0x30, DATA_FORMAT = 0x31, DATAX0 = 0x32, DATAZ1 = 0x37, FIFO_CTL = 0x38;
    private const int Measure = 0x08, FullRes = 0x08, DataReady = 0x80;

    private readonly Conversion _sample = new(time);

    /// <summary>What the sensor measures, in codes of full resolution (256 LSB/g).</summary>
    public (int X, int Y, int Z) Acceleration { get; init; }

    /// <inheritdoc/>
    protected override void Reset()
    {
        this[DEVID] = 0xE5;
        this[BW_RATE] = 0x0A;
        this[INT_SOURCE] = 0x02;
        _sample.Reset();
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, byte value)
    {
        bool writable = address is >= THRESH_TAP and <= INT_MAP or DATA_FORMAT or FIFO_CTL && address != 0x2B;
        this[address] = writable ? value : this[address];
        if (address is POWER_CTL or BW_RATE or INT_ENABLE)
        {
            Run();
        }

        return writable;
    }

    /// <inheritdoc/>
    protected override byte ReadRegister(byte address)
    {
        if (address == INT_SOURCE)
        {
            return (byte)(this[INT_SOURCE] | (_sample.IsDone ? DataReady : 0));
        }

        if (address is < DATAX0 or > DATAZ1)
        {
            return base.ReadRegister(address);
        }

        // In full resolution a count is 3.9 mg in every range; else 10 bits hold the range.
        int shift = (this[DATA_FORMAT] & FullRes) != 0 ? 0 : this[DATA_FORMAT] & 3;
        int x = IsNonsense ? 0x7FFF : Acceleration.X >> shift;   // beyond 13 bits
        byte value = !_sample.HasResult
            ? (byte)0
            : ByteOf([x, Acceleration.Y >> shift, Acceleration.Z >> shift], address - DATAX0, littleEndian: true);
        if (address == DATAZ1)
        {
            _sample.Take();
        }

        return value;
    }

    private void Run()
    {
        if ((this[POWER_CTL] & Measure) != 0)
        {
            _sample.Start(1000.0 / 3200 * (1 << (15 - (this[BW_RATE] & 15))));
        }
        else
        {
            _sample.Stop();
        }
    }
}
