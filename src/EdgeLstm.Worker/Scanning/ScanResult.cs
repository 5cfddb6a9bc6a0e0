// Everything that a scan found, and what of it goes into a configuration.

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeLstm.Worker.Scanning;

/// <summary>The finds of a scan.</summary>
/// <param name="Serial">Serial ports.</param>
/// <param name="Buses">I²C buses.</param>
/// <param name="Kernel">Devices of kernel drivers.</param>
/// <param name="WrittenProfile">The draft that was written; null for none.</param>
internal sealed record ScanResult(
    IReadOnlyList<SerialFind> Serial, IReadOnlyList<I2cBusFind> Buses, IReadOnlyList<KernelFind> Kernel,
    string? WrittenProfile = null)
{
    /// <summary>Name of a profile that is still to be written.</summary>
    public const string ProfileToWrite = "my-sensor.json";

    private static readonly JsonWriterOptions Layout = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>True when only what was named was looked at.</summary>
    public bool IsNarrow { get; init; }

    /// <summary>True when anything could be looked at.</summary>
    public bool LookedAtAnything
    {
        get
        {
            bool any = Kernel.Count > 0;
            foreach (SerialFind find in Serial)
            {
                any |= find.Problem is null;
            }

            foreach (I2cBusFind find in Buses)
            {
                any |= find.Problem is null || find.Finds.Count > 0;
            }

            return any;
        }
    }

    /// <summary>The surest find on a serial line; null where none is recognised.</summary>
    public SerialFind? BestSerial
    {
        get
        {
            SerialFind? best = null;
            foreach (SerialFind find in Serial)
            {
                bool better = find.Guess.IsRecognised && find.Guess.Confidence > (best?.Guess.Confidence ?? 0);
                best = better ? find : best;
            }

            return best;
        }
    }

    /// <summary>The profile of a serial find: the one written for it, else the name of one to write.</summary>
    public string ProfileOf(SerialFind find) => WrittenProfile is { } written && find == BestSerial ? written : ProfileToWrite;

    /// <summary>A stream's "source" as one line of JSON.</summary>
    public static string SourceLine(Action<Utf8JsonWriter> members)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, Layout))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return "\"source\": " + Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The source of a serial find.</summary>
    public static void WriteSource(Utf8JsonWriter writer, SerialFind find, string profile)
    {
        writer.WriteString("kind", find.Guess.Modbus is null ? "serial" : "modbus");
        writer.WriteString("port", find.Port);
        writer.WriteString("profile", profile);
    }

    /// <summary>The source of a sensor on a bus; its address only where it is not the profile's.</summary>
    public static void WriteSource(Utf8JsonWriter writer, string bus, int address, KnownProfile profile)
    {
        writer.WriteString("kind", "i2c");
        writer.WriteString("port", bus);
        if (profile.Profile.TransportOrSerial.I2c!.Address.Value != address)
        {
            writer.WriteString("address", $"0x{address:X2}");
        }

        writer.WriteString("profile", profile.File);
    }

    /// <summary>The source of a kernel's device.</summary>
    public static void WriteSource(Utf8JsonWriter writer, KernelFind find)
    {
        writer.WriteString("kind", find.Kind);
        writer.WriteString("profile", find.Profile?.File ?? ProfileToWrite);
    }
}
