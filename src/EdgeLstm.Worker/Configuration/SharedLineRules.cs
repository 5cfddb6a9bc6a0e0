// What must hold between streams that name the same line: a serial sensor has its port for itself, Modbus slaves share the port's
// settings, and no two streams ask one I²C sensor.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Configuration;

/// <summary>The rules between the lines of all streams.</summary>
internal static class SharedLineRules
{
    /// <summary>Adds a problem for each stream that cannot share its line with an earlier one.</summary>
    /// <param name="settings">The configuration, for the places in it.</param>
    /// <param name="streams">The streams that could be loaded.</param>
    /// <param name="problems">Receives what was wrong.</param>
    public static void Check(Settings settings, IReadOnlyList<StreamPlan> streams, ProblemList problems)
    {
        Dictionary<string, StreamPlan> ports = new(StringComparer.Ordinal);
        Dictionary<(string Bus, long Address), StreamPlan> sensors = [];
        foreach (StreamPlan stream in streams)
        {
            string path = $"streams[{IndexOf(settings.Streams, stream.Settings)}].source";
            SourceSettings source = stream.Settings.Source;
            if (source.Kind is "serial" or "modbus" && !string.IsNullOrEmpty(source.Port)
                && !ports.TryAdd(source.Port, stream))
            {
                CheckPort(stream, ports[source.Port], $"{path}.port", problems);
            }
            else if (source.Kind == "i2c" && stream.Profile.TransportOrSerial.I2c is { } i2c)
            {
                CheckSensor(stream, source.Address ?? i2c.Address, sensors, $"{path}.address", problems);
            }
        }
    }

    private static void CheckPort(StreamPlan stream, StreamPlan first, string path, ProblemList problems)
    {
        SourceSettings source = stream.Settings.Source;
        string firstName = first.Settings.Name;
        if (source.Kind == "serial" || first.Settings.Source.Kind == "serial")
        {
            string kinds = $"({first.Settings.Source.Kind}, here {source.Kind})";
            problems.Add(path,
                $"'{source.Port}' is read by stream '{firstName}' too {kinds}: only Modbus slaves can share a port");
        }
        else if (stream.SerialSettings != first.SerialSettings)
        {
            problems.Add(path, $"'{source.Port}' runs at {first.SerialSettings} for stream '{firstName}' and at "
                + $"{stream.SerialSettings} for '{stream.Settings.Name}': set all slaves of a line to the same, and the "
                + "profiles or source.baud with them");
        }
    }

    // Two readers that each run the sensor's setup and its measurements would disturb one another.
    private static void CheckSensor(StreamPlan stream, HexNumber address,
        Dictionary<(string Bus, long Address), StreamPlan> sensors, string path, ProblemList problems)
    {
        string bus = stream.Settings.Source.Port ?? "";
        if (address.Value is >= 0 and (< I2cRules.LowestAddress or > I2cRules.HighestAddress))
        {
            problems.Add(path, $"must be from \"0x03\" to \"0x77\" on I2C; got {address}");
        }
        else if (!sensors.TryAdd((bus, address.Value), stream))
        {
            string reader = sensors[(bus, address.Value)].Settings.Name;
            problems.Add(path, $"{address} on {bus} is read by stream '{reader}' already; two readers of one sensor "
                + "would disturb each other's measurements: read it in one stream, or give the sensors different addresses");
        }
    }

    private static int IndexOf(IReadOnlyList<StreamSettings> all, StreamSettings one)
    {
        int index = 0;
        while (!ReferenceEquals(all[index], one))
        {
            index++;
        }

        return index;
    }
}
