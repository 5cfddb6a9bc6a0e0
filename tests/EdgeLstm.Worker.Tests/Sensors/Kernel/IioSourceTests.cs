// IIO devices polled through their files: names, units, several devices of one name, failures and their end.

using System.Globalization;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Kernel;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

public sealed class IioSourceTests : IDisposable
{
    private readonly FakeSysfs _tree = new();

    public void Dispose() => _tree.Dispose();

    private IioSource Open(string[] fields, string name = "chip", string? chosen = null, double rateHz = 1000) =>
        new(new KernelSensor(_tree.Root, name, chosen, fields, rateHz));

    [Theory]
    [InlineData("temp", 23456, 23.456)]
    [InlineData("humidityrelative", 45678, 45.678)]
    [InlineData("pressure", 101.325, 1013.25)]
    [InlineData("accel_x", 9.80665, 9.80665)]
    [InlineData("gravity_x", 9.80665, 9.80665)]
    [InlineData("anglvel_z", Math.PI, 180)]
    [InlineData("angl", Math.PI / 2, 90)]
    [InlineData("incli_x", 45, 45)]
    [InlineData("magn_y", 0.5, 50)]
    [InlineData("voltage0", 3300, 3.3)]
    [InlineData("voltage0-voltage1", -12, -0.012)]
    [InlineData("current0", 250, 0.25)]
    [InlineData("power0", 1500, 1.5)]
    [InlineData("energy", 7, 7)]
    [InlineData("resistance", 1100, 1100)]
    [InlineData("illuminance", 28067, 28067)]
    [InlineData("proximity", 0.25, 0.25)]
    [InlineData("distance", 1.5, 1.5)]
    [InlineData("concentration_co2", 0.04, 0.04)]
    [InlineData("massconcentration_pm2p5", 12, 12)]
    [InlineData("positionrelative_x", 50000, 50)]
    [InlineData("flavour", 5, 5)]
    public void A_scaled_value_is_turned_into_our_unit(string channel, double kernels, double ours)
    {
        _tree.AddIio(0, "chip", "1-0010", ($"in_{channel}_input", kernels.ToString(CultureInfo.InvariantCulture)));
        using IioSource source = Open([channel]);
        Assert.Equal(ours, source.ReadValues()[0], 1e-9);
    }

    [Fact]
    public void Raw_numbers_take_offset_and_scale_of_the_channel_or_of_its_type()
    {
        _tree.AddIio(0, "chip", "1-0010", ("in_temp_raw", "0"), ("in_temp_offset", "12420"), ("in_temp_scale", "2.941176"),
            ("in_accel_x_raw", "16384"), ("in_accel_y_raw", "-100"), ("in_accel_scale", "0.000598"), ("in_accel_y_scale", "0.5"),
            ("in_voltage0-voltage1_raw", "10"), ("in_voltage-voltage_scale", "3"), ("in_voltage2_raw", "10"),
            ("in_voltage_scale", "2"),
            ("in_pressure_raw", "7"), ("in_pressure_input", "100"), ("in_current0_raw", "4"), ("scale", "5"));
        using IioSource source = Open(["temp", "accel_x", "in_accel_y", "voltage0-voltage1", "voltage2", "pressure", "current0"]);
        double[] expected = [12420 * 2.941176e-3, 9.797632, -50, 0.03, 0.02, 1000, 0.02];
        Assert.Equal(expected, source.ReadValues(), (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void A_channel_is_found_by_its_label_too()
    {
        _tree.AddIio(0, "chip", "1-0010", ("in_voltage3_raw", "33"), ("in_voltage3_label", "battery"),
            ("in_voltage_scale", "100"));
        using IioSource source = Open(["battery"]);
        Assert.Equal([3.3], source.ReadValues(), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void A_mistyped_channel_is_told_with_the_nearest()
    {
        _tree.AddIio(0, "chip", "1-0010", ("in_accel_x_raw", "1"), ("in_accel_scale", "1"));
        using IioSource source = Open(["acel_x"]);
        source.ReadUntil(SourceRead.Lost);
        Assert.EndsWith("no channel 'acel_x'; did you mean 'accel_x'?", source.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_three_devices_of_one_name_one_must_be_chosen()
    {
        for (int i = 0; i < 3; i++)
        {
            _tree.AddIio(i, "bme280", $"{i}-0076", ("in_temp_input", $"{i}000"));
        }

        _tree.AddIio(3, "other", "1-0010");
        using IioSource any = Open(["temp"], "bme280");
        any.ReadUntil(SourceRead.Lost);
        Assert.Contains("3 devices are called 'bme280': iio:device0 (0-0076), iio:device1 (1-0076), iio:device2 (2-0076); "
            + "set source.device", any.Problem, StringComparison.Ordinal);

        using IioSource byNumber = Open(["temp"], "bme280", "iio:device1");
        Assert.Equal([1.0], byNumber.ReadValues());
        using IioSource byPlace = Open(["temp"], "bme280", "2-0076");
        Assert.Equal([2.0], byPlace.ReadValues());
        using IioSource wrong = Open(["temp"], "bme280", "iio:device3");
        wrong.ReadUntil(SourceRead.Lost);
        Assert.Contains("source.device 'iio:device3' is none of those", wrong.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_is_found_by_its_label_and_a_missing_one_is_told_with_those_that_are_there()
    {
        _tree.AddIio(0, "bme280", "1-0076", ("label", "outside"), ("in_temp_input", "-5000"));
        using IioSource outside = Open(["temp"], "outside");
        Assert.Equal([-5.0], outside.ReadValues());
        using IioSource missing = Open(["temp"], "bmp280");
        missing.ReadUntil(SourceRead.Lost);
        Assert.Contains("no device is called 'bmp280'; did you mean 'bme280'?", missing.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_fails_gives_NaN_and_after_three_times_the_device_is_lost_by_the_file_s_name()
    {
        string folder = _tree.AddIio(0, "chip", "1-0010", ("in_temp_input", "20000"), ("in_pressure_input", "100"));
        using IioSource source = Open(["temp", "pressure"]);
        Assert.Equal([20, 1000], source.ReadValues());
        _tree.Empty($"{folder}/in_pressure_input");
        Assert.Equal([20, double.NaN], source.ReadValues());
        Assert.Equal([20, double.NaN], source.ReadValues());
        Assert.Equal(SourceRead.Lost, source.Read(new byte[64], 10_000, out int count, out _));
        Assert.Equal(0, count);
        Assert.Contains("in_pressure_input", source.Problem, StringComparison.Ordinal);

        // Not back before it gives values again; told once.
        Assert.Equal(SourceRead.Idle, source.Read(new byte[64], 300, out _, out _));
        _tree.Write($"{folder}/in_pressure_input", "101");
        source.ReadUntil(SourceRead.Back);
        Assert.Null(source.Problem);
        Assert.Equal([20, 1010], source.ReadValues());
        Assert.Equal(1, source.Reopened);
    }

    [Fact]
    public void The_error_of_the_driver_is_told()
    {
        // Its first bytes are no memory of the process: reading them gives EIO, as a sensor that does not answer.
        string folder = _tree.AddIio(0, "chip", "1-0010");
        File.CreateSymbolicLink(_tree.At($"{folder}/in_temp_input"), "/proc/self/mem");
        using IioSource source = Open(["temp"]);
        source.ReadUntil(SourceRead.Lost);
        Assert.Contains("in_temp_input: Input/output error (errno 5); the sensor does not answer", source.Problem,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_comes_back_under_another_number_is_found_again()
    {
        string folder = _tree.AddIio(0, "chip", "1-0010", ("in_temp_input", "20000"));
        using IioSource source = Open(["temp"]);
        Assert.Equal([20.0], source.ReadValues());
        _tree.Remove(folder, $"{FakeSysfs.IioDevices}/iio:device0");
        source.ReadUntil(SourceRead.Lost);
        _tree.AddIio(4, "chip", "1-0010", ("in_temp_input", "21000"));
        source.ReadUntil(SourceRead.Back);
        Assert.Equal([21.0], source.ReadValues());
        Assert.Contains("iio:device4", source.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Readings_keep_the_pace_of_the_first_one()
    {
        _tree.AddIio(0, "chip", "1-0010", ("in_temp_input", "20000"));
        using IioSource source = Open(["temp"], rateHz: 100);
        source.ReadValues(out long firstNs);
        long lastNs = firstNs;
        for (int i = 0; i < 50; i++)
        {
            source.ReadValues(out lastNs);
        }

        // A late reading delays none after it: 50 periods, at most one more for each that this busy machine missed.
        Assert.InRange(lastNs - firstNs, 495_000_000, 5_000_000_000);
    }

    [Fact]
    public void A_waiting_read_is_ended_by_Wake_from_another_thread()
    {
        _tree.AddIio(0, "chip", "1-0010", ("in_temp_input", "20000"));
        using IioSource slow = Open(["temp"], rateHz: 0.001);
        using IioSource missing = Open(["temp"], "none");
        slow.ReadValues();
        missing.ReadUntil(SourceRead.Lost);
        foreach (IioSource source in new[] { slow, missing })
        {
            Thread waker = new(source.Wake);
            waker.Start();
            Assert.Equal(SourceRead.Idle, source.Read(new byte[64], 60_000, out _, out _));
            waker.Join();
        }
    }

    [Fact]
    public void Polling_allocates_nothing()
    {
        _tree.AddIio(0, "chip", "1-0010", ("in_temp_input", "20000"), ("in_accel_x_raw", "16384"),
            ("in_accel_scale", "0.000598"));
        using IioSource source = Open(["temp", "accel_x"], rateHz: 20_000);
        byte[] buffer = new byte[64];
        int records = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 500; i++)
            {
                records += source.Read(buffer, 10, out _, out _) == SourceRead.Data ? 1 : 0;
            }
        });
        Assert.True(records > 100, $"{records} records");
    }
}
