// What a scan found, as lines for a person with what to put into edgelstm.json.

using System.Globalization;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Prints the finds of a scan.</summary>
internal static class ScanText
{
    private const int ShownChannels = 12;

    /// <summary>Prints all.</summary>
    public static void Write(TextWriter text, ScanResult result)
    {
        WriteTitle(text, "Serial ports", result.Serial.Count, result.IsNarrow);
        foreach (SerialFind find in result.Serial)
        {
            WriteSerial(text, find, result.ProfileOf(find), result.WrittenProfile is not null);
        }

        WriteTitle(text, "I²C buses", result.Buses.Count, result.IsNarrow);
        foreach (I2cBusFind find in result.Buses)
        {
            WriteBus(text, find);
        }

        WriteTitle(text, "Devices of kernel drivers", result.Kernel.Count, result.IsNarrow);
        foreach (KernelFind find in result.Kernel)
        {
            WriteKernel(text, find);
        }
    }

    private static void WriteTitle(TextWriter text, string title, int count, bool isNarrow)
    {
        if (count > 0 || !isNarrow)
        {
            text.WriteLine(count > 0 ? title : $"{title}: none");
        }
    }

    private static void WriteSerial(TextWriter text, SerialFind find, string profile, bool written)
    {
        text.WriteLine($"  {find.Port}");
        if (find.Problem is not null)
        {
            text.WriteLine($"    left alone: {find.Problem}");
            return;
        }

        string rate = find.Baud == 0 ? "" : $" at {find.Baud} baud";
        if (!find.Guess.IsRecognised)
        {
            string tried = find.Tried.Count > 1 ? $"; tried {string.Join(", ", find.Tried)} baud" : "";
            text.WriteLine($"    nothing recognised: {find.Guess.Evidence}{rate}{tried}");
            text.WriteLine("    a sensor that sends less than once a second needs more time: --seconds 30");
            return;
        }

        text.WriteLine($"    {find.Guess.Kind}{rate}, confidence {find.Guess.Confidence} %: {find.Guess.Evidence}");
        text.WriteLine($"    {Pace(find.RateHz)}; channels {Names(find)}");
        text.WriteLine("    " + ScanResult.SourceLine(writer => ScanResult.WriteSource(writer, find, profile)));
        text.WriteLine(written && profile != ScanResult.ProfileToWrite
            ? $"    {profile} is written: give its channels names and units"
            : $"    a profile to edit: edgelstm scan --port {find.Port} --write-profile {profile}");
    }

    private static string Names(SerialFind find)
    {
        List<string> names = [];
        for (int i = 0; i < find.Guess.Channels.Count && i < ShownChannels; i++)
        {
            names.Add(find.Guess.Channels[i].Name);
        }

        return string.Join(", ", names) + (find.Guess.Channels.Count > ShownChannels ? ", …" : "");
    }

    /// <summary>"71.4 records a second", "a record every 12.5 s".</summary>
    public static string Pace(double rateHz) => rateHz switch
    {
        0 => "too few records to tell the rate",
        >= 1000 => FormattableString.Invariant($"{rateHz:0} records a second"),
        >= 1 => FormattableString.Invariant($"{rateHz:G4} records a second"),
        _ => FormattableString.Invariant($"a record every {1 / rateHz:G4} s"),
    };

    private static void WriteBus(TextWriter text, I2cBusFind bus)
    {
        text.WriteLine($"  {bus.Bus}{(bus.Problem is null && bus.Finds.Count == 0 ? ": no address answers" : "")}");
        foreach (I2cFind find in bus.Finds)
        {
            text.WriteLine($"    0x{find.Address:X2}  {Words(find)}");
            foreach (KnownProfile profile in find.IsOwned ? [] : find.Profiles)
            {
                text.WriteLine("          "
                    + ScanResult.SourceLine(writer => ScanResult.WriteSource(writer, bus.Bus, find.Address, profile)));
            }
        }

        if (bus.Problem is not null)
        {
            text.WriteLine($"    {bus.Problem}");
        }
    }

    /// <summary>"is a BME280", "may be an SHT31 or an SHT40".</summary>
    public static string Words(I2cFind find)
    {
        if (find.IsOwned)
        {
            string driver = find.Owner is { } owner ? $" {owner.Driver} ({owner.Name})" : "";
            string device = find.Owner?.Device is { } name ? $": see {name} below" : "";
            return $"belongs to the kernel's driver{driver}{device}";
        }

        List<string> titles = [];
        foreach (KnownProfile profile in find.Profiles)
        {
            titles.Add($"{Article(profile.Title)} {profile.Title}");
        }

        return titles.Count == 0
            ? "answers; no profile is known for it"
            : $"{(find.IsIdentified ? "is" : "may be")} {string.Join(" or ", titles)}";
    }

    // By the sound of the first letter, spelt out: an SHT31, a BME280.
    private static string Article(string title) => "AEFHILMNORSX".Contains(title[0], StringComparison.Ordinal) ? "an" : "a";

    private static void WriteKernel(TextWriter text, KernelFind find)
    {
        string title = find.Device.Length == 0 ? find.Name : $"{find.Device} {find.Name}";
        text.WriteLine($"  {title}{(find.Problem is null ? "" : $": {find.Problem}")}");
        List<string> values = [];
        for (int i = 0; i < find.Channels.Count && i < ShownChannels; i++)
        {
            KernelChannel channel = find.Channels[i];
            string value = channel.Value.ToString("0.###", CultureInfo.InvariantCulture) + $" {channel.Unit}".TrimEnd();
            values.Add($"{channel.Name} {(double.IsNaN(channel.Value) ? "no value" : value)}");
        }

        text.WriteLine($"    {string.Join(", ", values)}{(find.Channels.Count > ShownChannels ? ", …" : "")}");
        if (find.Profile is not null)
        {
            text.WriteLine("    " + ScanResult.SourceLine(writer => ScanResult.WriteSource(writer, find)));
        }
    }
}
