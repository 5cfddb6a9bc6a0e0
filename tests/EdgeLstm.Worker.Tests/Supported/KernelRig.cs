// Emulated devices behind the kernel's drivers: trees of files as the real drivers have them.

using System.Buffers.Binary;
using System.Globalization;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Kernel;

namespace EdgeLstm.Worker.Tests.Supported;

/// <summary>One file of a device: what it holds in the example, and what it holds when it talks nonsense.</summary>
internal sealed record RigFile(string Name, string Text, string? Nonsense = null);

/// <summary>A device that is polled through its files.</summary>
internal sealed class KernelFilesRig(
    string profile, string name, string exampleFrom, RigFile[] files, (string, double, double)[] example) : SensorRig
{
    private const double TestRateHz = 200;
    private const string Place = "1-0048";

    private readonly FakeSysfs _tree = new();
    private bool _isIio;
    private int _number;
    private string _folder = "";
    private KernelSource? _source;

    public override string Profile => profile;
    public override string Exercise => "files of a sysfs tree, polled";
    public override string ExampleFrom => exampleFrom;
    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example => example;
    public override IReadOnlyList<Fault> Faults { get; } = [Fault.NoAnswer, Fault.NonsenseValues, Fault.GoneAndBack];

    public override ByteSource Open(SensorProfile loaded)
    {
        _isIio = loaded.TransportOrSerial.Kind == "iio";
        Appear();
        KernelSensor sensor = new(_tree.Root, loaded.TransportOrSerial.Device!.Name, null,
            [.. loaded.Channels.Select(channel => channel.FieldText)], TestRateHz);
        _source = _isIio ? new IioSource(sensor, loaded.TransportOrSerial.Device.Buffer) : new HwmonSource(sensor);
        return _source;
    }

    public override void Break(Fault fault)
    {
        foreach (RigFile file in files)
        {
            if (fault == Fault.NoAnswer)
            {
                _tree.Empty($"{_folder}/{file.Name}");
            }
            else if (fault == Fault.NonsenseValues && file.Nonsense is not null)
            {
                _tree.Write($"{_folder}/{file.Name}", file.Nonsense);
            }
        }

        if (fault == Fault.GoneAndBack)
        {
            _tree.Remove(_folder, Link);
            _folder = "";
        }
    }

    public override void Mend()
    {
        if (_folder.Length == 0)
        {
            Appear();
        }

        foreach (RigFile file in files)
        {
            _tree.Write($"{_folder}/{file.Name}", file.Text);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _source?.Dispose();
        _tree.Dispose();
    }

    private string Link => _isIio ? $"{FakeSysfs.IioDevices}/iio:device{_number}" : $"{FakeSysfs.HwmonDevices}/hwmon{_number}";

    // Each time under another number.
    private void Appear()
    {
        _number++;
        (string, string)[] all = [.. files.Select(file => (file.Name, file.Text))];
        _folder = _isIio ? _tree.AddIio(_number, name, Place, all) : _tree.AddHwmon(_number, name, Place, all);
    }
}

/// <summary>An MPU-6050 that is captured through its buffer.</summary>
internal sealed class Mpu6050Rig : SensorRig
{
    private const int SlowMs = 150;
    private static readonly string[] Axes = ["x", "y", "z"];

    private readonly FakeSysfs _tree = new();
    private FakeCapture? _capture;
    private int _number;
    private string _folder = "";
    private IioSource? _source;

    public override string Profile => "kernel/mpu6050.json";
    public override string Exercise => "sysfs tree with a FIFO as /dev/iio:deviceN, captured";
    public override string ExampleFrom =>
        "MPU-6000/6050 register map, rev. 4.2: 16384 LSB/g, 16.4 LSB/(°/s); scales of inv_mpu_core.c";

    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example { get; } =
    [
        ("accel_x", 0, 1e-6), ("accel_y", -4.898816, 1e-5), ("accel_z", 9.797632, 1e-5),
        ("gyro_x", 10, 0.01), ("gyro_y", 0, 1e-6), ("gyro_z", -10, 0.01),
    ];

    public override IReadOnlyList<Fault> Faults { get; } =
        [Fault.NoAnswer, Fault.HalfRecord, Fault.NonsenseValues, Fault.SlowAnswer, Fault.GoneAndBack];

    public override ByteSource Open(SensorProfile loaded)
    {
        Appear();
        KernelDeviceProfile device = loaded.TransportOrSerial.Device!;
        _source = new IioSource(new KernelSensor(_tree.Root, device.Name, null,
            [.. loaded.Channels.Select(channel => channel.FieldText)], loaded.RateHz), device.Buffer, device.Watermark);
        return _source;
    }

    public override void Break(Fault fault)
    {
        switch (fault)
        {
            case Fault.HalfRecord:
                _capture!.Run(null);
                _capture.Give(Scan(good: true).AsSpan(0, 10));
                break;
            case Fault.NonsenseValues:
                _capture!.Run(() => Scan(good: false));
                break;
            case Fault.SlowAnswer:
                _capture!.Run(() => Scan(good: true), SlowMs);
                break;
            case Fault.GoneAndBack:
                _capture!.Dispose();
                _tree.Remove(_folder, $"{FakeSysfs.IioDevices}/iio:device{_number}");
                _folder = "";
                break;
            default:
                _capture!.Run(null);
                break;
        }
    }

    public override void Mend()
    {
        if (_folder.Length == 0)
        {
            Appear();
        }

        _capture!.Run(() => Scan(good: true));
    }

    protected override void Dispose(bool disposing)
    {
        _source?.Dispose();
        _capture?.Dispose();
        _tree.Dispose();
    }

    private void Appear()
    {
        _number++;
        _folder = _tree.AddIio(_number, "mpu6050", "1-0068", ("in_accel_scale", "0.000598"), ("in_anglvel_scale", "0.001064724"),
            ("in_temp_scale", "2.941176"), ("in_temp_offset", "12420"), ("in_temp_raw", "0"),
            ("trigger/current_trigger", "mpu6050-dev1"));
        FakeElement[] motion = [.. new[] { "accel", "anglvel" }.SelectMany(
            type => Axes.Select(axis => new FakeElement($"in_{type}_{axis}", "be:s16/16>>0")))];
        foreach (FakeElement element in motion)
        {
            _tree.Write($"{_folder}/{element.Name}_raw", "0");
        }

        _capture = new FakeCapture(_tree, _number, _folder,
            [motion[0], motion[1], motion[2], new FakeElement("in_temp", "be:s16/16>>0"), motion[3], motion[4], motion[5],
             new FakeElement("in_timestamp", "le:s64/64>>0")]);
        _capture.Run(() => Scan(good: true));
    }

    // What the driver gives with temperature left out: six numbers, padding to 16, the time.
    private byte[] Scan(bool good)
    {
        Assert.Equal("in_accel_x in_accel_y in_accel_z in_anglvel_x in_anglvel_y in_anglvel_z in_timestamp", _capture!.Enabled);
        short[] numbers = good ? [0, -8192, 16384, 164, 0, -164] : [.. Enumerable.Repeat(short.MinValue, 6)];
        byte[] scan = new byte[24];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt16BigEndian(scan.AsSpan(2 * i), numbers[i]);
        }

        BinaryPrimitives.WriteInt64LittleEndian(scan.AsSpan(16), ByteSource.MonotonicNs());
        return scan;
    }
}

/// <summary>A Raspberry Pi whose processor is busy a quarter of the time.</summary>
internal sealed class RaspberryPiRig : SensorRig
{
    private const double TestRateHz = 50;
    private const int TickMs = 5;

    private readonly FakeSysfs _tree = new();
    private int _zone;
    private long _ticks = 1_000_000_000;   // of one length, to be written over in place
    private Timer? _timer;
    private SystemSource? _source;

    public override string Profile => "kernel/raspberry-pi.json";
    public override string Exercise => "files of a tree of /proc and /sys, polled; the real / of the machine that tests";
    public override string ExampleFrom => "proc(5)";

    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example { get; } =
        [("load", 0.75, 1e-6), ("memory_used", 25, 1e-6), ("cpu_temperature", 48.312, 1e-5), ("cpu_busy", 25, 1e-3)];

    public override IReadOnlyList<Fault> Faults { get; } = [Fault.NoAnswer, Fault.NonsenseValues, Fault.GoneAndBack];

    public override ByteSource Open(SensorProfile loaded)
    {
        _tree.Write("proc/meminfo", "MemTotal:        4000000 kB\nMemFree:          100000 kB\nMemAvailable:    3000000 kB\n"
            + "SwapTotal:             0 kB\nSwapFree:              0 kB");
        _tree.Write("proc/stat", Stat());
        Mend();
        _timer = new Timer(_ => Work(), null, 0, TickMs);
        _source = new SystemSource(new KernelSensor(_tree.Root, "", null,
            [.. loaded.Channels.Select(channel => channel.FieldText)], TestRateHz));
        return _source;
    }

    public override void Break(Fault fault)
    {
        switch (fault)
        {
            case Fault.NoAnswer:
                _tree.Empty("proc/loadavg");
                break;
            case Fault.NonsenseValues:
                _tree.Write($"{Zone}/temp", "200000");
                break;
            default:
                _tree.Empty($"{Zone}/temp");
                Directory.Delete(_tree.At(Zone), recursive: true);
                _zone++;
                break;
        }
    }

    public override void Mend()
    {
        _tree.Write("proc/loadavg", "0.75 0.52 0.31 1/193 4242");
        _tree.Write($"{Zone}/temp", "48312");
        _tree.Write($"{Zone}/type", "cpu-thermal");
    }

    protected override void Dispose(bool disposing)
    {
        using (ManualResetEvent ended = new(false))
        {
            if (_timer?.Dispose(ended) == true)
            {
                ended.WaitOne();
            }
        }

        _source?.Dispose();
        _tree.Dispose();
    }

    private string Zone => $"sys/class/thermal/thermal_zone{_zone}";

    private void Work()
    {
        _ticks++;
        _tree.Overwrite("proc/stat", Stat());
    }

    // user 1, nice 0, system 1, idle 5, iowait 1, irq 0, softirq 0, steal 0 of eight ticks
    private string Stat() => string.Create(CultureInfo.InvariantCulture,
        $"cpu  {_ticks} 0 {_ticks} {5 * _ticks} {_ticks} 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0");
}
