// The driver of a source chooses the class that reads it, and nothing else.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.FieldPackages;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.FirmwareConfigs;

namespace EdgeLstm.Worker.Tests.FieldPackages;

public sealed class DriverTests : IDisposable
{
    private readonly SensorSources _sources = new();

    public void Dispose() => _sources.Dispose();

    private ByteSource Open(string kind, string profile, string port, string? driver)
    {
        ProblemList problems = new(profile);
        SensorProfile? loaded = SensorProfile.Load(Path.Combine(Firmware.Configs, profile), problems);
        Assert.False(problems.Any, problems.ToString());
        SourceSettings source = new(kind, profile, Port: port, Driver: driver);
        return _sources.Open(new StreamPlan(new StreamSettings("s", source), loaded!, null));
    }

    [Theory]
    [InlineData(null, typeof(SerialSource))]
    [InlineData("termios", typeof(SerialSource))]
    [InlineData("system-io-ports", typeof(SystemPortSource))]
    public void A_serial_port_is_read_by_the_driver_that_is_named(string? driver, Type expected)
    {
        using ByteSource source = Open("serial", "tfmini-s.json", "/dev/ttyNone", driver);
        Assert.IsType(expected, source);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("i2c-dev", false)]
    [InlineData("device-bindings", true)]
    public void An_I2C_sensor_is_read_by_the_driver_that_is_named(string? driver, bool throughBinding)
    {
        using ByteSource source = Open("i2c", "i2c/mpu6050.json", "/dev/i2c-none", driver);
        Assert.Equal(throughBinding, source.GivesPhysicalValues);
        Assert.Equal("mpu6050 at 0x68 on /dev/i2c-none", source.Description);
    }

    [Fact]
    public void Values_of_a_binding_are_not_scaled_once_more()
    {
        ProblemList problems = new("mpu6050");
        SensorProfile profile = SensorProfile.Load(Path.Combine(Firmware.Configs, "i2c/mpu6050.json"), problems)!;
        SourceSettings source = new("i2c", "p", Driver: "device-bindings");
        StreamPlan stream = new(new StreamSettings("s", source), profile, null);
        using QueuedSource values = new("values", 8, 1, givesPhysicalValues: true);
        using QueuedSource codes = new("codes", 8, 1);
        Assert.Same(profile, stream.ProfileOf(codes));
        float[] channels = new float[2];
        byte[] record = [.. BitConverter.GetBytes(25.5), .. BitConverter.GetBytes(300.0)];
        Assert.True(new ProfileReader(stream.ProfileOf(values), ["temperature", "gyro_x"]).TryReadChannels(record, channels));
        Assert.Equal([25.5f, float.NaN], channels);   // 300 °/s are beyond the profile's range
    }
}
