// The sources of all streams of a device, and the lines that several of them share.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Opens sources. Shared lines are served from <see cref="Start"/> until <see cref="Dispose"/>.</summary>
/// <param name="topics">The topics that the broker's connection is asked for; null where there is no connection.</param>
public sealed class SensorSources(TopicRouter? topics = null) : IDisposable
{
    private readonly Dictionary<string, PollingThread> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, I2cBus> _buses = new(StringComparer.Ordinal);          // each disposed with its line
    private readonly Dictionary<string, ModbusLine> _modbusLines = new(StringComparer.Ordinal); // likewise

    /// <summary>Opens the source that a stream's settings name; disposed by whoever asked for it.</summary>
    public ByteSource Open(StreamPlan stream)
    {
        SourceSettings source = stream.Settings.Source;
        return source.Kind switch
        {
            "serial" => new SerialSource(source.Port!, stream.SerialSettings),
            "i2c" => OpenI2c(stream),
            "iio" => OpenIio(stream),
            "hwmon" => new HwmonSource(KernelSensorOf(stream)),
            "system" => new SystemSource(KernelSensorOf(stream)),
            "modbus" => OpenModbus(stream),
            "mqtt" => (topics ?? throw new InvalidOperationException("topics need the broker's connection")).Open(stream),
            "replay" => new ReplaySource(source.File!, source.Speed, stream.SamplePeriodMs),
            _ => new StdinSource(),
        };
    }

    /// <summary>Starts the threads of shared lines; after it no source can be opened on them.</summary>
    public void Start()
    {
        foreach (PollingThread line in _lines.Values)
        {
            line.Start();
        }
    }

    /// <summary>Ends the threads of shared lines.</summary>
    public void Dispose()
    {
        foreach (PollingThread line in _lines.Values)
        {
            line.Dispose();
        }
    }

    private QueuedSource OpenI2c(StreamPlan stream)
    {
        SourceSettings source = stream.Settings.Source;
        string path = source.Port!;
        if (!_buses.TryGetValue(path, out I2cBus? bus))
        {
            bus = new LinuxI2cBus(path);
            _buses.Add(path, bus);
            _lines.Add(path, new PollingThread(path, bus));
        }

        HexNumber address = source.Address ?? stream.Profile.TransportOrSerial.I2c!.Address;
        I2cSensor sensor = new(bus, stream.Profile, FieldsOf(stream), (int)address.Value, stream.ReadRateHz);
        _lines[path].Add(sensor);
        return sensor.Source;
    }

    private static IioSource OpenIio(StreamPlan stream)
    {
        KernelDeviceProfile device = stream.Profile.TransportOrSerial.Device!;
        return new IioSource(KernelSensorOf(stream), device.Buffer, device.Watermark);
    }

    private QueuedSource OpenModbus(StreamPlan stream)
    {
        SourceSettings source = stream.Settings.Source;
        string port = source.Port!;
        if (!_modbusLines.TryGetValue(port, out ModbusLine? line))
        {
            line = new ModbusLine(port, stream.SerialSettings);
            _modbusLines.Add(port, line);
            _lines.Add(port, new PollingThread(port, line, line.Interrupt));
        }

        ModbusProfile registers = stream.Profile.TransportOrSerial.Modbus!;
        ModbusSlaveTask slave = new(line, registers, (int?)source.Address?.Value, stream.ReadRateHz);
        _lines[port].Add(slave);
        return slave.Source;
    }

    private static KernelSensor KernelSensorOf(StreamPlan stream) => new(
        stream.Settings.Source.Root ?? "/",
        stream.Profile.TransportOrSerial.Device?.Name ?? "",
        stream.Settings.Source.Device,
        FieldsOf(stream),
        stream.ReadRateHz);

    // What a source of values by name is asked for, in the order of the stream's channels.
    private static string[] FieldsOf(StreamPlan stream) =>
        [.. stream.ProfileChannels.Select(name => stream.Profile.Channels.First(channel => channel.Name == name).FieldText)];
}
