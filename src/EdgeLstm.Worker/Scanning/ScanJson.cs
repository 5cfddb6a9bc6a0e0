// What a scan found, as JSON for a program.

using System.Text.Json;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Writes the finds of a scan as members of one object.</summary>
internal static class ScanJson
{
    /// <summary>Writes all.</summary>
    public static void Write(Utf8JsonWriter writer, ScanResult result)
    {
        writer.WriteStartArray("serial");
        foreach (SerialFind find in result.Serial)
        {
            WriteSerial(writer, find, result.ProfileOf(find));
        }

        writer.WriteEndArray();
        writer.WriteStartArray("i2c");
        foreach (I2cBusFind find in result.Buses)
        {
            WriteBus(writer, find);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("kernel");
        foreach (KernelFind find in result.Kernel)
        {
            WriteKernel(writer, find);
        }

        writer.WriteEndArray();
        if (result.WrittenProfile is not null)
        {
            writer.WriteString("writtenProfile", result.WrittenProfile);
        }
    }

    private static void WriteSerial(Utf8JsonWriter writer, SerialFind find, string profile)
    {
        writer.WriteStartObject();
        writer.WriteString("port", find.Port);
        if (find.Problem is not null)
        {
            writer.WriteString("problem", find.Problem);
        }
        else
        {
            writer.WriteString("speaks", find.Guess.Kind);
            writer.WriteBoolean("recognised", find.Guess.IsRecognised);
            writer.WriteNumber("confidencePercent", find.Guess.Confidence);
            writer.WriteString("evidence", find.Guess.Evidence);
            if (find.Baud > 0)
            {
                writer.WriteNumber("baud", find.Baud);
            }

            writer.WriteNumber("rateHz", find.RateHz);
            writer.WriteStartArray("channels");
            foreach (Framing.ChannelProfile channel in find.Guess.Channels)
            {
                writer.WriteStringValue(channel.Name);
            }

            writer.WriteEndArray();
            if (find.Guess.IsRecognised)
            {
                writer.WriteStartObject("source");
                ScanResult.WriteSource(writer, find, profile);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteBus(Utf8JsonWriter writer, I2cBusFind bus)
    {
        writer.WriteStartObject();
        writer.WriteString("bus", bus.Bus);
        if (bus.Problem is not null)
        {
            writer.WriteString("problem", bus.Problem);
        }

        writer.WriteStartArray("addresses");
        foreach (I2cFind find in bus.Finds)
        {
            WriteAddress(writer, bus.Bus, find);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteAddress(Utf8JsonWriter writer, string bus, I2cFind find)
    {
        writer.WriteStartObject();
        writer.WriteString("address", $"0x{find.Address:X2}");
        writer.WriteBoolean("kernelOwned", find.IsOwned);
        if (find.Owner is { } owner)
        {
            writer.WriteString("driver", owner.Driver);
            writer.WriteString("device", owner.Device);
        }

        writer.WriteBoolean("identified", find.IsIdentified);
        writer.WriteStartArray("candidates");
        foreach (KnownProfile profile in find.Profiles)
        {
            writer.WriteStartObject();
            writer.WriteString("sensor", profile.Profile.Name);
            if (!find.IsOwned)
            {
                writer.WriteStartObject("source");
                ScanResult.WriteSource(writer, bus, find.Address, profile);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteKernel(Utf8JsonWriter writer, KernelFind find)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", find.Kind);
        writer.WriteString("device", find.Device);
        writer.WriteString("name", find.Name);
        if (find.Problem is not null)
        {
            writer.WriteString("problem", find.Problem);
        }

        writer.WriteStartArray("channels");
        foreach (KernelChannel channel in find.Channels)
        {
            writer.WriteStartObject();
            writer.WriteString("name", channel.Name);
            if (double.IsFinite(channel.Value))
            {
                writer.WriteNumber("value", channel.Value);
            }

            writer.WriteString("unit", channel.Unit);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (find.Profile is not null)
        {
            writer.WriteStartObject("source");
            ScanResult.WriteSource(writer, find);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
