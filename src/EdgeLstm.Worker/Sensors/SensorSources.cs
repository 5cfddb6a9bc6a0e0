// The sources of all streams of a device, and the lines that several of them share.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Opens sources, and lets go of them. Shared lines are served from <see cref="Start"/> until
/// <see cref="Dispose"/> or until their last stream is gone. Used by one thread at a time.</summary>
/// <param name="topics">The topics that the broker's connection is asked for; null where there is no connection.</param>
public sealed class SensorSources(TopicRouter? topics = null) : IDisposable
{
    private readonly Dictionary<string, PollingThread> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, I2cBus> _buses = new(StringComparer.Ordinal);          // each disposed with its line
    private readonly Dictionary<string, ModbusLine> _modbusLines = new(StringComparer.Ordinal); // likewise
    private readonly Dictionary<ByteSource, (string Path, PolledTask Task)> _polled = [];
    private bool _started;

    /// <summary>Opens the source that a stream's settings name; disposed by whoever asked for it.</summary>
    public ByteSource Open(StreamPlan stream)
    {
        return stream.Settings.Source.Kind switch
        {
            "i2c" => OpenI2c(stream),
            "modbus" => OpenModbus(stream),
            "mqtt" => (topics ?? throw new InvalidOperationException("topics need the broker's connection")).Open(stream),
            _ => OpenOwn(stream),
        };
    }

    /// <summary>Lets go of a source, so that its line or topic feeds it no more; the last one of a line closes it. Whoever
    /// opened the source disposes it.</summary>
    public void Release(ByteSource source)
    {
        if (source is QueuedSource queue)
        {
            topics?.Release(queue);
        }

        if (_polled.Remove(source, out (string Path, PolledTask Task) polled))
        {
            Release(polled.Path, polled.Task);
        }
    }

    /// <summary>A source to go on with after a fault of its stream: a device is opened anew, a recording, a pipe and a queue go
    /// on where they were.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="failed">Its source; disposed where another one is given back.</param>
    public static ByteSource Reopen(StreamPlan stream, ByteSource failed)
    {
        if (failed.CanWait || failed is QueuedSource)
        {
            return failed;
        }

        failed.Dispose();
        return OpenOwn(stream);
    }

    /// <summary>Starts the threads of shared lines; those of lines that come later start by themselves.</summary>
    public void Start()
    {
        _started = true;
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

    // A source that shares nothing with other streams.
    private static ByteSource OpenOwn(StreamPlan stream)
    {
        SourceSettings source = stream.Settings.Source;
        return source.Kind switch
        {
            "serial" => OpenSerial(stream),
            "iio" => OpenIio(stream),
            "hwmon" => new HwmonSource(KernelSensorOf(stream)),
            "system" => new SystemSource(KernelSensorOf(stream)),
            "replay" => new ReplaySource(source.File!, source.Speed, stream.SamplePeriodMs),
            _ => new StdinSource(),
        };
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
        I2cTask sensor = CreateI2cTask(bus, stream, (int)address.Value);
        Serve(path, sensor, sensor.Source);
        return sensor.Source;
    }

#if FIELD_PACKAGES
    private static ByteSource OpenSerial(StreamPlan stream)
    {
        SourceSettings source = stream.Settings.Source;
        return Drivers.Serial.IsNamed(source.Driver)
            ? new FieldPackages.SystemPortSource(source.Port!, stream.SerialSettings)
            : new SerialSource(source.Port!, stream.SerialSettings);
    }

    private static I2cTask CreateI2cTask(I2cBus bus, StreamPlan stream, int address) =>
        Drivers.I2c.IsNamed(stream.Settings.Source.Driver)
            ? new FieldPackages.BindingSensor(bus, stream.Profile, FieldsOf(stream), address, stream.ReadRateHz)
            : new I2cSensor(bus, stream.Profile, FieldsOf(stream), address, stream.ReadRateHz);
#else
    private static SerialSource OpenSerial(StreamPlan stream) => new(stream.Settings.Source.Port!, stream.SerialSettings);

    private static I2cSensor CreateI2cTask(I2cBus bus, StreamPlan stream, int address) =>
        new(bus, stream.Profile, FieldsOf(stream), address, stream.ReadRateHz);
#endif

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
        Serve(port, slave, slave.Source);
        return slave.Source;
    }

    private void Serve(string path, PolledTask task, QueuedSource source)
    {
        PollingThread line = _lines[path];
        line.Add(task);
        _polled.Add(source, (path, task));
        if (_started)
        {
            line.Start();
        }
    }

    private void Release(string path, PolledTask task)
    {
        PollingThread line = _lines[path];
        line.Remove(task);
        if (task is ModbusSlaveTask slave)
        {
            _modbusLines[path].Remove(slave);
        }

        if (!line.HasTasks)
        {
            _lines.Remove(path);
            _buses.Remove(path);
            _modbusLines.Remove(path);
            line.Dispose();
        }
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
