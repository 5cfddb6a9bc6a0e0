// The sources of all streams of a device, and the lines that several of them share.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Opens sources. Shared lines are served from <see cref="Start"/> until <see cref="Dispose"/>.</summary>
public sealed class SensorSources : IDisposable
{
    private readonly Dictionary<string, PollingThread> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModbusLine> _modbus = new(StringComparer.Ordinal);

    /// <summary>Opens the source that a stream's settings name; disposed by whoever asked for it.</summary>
    public ByteSource Open(StreamPlan stream)
    {
        SourceSettings source = stream.Settings.Source;
        return source.Kind switch
        {
            "serial" => new SerialSource(source.Port!, stream.SerialSettings),
            "modbus" => OpenModbus(stream),
            "replay" => new ReplaySource(source.File!, source.Speed, stream.SamplePeriodMs),
            "stdin" => new StdinSource(),
            _ => throw new NotSupportedException($"no source of kind '{source.Kind}' ({_lines.Count} lines)"),
        };
    }

    private QueuedSource OpenModbus(StreamPlan stream)
    {
        string port = stream.Settings.Source.Port!;
        if (!_modbus.TryGetValue(port, out ModbusLine? line))
        {
            _modbus[port] = line = new ModbusLine(port, stream.SerialSettings);
            _lines[port] = new PollingThread(port, line, line.Interrupt);
        }

        ModbusSlaveTask slave = new(line, stream.Profile.TransportOrSerial.Modbus!, (int?)stream.Settings.Source.Address?.Value,
            stream.ReadRateHz);
        _lines[port].Add(slave);
        return slave.Source;
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
}
