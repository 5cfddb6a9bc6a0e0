// Which kernel driver owns an address of an I²C bus, and where it gives its values.

using System.Globalization;

namespace EdgeLstm.Worker.Sensors;

/// <summary>A device of a bus that a kernel driver serves.</summary>
/// <param name="Name">What the kernel calls the device: "bme280".</param>
/// <param name="Driver">The driver: "bmp280".</param>
/// <param name="Kind">iio or hwmon, which is the source.kind that reads it; null when it gives its values elsewhere.</param>
/// <param name="Device">Its device of that kind: "iio:device0"; null with <paramref name="Kind"/>.</param>
internal sealed record I2cOwner(string Name, string Driver, string? Kind, string? Device)
{
    /// <summary>Looks in /sys/bus/i2c/devices; null where no driver is bound.</summary>
    /// <param name="bus">The bus, such as /dev/i2c-1.</param>
    /// <param name="address">7-bit address.</param>
    /// <param name="root">Folder that stands for /; for tests.</param>
    public static I2cOwner? Find(string bus, int address, string root = "/")
    {
        string digits = bus[(bus.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1)..];
        string folder = string.Create(CultureInfo.InvariantCulture, $"{digits}-{address:x4}");
        string device = Path.Combine(root, "sys/bus/i2c/devices", folder);
        try
        {
            if (!Directory.Exists(Path.Combine(device, "driver")))
            {
                return null;
            }

            string driver = Path.GetFileName(new DirectoryInfo(Path.Combine(device, "driver")).LinkTarget ?? "unknown");
            string nameFile = Path.Combine(device, "name");
            string name = File.Exists(nameFile) ? File.ReadAllText(nameFile).Trim() : driver;
            string? iio = NameOf(device, "iio:device*");
            string? hwmon = NameOf(Path.Combine(device, "hwmon"), "hwmon*");
            string? kind = iio is not null ? "iio" : hwmon is not null ? "hwmon" : null;
            return new I2cOwner(name, driver, kind, iio ?? hwmon);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;   // the driver was removed just now, or sysfs is closed to this user
        }
    }

    private static string? NameOf(string folder, string pattern) =>
        Directory.Exists(folder)
            ? Directory.GetDirectories(folder, pattern).Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault()
            : null;
}
