// One channel of an IIO device: which of its files hold the value, and how they become a value in our unit.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Worker.Sensors;

/// <summary>A channel such as accel_x, voltage0-voltage1 or temp_ambient.</summary>
/// <remarks>
/// value = <c>in_K_input</c>, or (<c>in_K_raw</c> + offset) · scale, times the factor to our unit. Scale and offset stand in
/// <c>in_K_scale</c>, or for all channels of a type in <c>in_accel_scale</c>, or for the whole device in <c>scale</c>.
/// Source: Linux, Documentation/ABI/testing/sysfs-bus-iio.
/// </remarks>
internal sealed class IioChannel
{
    private readonly string _folder;
    private readonly string _name;     // accel_x
    private readonly double _factor;   // from the kernel's unit to ours

    private IioChannel(string folder, string name)
    {
        _folder = folder;
        _name = name;
        int end = name.AsSpan().IndexOfAnyExceptInRange('a', 'z');
        _factor = IioUnits.FactorOf(end < 0 ? name : name[..end]);
    }

    /// <summary>The channel as its files begin: in_accel_x.</summary>
    public string Stem => $"in_{_name}";

    /// <summary>True when raw numbers of the channel can be turned into values: it has no value that only the driver
    /// computes.</summary>
    public bool HasRaw => Exists($"{Stem}_raw") || FileOf("scale") is not null;

    /// <summary>Looks for a channel by the kernel's name (accel_x, in_accel_x) or by the text of its label.</summary>
    /// <param name="folder">The device's folder.</param>
    /// <param name="field">What the profile asks for.</param>
    /// <param name="problem">What the device has instead; empty when the channel was found.</param>
    public static IioChannel? Find(string folder, string field, out string problem)
    {
        problem = "";
        string name = field.StartsWith("in_", StringComparison.Ordinal) ? field[3..] : field;
        string[] known = KnownNames(folder);
        string? found = known.FirstOrDefault(channel => channel == name)
            ?? known.FirstOrDefault(channel => KernelFile.ReadText(Path.Combine(folder, $"in_{channel}_label")) == field);
        if (found is null)
        {
            problem = $"{folder}: no channel '{field}'{NearestName.DidYouMean(name, known)}";
        }

        return found is null ? null : new IioChannel(folder, found);
    }

    /// <summary>Opens the files of the value; null with a problem when that is not possible.</summary>
    public KernelReading? TryOpen(out string problem)
    {
        bool isScaled = Exists($"{Stem}_input");
        double scale = _factor;
        double offset = 0;
        if (!isScaled && !TryReadScale(out scale, out offset, out problem))
        {
            return null;
        }

        string path = Path.Combine(_folder, isScaled ? $"{Stem}_input" : $"{Stem}_raw");
        KernelFile? file = KernelFile.TryOpen(path, out int errno);
        problem = file is null ? KernelFileAdvice.Explain(path, errno) : "";
        return file is null ? null : new NumberReading(file, scale, offset);
    }

    /// <summary>Reads how raw numbers become values: value = (raw + offset) · scale; false with a problem where a file is there
    /// but cannot be read.</summary>
    /// <param name="scale">Factor to our unit.</param>
    /// <param name="offset">Added to the raw number before.</param>
    /// <param name="problem">The file and why; empty on success.</param>
    public bool TryReadScale(out double scale, out double offset, out string problem)
    {
        offset = 0;
        bool read = TryReadNumber("scale", 1, out scale, out problem) && TryReadNumber("offset", 0, out offset, out problem);
        scale *= _factor;
        return read;
    }

    // in_accel_x_raw, in_temp_input and the like; in_accel_scale and in_x_en are none.
    private static string[] KnownNames(string folder)
    {
        try
        {
            return [.. Directory.GetFiles(folder, "in_*").Select(file => Path.GetFileName(file)[3..])
                .Where(file => file.Split('_')[^1] is "raw" or "input")
                .Select(file => file[..file.LastIndexOf('_')]).Distinct().Order(StringComparer.Ordinal)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];   // gone meanwhile
        }
    }

    private bool TryReadNumber(string suffix, double absent, out double value, out string problem)
    {
        value = absent;
        problem = "";
        if (FileOf(suffix) is not { } path)
        {
            return true;
        }

        using KernelFile? file = KernelFile.TryOpen(path, out int errno);
        bool read = file is not null && file.TryReadNumber(out value, out errno);
        problem = read ? "" : KernelFileAdvice.Explain(path, errno);
        return read;
    }

    private string? FileOf(string suffix)
    {
        // voltage0-voltage1 → voltage-voltage
        string shared = new(Array.FindAll(_name.ToCharArray(), letter => !char.IsAsciiDigit(letter)));
        int end = _name.AsSpan().IndexOfAnyExceptInRange('a', 'z');
        string type = end < 0 ? _name : _name[..end];
        string[] names = [$"{Stem}_{suffix}", $"in_{shared}_{suffix}", $"in_{type}_{suffix}", $"in_{suffix}", suffix];
        return names.FirstOrDefault(Exists) is { } name ? Path.Combine(_folder, name) : null;
    }

    private bool Exists(string name) => File.Exists(Path.Combine(_folder, name));
}
