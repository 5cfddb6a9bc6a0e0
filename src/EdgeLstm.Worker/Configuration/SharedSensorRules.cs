// Which streams ask the same sensor: two that each run its setup and its measurements would disturb one another.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Configuration;

/// <summary>The rules between streams on shared lines.</summary>
internal static class SharedSensorRules
{
    /// <summary>Adds a problem for each I²C sensor that two streams ask, and for each address that is none on I²C.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="streams">Its streams, those without problems of their own.</param>
    /// <param name="problems">Receives what was wrong.</param>
    public static void Check(Settings settings, IReadOnlyList<StreamPlan> streams, ProblemList problems)
    {
        Dictionary<(string Port, long Address), string> readers = [];
        foreach (StreamPlan stream in streams)
        {
            SourceSettings source = stream.Settings.Source;
            if (source.Kind != "i2c" || stream.Profile.TransportOrSerial.I2c is not { } i2c)
            {
                continue;
            }

            HexNumber address = source.Address ?? i2c.Address;
            string path = $"streams[{IndexOf(settings.Streams, stream.Settings)}].source.address";
            if (address.Value is >= 0 and (< I2cRules.LowestAddress or > I2cRules.HighestAddress))
            {
                problems.Add(path, $"must be from \"0x03\" to \"0x77\" on I2C; got {address}");
            }
            else if (!readers.TryAdd((source.Port ?? "", address.Value), stream.Settings.Name))
            {
                string reader = readers[(source.Port ?? "", address.Value)];
                problems.Add(path, $"{address} on {source.Port} is read by stream '{reader}' already; two readers of one sensor "
                    + "would disturb each other's measurements: read it in one stream, or give the sensors different addresses");
            }
        }
    }

    private static int IndexOf(IReadOnlyList<StreamSettings> all, StreamSettings one)
    {
        for (int i = 0; i < all.Count; i++)
        {
            if (ReferenceEquals(all[i], one))
            {
                return i;
            }
        }

        return -1;
    }
}
