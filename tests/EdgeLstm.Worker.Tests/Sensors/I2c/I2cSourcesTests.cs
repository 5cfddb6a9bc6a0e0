// Streams on I²C as the service opens them: one thread for each bus, told apart by its path.

using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.I2c;

public class I2cSourcesTests
{
    [Fact]
    public void Streams_of_an_absent_bus_are_lost_with_the_reason_and_end_with_the_service()
    {
        Model model = ModelFile.Load(Path.Combine(RepositoryRoot.Path, "models", "machine-temperature-gru.safetensors"));
        I2cProfile i2c = new(new HexNumber(0x48), [VirtualLine.Read(0, 2)]);
        SensorProfile profile = new("tmp117", [new ChannelProfile("temperature")],
            new FramingProfile("binary", Fields: [new FieldProfile("int16", "temperature")]),
            new TransportProfile("i2c", I2c: i2c), RateHz: 1);
        using SensorSources sources = new();
        ByteSource[] opened = [.. new HexNumber?[] { null, new(0x49) }.Select((address, i) => sources.Open(new StreamPlan(
            new StreamSettings($"s{i}", new SourceSettings("i2c", "tmp117.json", Port: "/dev/i2c-none", Address: address), "m"),
            profile, model)))];
        sources.Start();
        foreach (ByteSource source in opened)
        {
            SourceRead found = SourceRead.Idle;
            for (int i = 0; i < 100 && found == SourceRead.Idle; i++)
            {
                found = source.Read(new byte[16], 100, out _, out _);
            }

            Assert.Equal(SourceRead.Lost, found);
            Assert.StartsWith("/dev/i2c-none does not exist: turn I2C on", source.Problem, StringComparison.Ordinal);
        }

        Assert.Equal(["tmp117 at 0x48 on /dev/i2c-none", "tmp117 at 0x49 on /dev/i2c-none"],
            opened.Select(source => source.Description));
        foreach (ByteSource source in opened)
        {
            source.Dispose();
        }
    }
}
