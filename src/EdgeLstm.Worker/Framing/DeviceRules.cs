// What must hold in the profile of a kernel driver's sensor, and of the machine itself.

using EdgeLstm.Core.Json;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Framing;

/// <summary>The rules of the transports iio, hwmon and system. Channels of a driver are known only where its device is.</summary>
internal static class DeviceRules
{
    public static void Check(SensorProfile profile, ProblemList problems)
    {
        TransportProfile transport = profile.TransportOrSerial;
        if (transport.Device is { } device && string.IsNullOrWhiteSpace(device.Name))
        {
            problems.Add("transport.device.name", "must be what the driver calls the device; see the file `name` of its folder");
        }

        if (transport.Kind == "hwmon" && transport.Device is { } hwmon && (hwmon.Buffer != "auto" || hwmon.Watermark != 1))
        {
            problems.Add("transport.device.buffer", "and watermark are for iio only; leave them out");
        }

        for (int i = 0; transport.Kind == "system" && i < profile.Channels.Count; i++)
        {
            string field = profile.Channels[i].FieldText;
            if (!SystemFigures.IsKnown(field))
            {
                problems.Add($"channels[{i}].field", $"the machine has no figure '{field}'"
                    + NearestName.DidYouMean(field, SystemFigures.Names.Append("thermal.cpu-thermal")));
            }
        }
    }
}
