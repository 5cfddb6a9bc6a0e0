// What must hold between a profile's transport and its framing, and within the section of each transport.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Framing;

/// <summary>The rules of a <see cref="TransportProfile"/>.</summary>
internal static class TransportRules
{
    public static void Check(SensorProfile profile, ProblemList problems)
    {
        TransportProfile transport = profile.TransportOrSerial;
        CheckSection(transport.I2c is not null, "i2c", transport.Kind == "i2c", problems);
        I2cRules.Check(profile, problems);
        CheckSection(transport.Modbus is not null, "modbus", transport.Kind == "modbus", problems);
        CheckSection(transport.Device is not null, "device", transport.Kind is "iio" or "hwmon", problems);
        CheckFramingKind(profile, problems);
        DeviceRules.Check(profile, problems);
        ModbusRules.Check(profile, problems);
    }

    private static void CheckSection(bool given, string key, bool needed, ProblemList problems)
    {
        if (given != needed)
        {
            problems.Add($"transport.{key}",
                needed ? "is required for this kind of transport" : "is for another kind of transport");
        }
    }

    private static void CheckFramingKind(SensorProfile profile, ProblemList problems)
    {
        TransportProfile transport = profile.TransportOrSerial;
        string[] expected = transport.Kind switch
        {
            "i2c" => transport.I2c is { Compensation: null, NeedsBinding: false } ? ["binary"] : ["values"],
            "modbus" => ["binary"],
            "mqtt" => ["json", "number", "csv", "binary"],
            "iio" or "hwmon" or "system" => ["values"],
            _ => ["csv", "json-lines", "plotter", "nmea", "cobs", "cobs-crc16", "slip", "hdlc", "fixed", "delimited",
                "length-prefixed"],
        };
        string kind = profile.FramingOrValues.Kind;
        if (!expected.Contains(kind))
        {
            string found = profile.Framing is null ? "none is given" : $"got '{kind}'";
            problems.Add("framing.kind", $"must be one of {string.Join(", ", expected)} on {transport.Kind}; {found}");
        }
    }
}
