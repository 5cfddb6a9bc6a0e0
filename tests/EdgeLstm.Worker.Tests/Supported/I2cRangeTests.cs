// Both ends of each sensor's range arrive: a profile neither clips them nor takes them for nonsense.

using System.Diagnostics;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.FirmwareConfigs;

namespace EdgeLstm.Worker.Tests.Supported;

public class I2cRangeTests
{
    private const int G16 = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeProvider Time = TimeProvider.System;

    /// <summary>Profiles, sensors at the ends of their ranges, and the values of the channels.</summary>
    internal static readonly (string Profile, Func<EmulatedI2cDevice> Device, double[] Values)[] Ends =
    [
        ("mpu6050",
            () => new Mpu6050(Time) { Acceleration = (32767, -32768, 0), Rotation = (32767, -32768, 0), Temperature = -26000 },
            [19.612701, -19.6133, 0, -39.940588, 250.12977, -250.13740, 0]),
        ("lsm6ds3",
            () => new Lsm6ds3(Time) { Acceleration = (32767, -32768, 0), Rotation = (28000, -28000, 0), Temperature = 960 },
            [85, 245, -245, 0, 19.601405, -19.602003, 0]),
        ("adxl345", () => new Adxl345(Time) { Acceleration = (G16 - 1, -G16, 0) }, [156.868093, -156.9064, 0]),
        ("ina219", () => new Ina219(Time) { ShuntCode = -32000, BusCode = 6500 }, [26, -320, -3.2, 83.2]),
        ("ina226", () => new Ina226(Time) { ShuntCode = -32760, BusCode = 28800 }, [36, -81.9, -0.819, 29.48375]),
        ("sht31", () => new Sht31(Time) { Temperature = 63662, Humidity = 0xFFFF }, [124.998474, 100]),
        ("sht40", () => new Sht40(Time) { Temperature = 1873, Humidity = 3146 }, [-39.998474, 0.000610]),
        ("lm75", () => new Lm75(Time) { Code = 0xC900 }, [-55]),
        ("tmp117", () => new Tmp117(Time) { Code = 0x4B00 }, [150]),
        ("bh1750", () => new Bh1750(Time) { Counts = 0xFFFE }, [54611.667]),
        ("veml7700", () => new Veml7700(Time) { LightCounts = 0xFFFE, WhiteCounts = 0xFFFE }, [35231.078, 65534]),
        ("scd41", () => new Scd41(Time, haste: 250) { CarbonDioxide = 40000, Temperature = 39321, Humidity = 0 }, [40000, 60, 0]),
        ("aht20", () => new Aht20(Time) { Temperature = 52429, Humidity = 0xFFFFF }, [-39.999962, 99.999905]),
    ];

    public static TheoryData<string> Profiles => [.. Ends.Select(end => end.Profile)];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_ends_of_the_range_are_read(string name)
    {
        (string _, Func<EmulatedI2cDevice> device, double[] values) = Ends.Single(end => end.Profile == name);
        using I2cRig rig = new(name, device(), "ends of the range") { LongestWaitMs = 325 };
        ProblemList problems = new(name);
        SensorProfile profile = SensorProfile.Load(Path.Combine(Firmware.Configs, rig.Profile), problems)!;
        Assert.False(problems.Any, problems.ToString());
        RigReader reader = new(profile, rig.Open(profile));
        float[]? found = null;
        for (long started = Stopwatch.GetTimestamp(); found is null; found = reader.Read())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{rig}: no record; problem: {reader.Problem}");
        }

        Assert.Equal(values, found.Select(value => (double)value), IsEqual);
    }

    private static bool IsEqual(double want, double got) => Math.Abs(want - got) <= 1e-6 * Math.Max(1, Math.Abs(want));
}
