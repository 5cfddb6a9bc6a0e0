// A profile to begin with: what a guess knows, as the JSON of firmware-configs/, its units left for a person to fill in.

using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Writes drafts of profiles.</summary>
internal static class ProfileDraft
{
    private static readonly JsonWriterOptions Layout =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The profile that a guess makes.</summary>
    /// <param name="name">Its name: the file's without .json.</param>
    /// <param name="guess">A recognised guess.</param>
    /// <param name="baud">Bits per second; 0 where the port has no rate.</param>
    /// <param name="rateHz">Records per second as measured; 0 when they were too few.</param>
    public static SensorProfile Of(string name, FramingGuess guess, int baud, double rateHz) => new(
        name,
        guess.Channels,
        guess.Framing,
        new TransportProfile(guess.Modbus is null ? "serial" : "modbus", baud == 0 ? TransportProfile.Serial.Baud : baud,
            Modbus: guess.Modbus),
        $"Draft by edgelstm scan: {guess.Evidence}. Give the channels names, units and scales.",
        rateHz);

    /// <summary>Writes a new file; null when done, else why not.</summary>
    public static string? Write(string file, SensorProfile profile)
    {
        try
        {
            using FileStream output = new(file, FileMode.CreateNew);
            output.Write(ToJson(profile));
            output.Write("\n"u8);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return File.Exists(file)
                ? $"{file} is there already: name a new file"
                : $"{file} cannot be written: {failure.Message}";
        }
    }

    /// <summary>The JSON of a draft: the keys that a guess can fill, and the units.</summary>
    public static byte[] ToJson(SensorProfile profile)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, Layout))
        {
            writer.WriteStartObject();
            writer.WriteString("name", profile.Name);
            writer.WriteString("description", profile.Description);
            WriteTransport(writer, profile.TransportOrSerial);
            WriteFraming(writer, profile.FramingOrValues);
            writer.WriteNumber("rateHz", profile.RateHz);
            WriteChannels(writer, profile.Channels);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteTransport(Utf8JsonWriter writer, TransportProfile transport)
    {
        writer.WriteStartObject("transport");
        writer.WriteString("kind", transport.Kind);
        writer.WriteNumber("baud", transport.Baud);
        if (transport.Modbus is { } modbus)
        {
            writer.WriteStartObject("modbus");
            writer.WriteStartArray("blocks");
            foreach (ModbusBlock block in modbus.Blocks)
            {
                writer.WriteStartObject();
                writer.WriteNumber("slave", block.Slave ?? modbus.Slave);
                writer.WriteNumber("function", block.Function);
                writer.WriteNumber("start", block.Start);
                writer.WriteNumber("count", block.Count);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteFraming(Utf8JsonWriter writer, FramingProfile framing)
    {
        writer.WriteStartObject("framing");
        writer.WriteString("kind", framing.Kind);
        if (framing.Kind == "csv" && framing.Separator != ",")
        {
            writer.WriteString("separator", framing.Separator);
        }

        if (framing.Sentence is not null)
        {
            writer.WriteString("sentence", framing.Sentence);
        }

        WriteTexts(writer, "columns", framing.Columns);
        WriteBinary(writer, framing);
        writer.WriteEndObject();
    }

    private static void WriteBinary(Utf8JsonWriter writer, FramingProfile framing)
    {
        if (framing.Fields is not { } fields)
        {
            return;
        }

        if (framing.Start is { } start)
        {
            writer.WriteStartArray("start");
            foreach (HexNumber value in start)
            {
                writer.WriteStringValue(value.ToString());
            }

            writer.WriteEndArray();
        }

        writer.WriteString("byteOrder", framing.ByteOrder);
        writer.WriteStartArray("fields");
        foreach (FieldProfile field in fields)
        {
            writer.WriteStartObject();
            if (field.Name is not null)
            {
                writer.WriteString("name", field.Name);
            }

            writer.WriteString("type", field.Type);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteChecksum(writer, framing.Checksum);
    }

    private static void WriteChecksum(Utf8JsonWriter writer, ChecksumProfile? checksum)
    {
        if (checksum is null)
        {
            return;
        }

        writer.WriteStartObject("checksum");
        writer.WriteString("kind", checksum.Kind);
        WriteHex(writer, "polynomial", checksum.Polynomial);
        WriteHex(writer, "initial", checksum.Initial);
        WriteHex(writer, "finalXor", checksum.FinalXor);
        WriteTrue(writer, "reflected", checksum.Reflected);
        WriteTrue(writer, "fromStart", checksum.FromStart);
        if (checksum.ByteOrder != "little")
        {
            writer.WriteString("byteOrder", checksum.ByteOrder);
        }

        writer.WriteEndObject();
    }

    private static void WriteChannels(Utf8JsonWriter writer, IReadOnlyList<ChannelProfile> channels)
    {
        writer.WriteStartArray("channels");
        foreach (ChannelProfile channel in channels)
        {
            writer.WriteStartObject();
            writer.WriteString("name", channel.Name);
            int index = FieldPath.IndexOf(channel.FieldText);
            if (index >= 0)
            {
                writer.WriteNumber("field", index);
            }
            else if (channel.Field is not null)
            {
                writer.WriteString("field", channel.FieldText);
            }

            writer.WriteString("unit", channel.Unit);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string key, IReadOnlyList<string>? texts)
    {
        if (texts is not null)
        {
            writer.WriteStartArray(key);
            foreach (string text in texts)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
        }
    }

    private static void WriteHex(Utf8JsonWriter writer, string key, HexNumber? number)
    {
        if (number is not null)
        {
            writer.WriteString(key, number.ToString());
        }
    }

    private static void WriteTrue(Utf8JsonWriter writer, string key, bool value)
    {
        if (value)
        {
            writer.WriteBoolean(key, true);
        }
    }
}
