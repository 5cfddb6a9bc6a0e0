// Finds a device of the kernel by what its driver calls it: numbers such as iio:device0 and hwmon2 move from start to start.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Looks through a folder of devices, /sys/bus/iio/devices or /sys/class/hwmon.</summary>
internal static class KernelDeviceSearch
{
    /// <summary>The folder of one device; null with a problem when there is none, or several to choose from.</summary>
    /// <param name="folder">Folder of the devices.</param>
    /// <param name="prefix">How a device's folder begins: "iio:device", "hwmon".</param>
    /// <param name="name">What its file <c>name</c> or <c>label</c> holds.</param>
    /// <param name="chosen">Which of several: its folder's name ("hwmon2"), or where it sits on its bus ("1-0048",
    /// "28-00000a1b2c3d"), which does not move; null for the only one.</param>
    /// <param name="problem">What was found instead and what to do; empty when one was found.</param>
    public static string? Find(string folder, string prefix, string name, string? chosen, out string problem)
    {
        string[] present = Present(folder, prefix);
        string[] called = [.. present.Where(device => IsCalled(device, name))];
        string[] found = chosen is null
            ? called
            : [.. called.Where(device => Path.GetFileName(device) == chosen || PlaceOnBus(device) == chosen)];
        problem = found.Length == 1 ? "" : Explain(folder, name, chosen, present, called);
        return found.Length == 1 ? found[0] : null;
    }

    private static string[] Present(string folder, string prefix)
    {
        try
        {
            return [.. Directory.GetDirectories(folder, prefix + "*").Order(StringComparer.Ordinal)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsCalled(string device, string name) =>
        KernelFile.ReadText(Path.Combine(device, "name")) == name || KernelFile.ReadText(Path.Combine(device, "label")) == name;

    // hwmon2/device links to …/1-0048; the folder of an IIO device is itself a link to …/1-0076/iio:device0.
    private static string? PlaceOnBus(string device)
    {
        if (new FileInfo(Path.Combine(device, "device")).LinkTarget is { } parent)
        {
            return Path.GetFileName(parent);
        }

        return new FileInfo(device).LinkTarget is { } self ? Path.GetFileName(Path.GetDirectoryName(self)) : null;
    }

    private static string Explain(string folder, string name, string? chosen, string[] present, string[] called)
    {
        if (called.Length > 0)
        {
            string which = chosen is null
                ? $"{called.Length} devices are"
                : $"source.device '{chosen}' is none of those that are";
            string list = string.Join(", ", called.Select(Words));
            return $"{folder}: {which} called '{name}': {list}; set source.device to one of them, best by the name in brackets, "
                + "which does not change";
        }

        string[] names = [.. present.Select(device => KernelFile.ReadText(Path.Combine(device, "name")) ?? "?").Distinct()];
        string known = names.Length == 0 ? "; there are no devices" : NearestName.DidYouMean(name, names);
        return $"{folder}: no device is called '{name}'{known}. "
            + "Is its driver bound (a line dtoverlay=… in config.txt; see dmesg)?";
    }

    private static string Words(string device) =>
        PlaceOnBus(device) is { } place ? $"{Path.GetFileName(device)} ({place})" : Path.GetFileName(device);
}
