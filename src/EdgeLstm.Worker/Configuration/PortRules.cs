// What must hold between streams that name the same port: a serial sensor has it for itself, Modbus slaves share its settings.

namespace EdgeLstm.Worker.Configuration;

/// <summary>The rules between the ports of all streams.</summary>
internal static class PortRules
{
    /// <summary>Adds one problem for each stream that cannot share its port with an earlier one.</summary>
    /// <param name="settings">The configuration, for the places in it.</param>
    /// <param name="streams">The streams that could be loaded.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static void Check(Settings settings, IReadOnlyList<StreamPlan> streams, ProblemList problems)
    {
        Dictionary<string, StreamPlan> users = new(StringComparer.Ordinal);
        foreach (StreamPlan stream in streams)
        {
            SourceSettings source = stream.Settings.Source;
            if (source is not { Kind: "serial" or "modbus", Port: { Length: > 0 } port } || users.TryAdd(port, stream))
            {
                continue;
            }

            string path = $"streams[{IndexOf(settings, stream)}].source.port";
            StreamPlan first = users[port];
            string firstName = first.Settings.Name;
            if (source.Kind == "serial" || first.Settings.Source.Kind == "serial")
            {
                string kinds = $"({first.Settings.Source.Kind}, here {source.Kind})";
                problems.Add(path, $"'{port}' is read by stream '{firstName}' too {kinds}: only Modbus slaves can share a port");
            }
            else if (stream.SerialSettings != first.SerialSettings)
            {
                problems.Add(path, $"'{port}' runs at {first.SerialSettings} for stream '{firstName}' and at "
                    + $"{stream.SerialSettings} for '{stream.Settings.Name}': set all slaves of a line to the same, and the "
                    + "profiles or source.baud with them");
            }
        }
    }

    private static int IndexOf(Settings settings, StreamPlan stream)
    {
        int index = 0;
        while (!ReferenceEquals(settings.Streams[index], stream.Settings))
        {
            index++;
        }

        return index;
    }
}
