// The machine itself: figures of /proc and of the thermal zones, from a tree of files and from the machine that runs the test.

using System.Globalization;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Kernel;
using EdgeLstm.Worker.Tests.FirmwareConfigs;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

public sealed class SystemSourceTests : IDisposable
{
    private readonly FakeSysfs _tree = new();

    public SystemSourceTests()
    {
        _tree.Write("proc/loadavg", "0.75 0.52 0.31 1/193 4242");
        _tree.Write("proc/uptime", "350735.47 234388.90");
        _tree.Write("proc/meminfo", "MemTotal:        8000000 kB\nMemFree:          500000 kB\nMemAvailable:    2000000 kB\n"
            + "SwapTotal:        100000 kB\nSwapFree:          75000 kB");
        _tree.Write("proc/stat", "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 100 0 100 700 100 0 0 0 0 0");
        _tree.Write("sys/class/thermal/thermal_zone0/type", "gpu-thermal");
        _tree.Write("sys/class/thermal/thermal_zone0/temp", "1000");
        _tree.Write("sys/class/thermal/thermal_zone1/type", "cpu-thermal");
        _tree.Write("sys/class/thermal/thermal_zone1/temp", "48312");
        _tree.Write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1800000");
    }

    public void Dispose() => _tree.Dispose();

    private SystemSource Open(params string[] fields) => new(new KernelSensor(_tree.Root, "", null, fields, 1000));

    [Fact]
    public void Every_figure_is_read_in_its_unit()
    {
        using SystemSource source = Open("load1", "load5", "load15", "memoryAvailable", "memoryTotal", "memoryUsedPercent",
            "swapUsedPercent", "uptimeSeconds", "cpuFrequencyMHz", "thermal.cpu-thermal");
        double[] expected = [0.75, 0.52, 0.31, 1953.125, 7812.5, 75, 25, 350735.47, 1800, 48.312];
        Assert.Equal(expected, source.ReadValues(), (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void Processor_time_is_the_difference_between_two_readings()
    {
        using SystemSource source = Open("cpuBusyPercent");
        Assert.Equal([double.NaN], source.ReadValues());
        _tree.Overwrite("proc/stat", "cpu  140 0 110 730 110 0 0 10 0 0\ncpu0 1");   // 100 ticks, 30 idle and 10 waiting
        Assert.Equal([60.0], source.ReadValues(), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal([double.NaN], source.ReadValues());   // no tick has passed
    }

    [Fact]
    public void A_machine_without_swap_uses_none_of_it()
    {
        _tree.Write("proc/meminfo", "MemTotal: 8 kB\nMemAvailable: 2 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB");
        using SystemSource source = Open("swapUsedPercent");
        Assert.Equal([0.0], source.ReadValues());
    }

    [Theory]
    [InlineData("thermal.nvme", "no thermal zone has the type 'nvme'")]
    [InlineData("cpuFrequencyMHz", "this machine has no cpuFrequencyMHz")]
    public void A_figure_that_the_machine_lacks_is_told(string field, string words)
    {
        File.Delete(_tree.At("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq"));
        using SystemSource source = Open(field);
        source.ReadUntil(SourceRead.Lost);
        Assert.Contains(words, source.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_all_figures_allocates_nothing()
    {
        using SystemSource source = new(new KernelSensor(_tree.Root, "", null,
            [.. SystemFigures.Names, "thermal.cpu-thermal"], 20_000));
        byte[] buffer = new byte[256];
        int records = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                records += source.Read(buffer, 10, out _, out _) == SourceRead.Data ? 1 : 0;
            }
        });
        Assert.True(records > 100, $"{records} records");
    }

    [SkippableFact]
    public void The_real_machine_is_read_by_the_profile()
    {
        ProblemList problems = new("raspberry-pi.json");
        SensorProfile profile = SensorProfile.Load(Path.Combine(Firmware.Configs, "kernel/raspberry-pi.json"), problems)!;
        // A virtual machine has no thermal zone; what is there must be read.
        string[] fields = [.. profile.Channels.Select(channel => channel.FieldText)
            .Where(field => !field.StartsWith(SystemFigures.ThermalPrefix, StringComparison.Ordinal))];
        Skip.IfNot(File.Exists("/proc/meminfo") && File.Exists("/proc/stat") && File.Exists("/proc/loadavg"), "no /proc here");
        using SystemSource source = new(new KernelSensor("/", "", null, fields, 20));
        double[] values = source.ReadValues();
        while (double.IsNaN(values[^1]))
        {
            values = source.ReadValues();   // processor time needs a tick to pass
        }

        Assert.Equal(["load1", "memoryUsedPercent", "cpuBusyPercent"], fields);
        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(values[0], load - 2, load + 2);
        Assert.InRange(values[1], 0.1, 100);
        Assert.InRange(values[2], 0, 100);
    }

    [Theory]
    [InlineData("cpuBusyPercnt", "did you mean 'cpuBusyPercent'?")]
    [InlineData("load10", "did you mean 'load1'?")]
    [InlineData("thermal.", "the machine has no figure 'thermal.'")]
    [InlineData("x", "known are load1, load5")]
    public void A_profile_that_asks_for_an_unknown_figure_is_refused(string field, string words)
    {
        ProblemList problems = new("p.json");
        new SensorProfile("p", [new ChannelProfile("c", new FieldPath(field))], Transport: new TransportProfile("system"))
            .FindProblems(problems);
        Assert.Contains("channels[0].field: ", problems.ToString(), StringComparison.Ordinal);
        Assert.Contains(words, problems.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_of_hwmon_has_no_buffer_and_every_device_a_name()
    {
        ProblemList problems = new("p.json");
        new SensorProfile("p", [new ChannelProfile("temp1")],
            Transport: new TransportProfile("hwmon", Device: new KernelDeviceProfile(" ", Buffer: "always")))
            .FindProblems(problems);
        Assert.Contains("transport.device.name: must be", problems.ToString(), StringComparison.Ordinal);
        Assert.Contains("transport.device.buffer: and watermark are for iio only", problems.ToString(), StringComparison.Ordinal);
    }
}
