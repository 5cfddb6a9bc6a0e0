// What stands behind a seam: what every build has, or a package of `-p:FieldPackages=true`, chosen by `driver`.

namespace EdgeLstm.Worker.Configuration;

/// <summary>The two drivers of one seam.</summary>
/// <param name="seam">What it is for: "serial", "i2c", "mqtt".</param>
/// <param name="usual">The driver that every build has.</param>
/// <param name="named">The driver on a package.</param>
/// <param name="package">That package.</param>
public sealed class DriverChoice(string seam, string usual, string named, string package)
{
    /// <summary>What it is for: "serial", "i2c", "mqtt".</summary>
    public string Seam { get; } = seam;

    /// <summary>The driver that every build has, and that is used where none is named.</summary>
    public string Default { get; } = usual;

    /// <summary>The driver on a package.</summary>
    public string Named { get; } = named;

    /// <summary>Whether a setting asks for the package, in whatever build.</summary>
    public bool IsNamed(string? driver) => driver == Named;

    /// <summary>Why a driver cannot be used here; null when it can.</summary>
    /// <param name="driver">The setting; null for the default.</param>
    public string? FindProblem(string? driver) => driver switch
    {
        null => null,
        _ when driver == Default => null,
        _ when driver != Named => $"must be '{Default}' or '{Named}' for {Seam}; got '{driver}'",
        _ when !Drivers.HasFieldPackages => $"'{Named}' stands on {package}, which is not in this build: publish with "
            + $"-p:FieldPackages=true (publish.ps1 -FieldPackages), or leave it out for '{Default}'",
        _ => null,
    };
}

/// <summary>The seams that have a choice, and what this build holds of them.</summary>
public static class Drivers
{
    /// <summary>A serial line.</summary>
    public static DriverChoice Serial { get; } = new("serial", "termios", "system-io-ports", "System.IO.Ports");

    /// <summary>A sensor on an I²C bus.</summary>
    public static DriverChoice I2c { get; } = new("i2c", "i2c-dev", "device-bindings", "Iot.Device.Bindings");

    /// <summary>The link to the broker.</summary>
    public static DriverChoice Mqtt { get; } = new("mqtt", "libmosquitto", "mqttnet", "MQTTnet");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DriverChoice> All { get; } = [Serial, I2c, Mqtt];

    /// <summary>Whether this is a build with the packages.</summary>
    public static bool HasFieldPackages =>
#if FIELD_PACKAGES
        true;
#else
        false;
#endif

    /// <summary>The choice that a source of this kind has; null for none.</summary>
    public static DriverChoice? OfSource(string kind) => kind switch
    {
        "serial" => Serial,
        "i2c" => I2c,
        _ => null,
    };

    /// <summary>The drivers in this build, in one line.</summary>
    public static string Describe() => string.Join("; ", All.Select(seam =>
        HasFieldPackages ? $"{seam.Seam}: {seam.Default}, {seam.Named}" : $"{seam.Seam}: {seam.Default}"));
}
