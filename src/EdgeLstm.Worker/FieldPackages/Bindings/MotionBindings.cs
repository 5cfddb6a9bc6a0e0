// Sensors of motion, read through Iot.Device.Bindings.

using System.Numerics;
using Iot.Device.Adxl345;
using Iot.Device.Imu;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Acceleration and rotation are read one after the other: up to a sample of the sensor lies between them.</summary>
internal static class MotionBindings
{
    private const double Gravity = 9.80665;                // m/s²
    private const double ClassGravity = 9.807;             // what the class of the MPU-6050 takes for it
    private const byte PwrMgmt1 = 0x6B, PowerCtl = 0x2D, Measure = 0x08;

    private static readonly BindingChannel[] Acceleration =
        [new("accel_x", "m/s²"), new("accel_y", "m/s²"), new("accel_z", "m/s²")];

    private static readonly BindingChannel[] Motion =
    [
        .. Acceleration, new("temperature", "°C"), new("gyro_x", "°/s"), new("gyro_y", "°/s"), new("gyro_z", "°/s"),
    ];

    /// <summary>MPU-6050, ±2 g and ±250 °/s behind a low-pass of 44 Hz.</summary>
    public static DeviceBinding Mpu6050 { get; } = new("mpu6050", 3, Motion, OpenMpu6050)
    {
        Keeps = new SetRegister(PwrMgmt1, 0xFF, 0x01),
    };

    /// <summary>MPU-9250 likewise; its magnetometer gives nothing of use before it was calibrated by turning it.</summary>
    public static DeviceBinding Mpu9250 { get; } = new("mpu9250", 3, Motion, OpenMpu9250)
    {
        Keeps = new SetRegister(PwrMgmt1, 0xFF, 0x01),
    };

    /// <summary>ADXL345, ±16 g in counts of 0.31 m/s²: the class does not use the sensor's full resolution.</summary>
    public static DeviceBinding Adxl345 { get; } = new("adxl345", 1, Acceleration, OpenAdxl345)
    {
        FirstWaitMs = 12,   // 100 samples a second; zeros before the first
        Keeps = new SetRegister(PowerCtl, Measure, Measure),
    };

    private static ChannelRead OpenMpu6050(BusDevice device, bool[] wanted)
    {
        Mpu6050 sensor = new(device) { GyroscopeBandwidth = GyroscopeBandwidth.Bandwidth0041Hz };
        return values =>
        {
            Put(sensor, values);

            // The class has the MPU-9250's formula, (code − 21) / 333.87 + 21; this sensor's is code / 340 + 36.53.
            double code = Math.Round(((values[3] - 21) * 333.87) + 21);
            values[3] = (code / 340) + 36.53;
        };
    }

    private static ChannelRead OpenMpu9250(BusDevice device, bool[] wanted)
    {
        Mpu9250 sensor = new(device, shouldDispose: false)
        {
            GyroscopeBandwidth = GyroscopeBandwidth.Bandwidth0041Hz,
            AccelerometerBandwidth = AccelerometerBandwidth.Bandwidth0041Hz,
        };
        return values => Put(sensor, values);
    }

    private static void Put(Mpu6050 sensor, Span<double> values)
    {
        Put(sensor.GetAccelerometer(), Gravity / ClassGravity, values);
        values[3] = sensor.GetTemperature().DegreesCelsius;
        Put(sensor.GetGyroscopeReading(), 1, values[4..]);
    }

    private static ChannelRead OpenAdxl345(BusDevice device, bool[] wanted)
    {
        Adxl345 sensor = new(new SpiOverI2c(device), GravityRange.Range16);
        return values => Put(sensor.Acceleration, Gravity, values);
    }

    private static void Put(Vector3 vector, double factor, Span<double> values)
    {
        values[0] = vector.X * factor;
        values[1] = vector.Y * factor;
        values[2] = vector.Z * factor;
    }
}
