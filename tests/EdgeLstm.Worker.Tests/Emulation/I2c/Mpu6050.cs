// The InvenSense MPU-6050: acceleration, temperature and rotation, 14 bytes big endian from 0x3B; and the MPU-9250 as one with a
// magnetometer behind it.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Sources: InvenSense, "MPU-6000 and MPU-6050 Register Map and Descriptions", RM-MPU-6000A-00, revision 4.2;
/// "MPU-9250 Register Map and Descriptions", RM-MPU-9250A-00, revision 1.6.</summary>
/// <param name="time">The clock of the sample rate.</param>
public sealed class Mpu6050(TimeProvider time) : RegisterDevice
{
    private const byte SMPLRT_DIV = 0x19, CONFIG = 0x1A, GYRO_CONFIG = 0x1B, ACCEL_CONFIG = 0x1C, INT_ENABLE = 0x38;
    private const byte INT_STATUS = 0x3A, ACCEL_XOUT_H = 0x3B, GYRO_ZOUT_L = 0x48, SIGNAL_PATH_RESET = 0x68;
    private const byte PWR_MGMT_1 = 0x6B, WHO_AM_I = 0x75, ACCEL_CONFIG_2 = 0x1D;
    private const byte I2C_MST_CTRL = 0x24, I2C_SLV0_REG = 0x26, I2C_SLV0_CTRL = 0x27, EXT_SENS_DATA_00 = 0x49;
    private const byte I2C_SLV0_DO = 0x63, USER_CTRL = 0x6A, AK8963_WIA = 0x00, AK8963_ID = 0x48;
    private const int Sleep = 0x40, DeviceReset = 0x80;

    private readonly Conversion _sample = new(time);

    /// <summary>What the three accelerometers measure, in codes of ±2 g (16384 LSB/g).</summary>
    public (int X, int Y, int Z) Acceleration { get; init; }

    /// <summary>What the three gyroscopes measure, in codes of ±250 °/s (131 LSB/(°/s)).</summary>
    public (int X, int Y, int Z) Rotation { get; init; }

    /// <summary>True for an MPU-9250, whose own master reads an AK8963: of that only its identity.</summary>
    public bool HasMagnetometer { get; init; }

    /// <summary>The temperature's code: °C = code / 340 + 36.53; of an MPU-9250 (code − 21) / 333.87 + 21.</summary>
    public int Temperature { get; init; }

    /// <inheritdoc/>
    protected override void Reset()
    {
        this[PWR_MGMT_1] = Sleep;
        this[WHO_AM_I] = (byte)(HasMagnetometer ? 0x71 : 0x68);
        _sample.Reset();
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, byte value)
    {
        // ACCEL_CONFIG_2 is reserved in an MPU-6050, and keeps what is written.
        if (address is not (SMPLRT_DIV or CONFIG or GYRO_CONFIG or ACCEL_CONFIG or ACCEL_CONFIG_2 or INT_ENABLE
                or SIGNAL_PATH_RESET or PWR_MGMT_1)
            && !(HasMagnetometer && address is (>= I2C_MST_CTRL and <= I2C_SLV0_CTRL) or I2C_SLV0_DO or USER_CTRL))
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

        if (address == EXT_SENS_DATA_00 && HasMagnetometer)
        {
            return this[I2C_SLV0_REG] == AK8963_WIA ? AK8963_ID : (byte)0;
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
