// A sensor behind a driver of the kernel's hardware monitoring subsystem, as a source of values by name.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads a hwmon device: temp1, in1, curr1, power1, energy1, fan1, humidity1, or what a label calls them.</summary>
/// <remarks>
/// Units: m°C → °C, mV → V, mA → A, µW → W, µJ → J, m% → %, fans in 1/min. A sensor whose fault file holds 1 gives NaN.
/// Source: Linux, Documentation/hwmon/sysfs-interface.rst.
/// </remarks>
public sealed class HwmonSource : KernelSource
{
    private static readonly (string Type, double Factor)[] Types =
    [
        ("temp", 1e-3), ("in", 1e-3), ("curr", 1e-3), ("power", 1e-6), ("energy", 1e-6), ("humidity", 1e-3), ("fan", 1),
    ];

    private static readonly string[] Endings = ["_input", "_average"];   // power1_average where a driver has no power1_input

    private readonly KernelSensor _sensor;

    /// <param name="sensor">Which sensor and channels.</param>
    public HwmonSource(KernelSensor sensor)
        : base(sensor.Fields.Count) => _sensor = sensor;

    /// <inheritdoc/>
    public override string Description => OpenDescription ?? $"hwmon device {_sensor.Name}";

    private protected override KernelDevice? TryOpen(out string problem)
    {
        string folder = _sensor.At("sys/class/hwmon");
        string? device = KernelDeviceSearch.Find(folder, "hwmon", _sensor.Name, _sensor.Chosen, out problem);
        string description = $"{_sensor.Name} ({Path.GetFileName(device)}) {_sensor.Pace}";
        return device is null ? null : PolledDevice.TryOpen(description, _sensor, TryOpenField, out problem);

        KernelReading? TryOpenField(string field, out string fieldProblem) => TryOpenReading(device, field, out fieldProblem);
    }

    private static NumberReading? TryOpenReading(string device, string field, out string problem)
    {
        string[] known = KnownNames(device);
        string? name = known.FirstOrDefault(channel => channel == field)
            ?? known.FirstOrDefault(channel => KernelFile.ReadText(Path.Combine(device, $"{channel}_label")) == field);
        if (name is null)
        {
            problem = $"{device}: no channel '{field}'{NearestName.DidYouMean(field, known)}";
            return null;
        }

        string stem = Path.Combine(device, name);
        string path = File.Exists(stem + Endings[0]) ? stem + Endings[0] : stem + Endings[1];
        KernelFile? file = KernelFile.TryOpen(path, out int errno);
        problem = file is null ? KernelFileAdvice.Explain(path, errno) : "";
        string type = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        double factor = Types.FirstOrDefault(one => one.Type == type, (type, 1)).Item2;
        return file is null ? null : new NumberReading(file, factor, fault: KernelFile.TryOpen($"{stem}_fault", out _));
    }

    private static string[] KnownNames(string device)
    {
        try
        {
            return [.. Directory.GetFiles(device).Select(file => Path.GetFileName(file))
                .Where(file => Array.Exists(Endings, ending => file.EndsWith(ending, StringComparison.Ordinal)))
                .Select(file => file[..file.LastIndexOf('_')]).Distinct().Order(StringComparer.Ordinal)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];   // gone meanwhile
        }
    }
}
