// The sensors that drivers of the kernel serve: IIO, hwmon and the machine's own thermometers, with what they read now.

using System.Buffers.Binary;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Scanning;

/// <summary>One channel of a kernel's device.</summary>
/// <param name="Name">As a profile's field asks for it.</param>
/// <param name="Value">The value now; NaN where it could not be read.</param>
/// <param name="Unit">Its unit; empty where it is not known.</param>
internal sealed record KernelChannel(string Name, double Value, string Unit);

/// <summary>One device of a kernel driver.</summary>
/// <param name="Kind">source.kind: iio, hwmon or system.</param>
/// <param name="Device">Its folder's name: "iio:device0"; empty for the machine itself.</param>
/// <param name="Name">What its driver calls it.</param>
/// <param name="Problem">Why it could not be read; null when it could.</param>
/// <param name="Channels">What it measures.</param>
/// <param name="Profile">A known profile for it.</param>
internal sealed record KernelFind(
    string Kind, string Device, string Name, string? Problem, IReadOnlyList<KernelChannel> Channels, KnownProfile? Profile);

/// <summary>Lists devices below a root folder. Each is read once, without its buffer, which another process may use.</summary>
internal static class KernelScan
{
    private const int ChannelLimit = 32;
    private const int ReadMs = 1000;
    private const double RateHz = 20;

    private static readonly (string Type, string Unit)[] Units =
    [
        ("temp", "°C"), ("thermal", "°C"), ("humidityrelative", "%"), ("humidity", "%"), ("pressure", "hPa"), ("accel", "m/s²"),
        ("gravity", "m/s²"), ("anglvel", "°/s"), ("angl", "°"), ("magn", "µT"), ("voltage", "V"), ("in", "V"), ("current", "A"),
        ("curr", "A"), ("power", "W"), ("energy", "J"), ("illuminance", "lx"), ("resistance", "Ω"), ("distance", "m"),
        ("proximity", "m"), ("fan", "1/min"), ("massconcentration", "µg/m³"),
    ];

    /// <summary>All devices.</summary>
    /// <param name="root">The folder that stands for /.</param>
    /// <param name="profiles">Known profiles.</param>
    public static IReadOnlyList<KernelFind> Run(string root, IReadOnlyList<KnownProfile> profiles)
    {
        List<KernelFind> finds = [];
        foreach (string device in Devices(root, "sys/bus/iio/devices", "iio:device*"))
        {
            AddDevice(finds, root, "iio", device, profiles);
        }

        foreach (string device in Devices(root, "sys/class/hwmon", "hwmon*"))
        {
            AddDevice(finds, root, "hwmon", device, profiles);
        }

        AddThermal(finds, root, profiles);
        return finds;
    }

    private static string[] Devices(string root, string folder, string pattern)
    {
        string path = Path.Combine(root, folder);
        string[] devices = Directory.Exists(path) ? Directory.GetDirectories(path, pattern) : [];
        Array.Sort(devices, StringComparer.Ordinal);
        return devices;
    }

    private static void AddDevice(
        List<KernelFind> finds, string root, string kind, string device, IReadOnlyList<KnownProfile> profiles)
    {
        string name = KernelFile.ReadText(Path.Combine(device, "name")) ?? Path.GetFileName(device);
        List<string> fields = kind == "iio"
            ? Fields(device, "in_", ["_raw", "_input"])
            : Fields(device, "", ["_input", "_average"]);
        if (fields.Count == 0)
        {
            return;
        }

        KernelSensor sensor = new(root, name, Path.GetFileName(device), fields, RateHz);
        using KernelSource source = kind == "iio" ? new IioSource(sensor, "never", 1) : new HwmonSource(sensor);
        finds.Add(Read(source, kind, Path.GetFileName(device), name, fields, profiles));
    }

    private static void AddThermal(List<KernelFind> finds, string root, IReadOnlyList<KnownProfile> profiles)
    {
        List<string> fields = [];
        foreach (string zone in Devices(root, "sys/class/thermal", "thermal_zone*"))
        {
            string? type = KernelFile.ReadText(Path.Combine(zone, "type"));
            string field = SystemFigures.ThermalPrefix + type;
            if (!string.IsNullOrEmpty(type) && !fields.Contains(field) && fields.Count < ChannelLimit)
            {
                fields.Add(field);
            }
        }

        if (fields.Count > 0)
        {
            using SystemSource source = new(new KernelSensor(root, "", null, fields, RateHz));
            finds.Add(Read(source, "system", "", "the machine itself", fields, profiles));
        }
    }

    // The channels of a folder's files: in_temp_raw and in_temp_input are both "temp".
    private static List<string> Fields(string device, string prefix, string[] endings)
    {
        string[] files = Directory.GetFiles(device, prefix + "*");
        Array.Sort(files, StringComparer.Ordinal);
        List<string> fields = [];
        foreach (string path in files)
        {
            string file = Path.GetFileName(path);
            foreach (string ending in endings)
            {
                if (file.EndsWith(ending, StringComparison.Ordinal) && fields.Count < ChannelLimit)
                {
                    string field = file[prefix.Length..^ending.Length];
                    if (!fields.Contains(field))
                    {
                        fields.Add(field);
                    }
                }
            }
        }

        return fields;
    }

    private static KernelFind Read(
        ByteSource source, string kind, string device, string name, List<string> fields, IReadOnlyList<KnownProfile> profiles)
    {
        byte[] record = new byte[fields.Count * sizeof(double)];
        bool read = source.Read(record, ReadMs, out int count, out _) == SourceRead.Data && count == record.Length;
        KernelChannel[] channels = new KernelChannel[fields.Count];
        for (int i = 0; i < channels.Length; i++)
        {
            double value = read ? BinaryPrimitives.ReadDoubleLittleEndian(record.AsSpan(i * sizeof(double))) : double.NaN;
            channels[i] = new KernelChannel(fields[i], value, UnitOf(fields[i]));
        }

        return new KernelFind(kind, device, name, read ? null : source.Problem ?? "gave no values", channels,
            FindProfile(kind, name, profiles));
    }

    private static string UnitOf(string field)
    {
        int end = field.AsSpan().IndexOfAnyExceptInRange('a', 'z');
        string type = end < 0 ? field : field[..end];
        foreach ((string known, string unit) in Units)
        {
            if (known == type)
            {
                return unit;
            }
        }

        return "";
    }

    private static KnownProfile? FindProfile(string kind, string name, IReadOnlyList<KnownProfile> profiles)
    {
        foreach (KnownProfile profile in profiles)
        {
            TransportProfile transport = profile.Profile.TransportOrSerial;
            if (transport.Kind == kind && (kind == "system" || transport.Device?.Name == name))
            {
                return profile;
            }
        }

        return null;
    }
}
