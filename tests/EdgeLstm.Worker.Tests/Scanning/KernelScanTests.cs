// Devices of kernel drivers in a tree of files.

using EdgeLstm.Worker.Scanning;

namespace EdgeLstm.Worker.Tests.Scanning;

public sealed class KernelScanTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("edgelstm-kernel-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Devices_are_listed_with_what_they_read_in_our_units()
    {
        Put("sys/bus/iio/devices/iio:device0/name", "bme280");
        Put("sys/bus/iio/devices/iio:device0/in_temp_input", "23520");
        Put("sys/bus/iio/devices/iio:device0/in_pressure_input", "101.325");
        Put("sys/class/hwmon/hwmon1/name", "pwmfan");
        Put("sys/class/hwmon/hwmon1/fan1_input", "2843");
        Put("sys/class/thermal/thermal_zone0/type", "cpu-thermal");
        Put("sys/class/thermal/thermal_zone0/temp", "48312");

        IReadOnlyList<KernelFind> finds = KernelScan.Run(_root, []);

        Assert.Equal([("iio", "iio:device0", "bme280"), ("hwmon", "hwmon1", "pwmfan"), ("system", "", "the machine itself")],
            finds.Select(find => (find.Kind, find.Device, find.Name)));
        Assert.Equal([("pressure", 1013.25, "hPa"), ("temp", 23.52, "°C")],
            finds[0].Channels.Select(channel => (channel.Name, Math.Round(channel.Value, 3), channel.Unit)));
        Assert.Equal(("fan1", 2843, "1/min"), (finds[1].Channels[0].Name, finds[1].Channels[0].Value, finds[1].Channels[0].Unit));
        Assert.Equal(("thermal.cpu-thermal", 48.312), (finds[2].Channels[0].Name, Math.Round(finds[2].Channels[0].Value, 3)));
        Assert.All(finds, find => Assert.Null(find.Problem));
    }

    [Fact]
    public void A_device_that_cannot_be_read_is_listed_with_the_reason()
    {
        Put("sys/bus/iio/devices/iio:device0/name", "broken");
        Put("sys/bus/iio/devices/iio:device0/in_temp_input", "");

        KernelFind find = Assert.Single(KernelScan.Run(_root, []));

        Assert.True(find.Problem is not null || double.IsNaN(find.Channels[0].Value));
    }

    [Fact]
    public void An_empty_tree_has_nothing() => Assert.Empty(KernelScan.Run(_root, []));

    private void Put(string path, string text)
    {
        string file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text + "\n");
    }
}
