// The ST LSM6DS3: temperature, rotation and acceleration, 14 bytes little endian from 0x20.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: ST, "LSM6DS3 iNEMO inertial module" data sheet, DocID026899.</summary>
/// <param name="time">The clock of the output data rates.</param>
public sealed class Lsm6ds3(TimeProvider time) : RegisterDevice
{
    private const byte WHO_AM_I = 0x0F, CTRL1_XL = 0x10, CTRL2_G = 0x11, CTRL3_C = 0x12, CTRL10_C = 0x19, STATUS_REG = 0x1E;
    private const byte OUT_TEMP_L = 0x20, OUTZ_H_G = 0x27, OUTZ_H_XL = 0x2D;
    private const int SoftReset = 0x01, IfInc = 0x04;

    private readonly Conversion _acceleration = new(time);
    private readonly Conversion _rotation = new(time);

    /// <summary>What the three accelerometers measure, in codes of ±2 g (0.061 mg).</summary>
    public (int X, int Y, int Z) Acceleration { get; init; }

    /// <summary>What the three gyroscopes measure, in codes of ±245 °/s (8.75 m°/s).</summary>
    public (int X, int Y, int Z) Rotation { get; init; }

    /// <summary>The temperature's code: °C = code / 16 + 25.</summary>
    public int Temperature { get; init; }

    /// <inheritdoc/>
    protected override bool CountsUp => (this[CTRL3_C] & IfInc) != 0;

    /// <inheritdoc/>
    protected override void Reset()
    {
        this[WHO_AM_I] = 0x69;
        this[CTRL3_C] = IfInc;
        this[0x18] = 0x38;       // CTRL9_XL: axes enabled
        this[CTRL10_C] = 0x38;
        _acceleration.Reset();
        _rotation.Reset();
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, byte value)
    {
        if (address is < CTRL1_XL or > CTRL10_C)
        {
            return false;
        }

        if (address == CTRL3_C && (value & SoftReset) != 0)
        {
            PowerOn();
            return true;
        }

        this[address] = value;
        if (address is CTRL1_XL or CTRL2_G)
        {
            Run(address == CTRL1_XL ? _acceleration : _rotation, value >> 4);
        }

        return true;
    }

    /// <inheritdoc/>
    protected override byte ReadRegister(byte address)
    {
        if (address == STATUS_REG)   // TDA, GDA, XLDA
        {
            return (byte)((_acceleration.IsDone ? 0b101 : 0) | (_rotation.IsDone ? 0b010 : 0));
        }

        if (address is < OUT_TEMP_L or > OUTZ_H_XL)
        {
            return base.ReadRegister(address);
        }

        byte value = Output(address);
        if (address is OUTZ_H_G or OUTZ_H_XL)
        {
            (address == OUTZ_H_G ? _rotation : _acceleration).Take();
        }

        return value;
    }

    private byte Output(byte address)
    {
        bool measured = address is > 0x21 and <= OUTZ_H_G ? _rotation.HasResult : _acceleration.HasResult;
        int accelShift = (this[CTRL1_XL] >> 2 & 3) switch { 0 => 0, 2 => 1, 3 => 2, _ => 3 };   // 2, 16, 4, 8 g
        int gyroShift = this[CTRL2_G] >> 2 & 3;                                                // 245, 500, 1000, 2000 °/s
        return !measured ? (byte)0 : ByteOf(
            [IsNonsense ? 0x7FFF : Temperature,
                IsNonsense ? 0x7FFF : Rotation.X >> gyroShift, Rotation.Y >> gyroShift, Rotation.Z >> gyroShift,
                Acceleration.X >> accelShift, Acceleration.Y >> accelShift, Acceleration.Z >> accelShift],
            address - OUT_TEMP_L,
            littleEndian: true);
    }

    private static void Run(Conversion conversion, int rate)
    {
        if (rate is > 0 and <= 10)
        {
            conversion.Start(1000 / (13.0 * (1 << (rate - 1))));   // 13, 26, 52, 104 … 6660 Hz
        }
        else
        {
            conversion.Stop();
        }
    }
}
