// Buffered capture: how the device is set up, how scans are read wherever reads split them, when polling takes over.

using System.Buffers.Binary;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Kernel;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

public sealed class IioBufferTests : IDisposable
{
    private const int ScanBytes = 16;   // s16, 6 free, time

    private readonly FakeSysfs _tree = new();
    private readonly FakeCapture _capture;
    private readonly string _folder;

    public IioBufferTests()
    {
        _folder = _tree.AddIio(0, "chip", "1-0010", ("in_accel_x_raw", "7"), ("in_accel_y_raw", "8"), ("in_accel_scale", "0.5"),
            ("trigger/current_trigger", "chip-dev0"));
        _capture = new FakeCapture(_tree, 0, _folder, new FakeElement("in_accel_x", "le:s16/16>>0"),
            new FakeElement("in_accel_y", "le:s16/16>>0"), new FakeElement("in_timestamp", "le:s64/64>>0"));
    }

    public void Dispose()
    {
        _capture.Dispose();
        _tree.Dispose();
    }

    private IioSource Open(string buffer = "always", int watermark = 1, double rateHz = 100) =>
        new(new KernelSensor(_tree.Root, "chip", null, ["accel_x"], rateHz), buffer, watermark);

    private static byte[] Scan(short value, long timeNs)
    {
        byte[] scan = new byte[ScanBytes];
        BinaryPrimitives.WriteInt16LittleEndian(scan, value);
        BinaryPrimitives.WriteInt64LittleEndian(scan.AsSpan(8), timeNs);
        return scan;
    }

    private string SetUp(string file) => _tree.Read($"{_folder}/{file}");

    [Fact]
    public void The_buffer_is_set_up_for_the_channels_asked_for_and_disabled_at_the_end()
    {
        _tree.Write($"{_folder}/scan_elements/in_accel_y_en", "1");   // left behind by another program
        IioSource source = Open(watermark: 8, rateHz: 200);
        Assert.Equal(SourceRead.Idle, source.Read(new byte[64], 0, out _, out _));
        Assert.Equal("in_accel_x in_timestamp", _capture.Enabled);
        Assert.Equal(("1", "200", "8"), (SetUp("buffer/enable"), SetUp("buffer/length"), SetUp("buffer/watermark")));
        Assert.Equal(("monotonic", "200"), (SetUp("current_timestamp_clock"), SetUp("sampling_frequency")));
        Assert.Equal("chip (iio:device0) through its buffer at 200 Hz", source.Description);
        source.Dispose();
        Assert.False(_capture.IsEnabled);
    }

    [Fact]
    public void What_is_set_already_is_not_written_again()
    {
        using (IioSource first = Open())
        {
            first.Read(new byte[64], 0, out _, out _);
        }

        string[] files = ["buffer/length", "current_timestamp_clock", "scan_elements/in_accel_x_en", "sampling_frequency"];
        _tree.Write($"{_folder}/sampling_frequency", "100.000000");   // as a driver shows it
        DateTime longAgo = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        Array.ForEach(files, file => File.SetLastWriteTimeUtc(_tree.At($"{_folder}/{file}"), longAgo));
        using IioSource second = Open();
        second.Read(new byte[64], 0, out _, out _);
        Assert.True(_capture.IsEnabled);
        Assert.All(files, file => Assert.Equal(longAgo, File.GetLastWriteTimeUtc(_tree.At($"{_folder}/{file}"))));
    }

    [Fact]
    public void Scans_survive_being_split_at_any_byte_and_carry_their_own_time()
    {
        using IioSource source = Open(rateHz: 0.1);   // 20 s for the rest of a scan to follow
        source.Read(new byte[64], 0, out _, out _);
        for (int split = 0; split <= ScanBytes; split++)
        {
            long takenNs = ByteSource.MonotonicNs();
            byte[] scans = [.. Scan((short)(2 * split), takenNs - 1000), .. Scan(-2, takenNs)];
            _capture.Give(scans.AsSpan(0, split));
            Assert.True(split == ScanBytes || source.Read(new byte[64], 0, out _, out _) == SourceRead.Idle);
            _capture.Give(scans.AsSpan(split));
            Assert.Equal([split], source.ReadValues(out long timeNs));
            Assert.Equal(takenNs - 1000, timeNs);
            Assert.Equal([-1.0], source.ReadValues(out timeNs));
            Assert.Equal(takenNs, timeNs);
        }
    }

    [Fact]
    public void The_rest_of_a_scan_that_never_came_is_not_taken_from_the_next()
    {
        using IioSource source = Open();
        source.Read(new byte[64], 0, out _, out _);
        _capture.Give(Scan(2, 1).AsSpan(0, 5));
        Assert.Equal(SourceRead.Idle, source.Read(new byte[64], 300, out _, out _));
        _capture.Give(Scan(4, 1));
        Assert.Equal([2.0], source.ReadValues());
    }

    [Fact]
    public void A_batch_without_a_clock_of_ours_is_spread_over_the_periods_before_its_arrival()
    {
        _tree.Block($"{_folder}/current_timestamp_clock");   // cannot be set: the kernel's default is the wall clock
        using IioSource source = Open(watermark: 4);
        source.Read(new byte[64], 0, out _, out _);
        long before = ByteSource.MonotonicNs();
        _capture.Give([.. Scan(2, 1), .. Scan(4, 2), .. Scan(6, 3), .. Scan(8, 4)]);
        long[] times = new long[4];
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal([1.0 + i], source.ReadValues(out times[i]));
        }

        Assert.InRange(times[3], before, ByteSource.MonotonicNs());
        Assert.Equal([10_000_000, 10_000_000, 10_000_000], [times[1] - times[0], times[2] - times[1], times[3] - times[2]]);
    }

    [Fact]
    public void A_time_that_cannot_be_gives_way_to_the_time_of_arrival()
    {
        using IioSource source = Open();
        source.Read(new byte[64], 0, out _, out _);
        long before = ByteSource.MonotonicNs();
        foreach (long wrong in new[] { 0, long.MaxValue, before - 3_600_000_000_000 })
        {
            _capture.Give(Scan(2, wrong));
            source.ReadValues(out long timeNs);
            Assert.InRange(timeNs, before, ByteSource.MonotonicNs());
        }
    }

    [Theory]
    [InlineData("buffer/enable")]
    [InlineData("buffer/length")]
    [InlineData("buffer/watermark")]
    [InlineData("scan_elements/in_timestamp_en")]
    public void A_file_that_cannot_be_written_means_polling_or_a_problem_where_capture_is_a_must(string file)
    {
        _tree.Block($"{_folder}/{file}");
        using IioSource auto = Open("auto");
        Assert.Equal([3.5], auto.ReadValues());
        Assert.Contains($"polled at 100 Hz: {_tree.Root}", auto.Description, StringComparison.Ordinal);
        Assert.Contains($"{file}: No space left", auto.Description, StringComparison.Ordinal);
        using IioSource always = Open("always");
        always.ReadUntil(SourceRead.Lost);
        Assert.Contains($"{file}: No space left", always.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_trigger_the_device_is_polled()
    {
        _tree.Write($"{_folder}/trigger/current_trigger", "");
        using IioSource auto = Open("auto");
        Assert.Equal([3.5], auto.ReadValues());
        Assert.Contains("current_trigger is empty", auto.Description, StringComparison.Ordinal);
        using IioSource always = Open("always");
        always.ReadUntil(SourceRead.Lost);
        Assert.Contains("current_trigger is empty", always.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_buffer_is_left_alone_where_the_profile_says_never()
    {
        using IioSource source = Open("never");
        Assert.Equal([3.5], source.ReadValues());
        Assert.Equal("chip (iio:device0) polled at 100 Hz", source.Description);
        Assert.False(_capture.IsEnabled);
    }

    [Fact]
    public void The_newer_folder_is_used_where_there_is_no_older_one()
    {
        string buffer0 = _tree.At($"{_folder}/buffer0");
        Directory.Move(_tree.At($"{_folder}/scan_elements"), buffer0);
        foreach (string file in Directory.GetFiles(_tree.At($"{_folder}/buffer")))
        {
            File.Move(file, Path.Combine(buffer0, Path.GetFileName(file)));
        }

        using IioSource source = Open();
        source.Read(new byte[64], 0, out _, out _);
        _capture.Give(Scan(2, 0));
        Assert.Equal([1.0], source.ReadValues());
        Assert.Equal("1", SetUp("buffer0/enable"));
    }

    [Fact]
    public void A_trigger_that_never_gives_a_scan_means_polling()
    {
        using IioSource source = Open("auto");
        source.ReadUntil(SourceRead.Lost);   // two seconds
        Assert.Contains("the trigger is silent", source.Problem, StringComparison.Ordinal);
        Assert.False(_capture.IsEnabled);
        source.ReadUntil(SourceRead.Back);
        Assert.Equal([3.5], source.ReadValues());
        Assert.Contains("its buffer gave nothing", source.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_hangs_up_is_lost_at_once_and_found_again()
    {
        using IioSource source = Open();
        source.Read(new byte[64], 0, out _, out _);
        _capture.Give(Scan(2, 0));
        _capture.HangUp();
        Assert.Equal([1.0], source.ReadValues());   // what was captured before is not lost
        Assert.Equal(SourceRead.Lost, source.Read(new byte[64], 10_000, out _, out _));
        Assert.Contains("the device is gone", source.Problem, StringComparison.Ordinal);
        _tree.Remove(_folder, $"{FakeSysfs.IioDevices}/iio:device0");

        string folder = _tree.AddIio(2, "chip", "1-0010", ("in_accel_x_raw", "7"), ("in_accel_scale", "0.25"));
        using FakeCapture again = new(_tree, 2, folder, new FakeElement("in_accel_x", "le:s16/16>>0"));
        again.Run(() => [4, 0]);
        source.ReadUntil(SourceRead.Back);
        Assert.Equal([1.0], source.ReadValues());
    }

    [Fact]
    public void Reading_scans_allocates_nothing()
    {
        using IioSource source = Open();
        source.Read(new byte[64], 0, out _, out _);
        byte[] buffer = new byte[64];
        byte[] scans = [.. Enumerable.Range(0, 64).SelectMany(i => Scan((short)i, 0))];
        int records = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                _capture.Give(scans);
                for (int j = 0; j < 64; j++)
                {
                    records += source.Read(buffer, 1000, out _, out _) == SourceRead.Data ? 1 : 0;
                }
            }
        });
        Assert.Equal(6 * 20 * 64, records);
    }

    [Fact]
    public void A_second_program_s_capture_is_not_disturbed()
    {
        using IioSource first = Open();
        Assert.Equal(SourceRead.Idle, first.Read(new byte[64], 0, out _, out _));
        _tree.Write($"{_folder}/buffer/watermark", "5");
        File.Delete(_capture.DevicePath);   // the kernel would refuse a second reader: here there is nothing to open
        using IioSource second = Open();
        second.ReadUntil(SourceRead.Lost);
        Assert.Contains("dev/iio:device0", second.Problem, StringComparison.Ordinal);
        Assert.True(_capture.IsEnabled);
        Assert.Equal("5", SetUp("buffer/watermark"));
    }
}
