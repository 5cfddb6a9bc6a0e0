// The InvenSense MPU-6050: acceleration, temperature and rotation, 14 bytes big endian from 0x3B.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: InvenSense, "MPU-6000 and MPU-6050 Register Map and Descriptions", RM-MPU-6000A-00, revision 4.2.</summary>
/// <param name="time">The clock of the sample rate.</param>
public sealed class Mpu6050(TimeProvider time) : RegisterDevice
{
    private const byte SMPLRT_DIV = 0x19, CONFIG = 0x1A, GYRO_CONFIG = 0x1B, ACCEL_CONFIG = 0x1C, INT_ENABLE = 0x38;
    private const byte INT_STATUS = 0x3A, ACCEL_XOUT_H = 0x3B, GYRO_ZOUT_L = 0x48, SIGNAL_PATH_RESET = 0x68;
    private const byte PWR_MGMT_1 = 0x6B, WHO_AM_I = 0x75;
    private const int Sleep = 0x40, DeviceReset = 0x80;

    private readonly Conversion _sample = new(time);

    /// <summary>What the three accelerometers measure, in codes of ±2 g (16384 LSB/g).</summary>
    public (int X, int Y, int Z) Acceleration { get; init; }

    /// <summary>What the three gyroscopes measure, in codes of ±250 °/s (131 LSB/(°/s)).</summary>
    public (int X, int Y, int Z) Rotation { get; init; }

    /// <summary>The temperature's code: °C = code / 340 + 36.53.</summary>
    public int Temperature { get; init; }

    /// <inheritdoc/>
    protected override void Reset()
    {
        this[PWR_MGMT_1] = Sleep;
        this[WHO_AM_I] = 0x68;
        _sample.Reset();
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, byte value)
    {
        if (address is not (SMPLRT_DIV or CONFIG or GYRO_CONFIG or ACCEL_CONFIG or INT_ENABLE or SIGNAL_PATH_RESET or PWR_MGMT_1))
        {
            return false;
        }

        if (address == PWR_MGMT_1 && (value & DeviceReset) != 0)
        {
            PowerOn();
            return true;
        }

        this[address] = value;
        if ((this[PWR_MGMT_1] & Sleep) != 0)
        {
            _sample.Stop();
        }
        else
        {
            bool filtered = (this[CONFIG] & 7) is > 0 and < 7;   // 1 kHz behind the filter, else 8 kHz
            _sample.Start((1 + this[SMPLRT_DIV]) / (filtered ? 1.0 : 8.0));
        }

        return true;
    }

    /// <inheritdoc/>
    protected override byte ReadRegister(byte address)
    {
        if (address == INT_STATUS)
        {
            bool ready = (this[INT_ENABLE] & 1) != 0 && _sample.IsDone;
            _sample.Take();
            return (byte)(ready ? 1 : 0);
        }

        if (address is < ACCEL_XOUT_H or > GYRO_ZOUT_L)
        {
            return base.ReadRegister(address);
        }

        int accelRange = (this[ACCEL_CONFIG] >> 3) & 3;
        int gyroRange = (this[GYRO_CONFIG] >> 3) & 3;
        int temperature = IsNonsense ? 0x7FFF : Temperature;   // 133 °C: beyond its range; every other code is a possible value
        return !_sample.HasResult ? (byte)0 : ByteOf(
            [Acceleration.X >> accelRange, Acceleration.Y >> accelRange, Acceleration.Z >> accelRange, temperature,
                Rotation.X >> gyroRange, Rotation.Y >> gyroRange, Rotation.Z >> gyroRange],
            address - ACCEL_XOUT_H,
            littleEndian: false);
    }
}
