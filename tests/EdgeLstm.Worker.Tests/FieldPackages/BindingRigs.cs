// Emulated sensors that are read through their bindings.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.FieldPackages;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.FirmwareConfigs;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.Worker.Tests.FieldPackages;

/// <summary>The emulations of the profiles' rigs, by the name of the binding; and those of sensors that only a binding
/// knows.</summary>
internal static class BindingRigs
{
    private const double Tenth = 0.0501;     // rounded to tenths
    private const double FullScale = 2e-3;   // 250 °/s are 32768 counts: 131.072 for each, where the profile takes 131

    private static readonly TimeProvider Time = TimeProvider.System;

    private static readonly Dictionary<string, Func<I2cRig>> Rigs = new()
    {
        ["bme280"] = () => OfProfile("bme280"),
        ["bmp280"] = () => OfProfile("bmp280"),
        ["bme680"] = () => OfProfile("bme680"),
        ["mpu6050"] = () => OfProfile("mpu6050", FullScale),
        ["mpu9250"] = () => new I2cRig("mpu9250",
            new Mpu6050(Time)
            {
                HasMagnetometer = true,
                Acceleration = (8192, -4096, 16384),
                Temperature = 1356,
                Rotation = (131, -262, 0),
            },
            "formula of InvenSense RM-MPU-9250A-00: (code − 21) / 333.87 + 21 °C; the rest as the MPU-6050",
            ("accel_x", 4.903325, 1e-5), ("accel_y", -2.4516625, 1e-5), ("accel_z", 9.80665, 1e-5),
            ("temperature", 24.998562, 1e-4), ("gyro_x", 1, FullScale), ("gyro_y", -2, FullScale), ("gyro_z", 0, 1e-5))
        { Task = Through },
        ["adxl345"] = () => OfProfile("adxl345"),
        ["ads1115"] = () => OfProfile("ads1115"),
        ["ina219"] = () => OfProfile("ina219"),
        ["sht3x"] = () => OfProfile("sht31", Tenth),
        ["sht4x"] = () => OfProfile("sht40", tellsNonsense: false),   // the class ends humidity at 0 and 100 %
        ["scd4x"] = () => OfProfile("scd41"),
        ["lm75"] = () => OfProfile("lm75", Tenth),
        ["bh1750"] = () => OfProfile("bh1750"),
        ["tsl2561"] = () => new I2cRig("tsl2561", new Tsl2561(Time) { All = 1000, Infrared = 300 },
            "formula of TAOS059 at gain 16: 0.0304·16000 − 0.062·16000·0.3^1.4", ("illuminance", 302.542467, 1e-3))
        { Task = Through, TellsNonsense = false },   // too much light is a missing value
    };

    /// <summary>Bindings that have an emulation.</summary>
    public static IEnumerable<string> Names => Rigs.Keys;

    /// <summary>A new sensor.</summary>
    public static I2cRig Create(string binding) => Rigs[binding]();

    /// <summary>The profile of a rig's sensor: the shipped one, or for a sensor that only a binding knows as a user writes
    /// it.</summary>
    public static SensorProfile ProfileOf(I2cRig rig)
    {
        string name = Path.GetFileNameWithoutExtension(rig.Profile);
        string file = Path.Combine(Firmware.Configs, rig.Profile);
        if (!File.Exists(file))
        {
            return OnlyBinding(name, name == "tsl2561" ? 0x39 : 0x68);
        }

        ProblemList problems = new(file);
        SensorProfile? profile = SensorProfile.Load(file, problems);
        Assert.False(problems.Any, problems.ToString());
        return profile!;
    }

    /// <summary>A profile without transfers of its own.</summary>
    public static SensorProfile OnlyBinding(string name, int address)
    {
        DeviceBinding binding = DeviceBindings.All.Single(known => known.Is(name));
        return new SensorProfile(name,
            [
                .. binding.Channels.Select(channel => new ChannelProfile(
                    channel.Name, Unit: channel.Unit, Maximum: channel.Unit == "°C" ? 85 : null)),
            ],
            Transport: new TransportProfile("i2c", I2c: new I2cProfile(new HexNumber(address), Binding: name)), RateHz: 1);
    }

    /// <summary>Reads a sensor through its binding.</summary>
    public static I2cTask Through(
        I2cBus bus, SensorProfile profile, IReadOnlyList<string> fields, int address, double rateHz) =>
        new BindingSensor(bus, profile, fields, address, rateHz);

    /// <summary>Another sensor of a profile's kind, read through its binding.</summary>
    public static I2cRig Create(string profile, EmulatedI2cDevice device) => new(profile, device, "") { Task = Through };

    private static I2cRig OfProfile(string profile, double leastTolerance = 0, bool tellsNonsense = true)
    {
        I2cRig own = I2cRigs.All.Select(create => create()).Single(rig => rig.Profile == $"i2c/{profile}.json");
        return new I2cRig(profile, own.Device, own.ExampleFrom,
            [.. own.Example.Select(example => example with { Tolerance = Math.Max(example.Tolerance, leastTolerance) })])
        {
            HasChecksum = own.HasChecksum,
            TellsNonsense = tellsNonsense,
            Task = Through,
        };
    }
}
