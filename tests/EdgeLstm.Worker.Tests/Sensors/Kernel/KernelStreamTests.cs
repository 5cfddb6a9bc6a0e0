// Streams whose settings name a kernel source: which source they get, and the model's channels read from it.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Kernel;
using EdgeLstm.Worker.Tests.FirmwareConfigs;
using EdgeLstm.Worker.Tests.Streams;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

public sealed class KernelStreamTests : IDisposable
{
    private readonly FakeSysfs _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("iio", "kernel/bme280.json", "humidity", 46.3, "bme280 (iio:device2) polled at 500 Hz: ")]
    [InlineData("hwmon", "kernel/ina226.json", "power", 119.8, "ina226 (hwmon1) polled at 500 Hz")]
    [InlineData("system", "kernel/raspberry-pi.json", "cpu_temperature", 48.3, "this machine, polled at 500 Hz")]
    public void A_stream_reads_the_channel_that_its_model_asks_for(
        string kind, string file, string channel, double expected, string description)
    {
        _tree.AddIio(2, "bme280", "1-0076", ("in_temp_input", "20000"), ("in_humidityrelative_input", "46300"));
        _tree.AddIio(3, "bme280", "1-0077", ("in_temp_input", "20000"), ("in_humidityrelative_input", "1000"));
        _tree.AddHwmon(1, "ina226", "1-0040", ("in1_input", "1"), ("power1_input", "119800000"));
        _tree.Write("sys/class/thermal/thermal_zone0/type", "cpu-thermal");
        _tree.Write("sys/class/thermal/thermal_zone0/temp", "48300");
        SensorProfile profile = SensorProfile.Load(Path.Combine(Firmware.Configs, file), new ProblemList(file))!;
        SourceSettings settings = new(kind, file, Root: _tree.Root, RateHz: 500, Device: kind == "iio" ? "1-0076" : null);
        Dictionary<string, string> channelOf = new() { [TestStream.Model.Manifest.Inputs[0].Name] = channel };
        StreamPlan stream = new(new StreamSettings("s", settings, "m", Channels: channelOf), profile, TestStream.Model);
        using SensorSources sources = new();
        using ByteSource source = sources.Open(stream);

        ProfileReader reader = new(profile, stream.ProfileChannels);
        FrameDecoder frames = reader.CreateFrameDecoder(source.StartsAtFrameStart);
        byte[] buffer = new byte[256];
        Assert.Equal(SourceRead.Data, source.Read(buffer, 10_000, out int count, out _));
        ReadOnlySpan<byte> received = buffer.AsSpan(0, count);
        float[] channels = new float[1];
        Assert.True(frames.TryRead(ref received, out ReadOnlySpan<byte> payload) && reader.TryReadChannels(payload, channels));
        Assert.Equal(expected, channels[0], 1e-4);
        Assert.StartsWith(description, source.Description, StringComparison.Ordinal);
    }
}
