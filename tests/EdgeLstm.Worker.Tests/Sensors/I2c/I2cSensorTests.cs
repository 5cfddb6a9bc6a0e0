// A sensor's steps on virtual time: order, waits, ready bits, cadence, failures.

using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Supported;
using static EdgeLstm.Worker.Tests.Sensors.I2c.VirtualLine;

namespace EdgeLstm.Worker.Tests.Sensors.I2c;

public class I2cSensorTests
{
    private const int Address = 0x68, Other = 0x44;

    private static readonly ChecksumProfile Crc8 = new("crc-8", new HexNumber(0x31), new HexNumber(0xFF));

    private static I2cStep Wake => Write(PlainI2cDevice.Power, 0);

    private static I2cStep Identify => Read(0x75, 1) with { Expect = new ExpectProfile(new HexNumber(0x68)) };

    private static I2cStep ReadData(int bytes) => Read(PlainI2cDevice.Data, bytes);

    private static I2cProfile Profile(int address, I2cStep[] setup, params I2cStep[] measure) =>
        new(new HexNumber(address), measure, Setup: setup);

    private static byte[][] Records(I2cSensor sensor) =>
        [.. Drain(sensor).Where(read => read.Found == SourceRead.Data).Select(read => read.Record)];

    [Fact]
    public void Setup_comes_first_and_once_then_measurements_at_the_given_rate()
    {
        using VirtualLine line = new();
        line.Emulated.Attach(Address, new PlainI2cDevice());
        I2cSensor sensor = line.Add(Profile(Address, [Identify, Wake with { WaitMs = 30 }], ReadData(2), Read(0x14, 1)), 10);
        line.RunUntilMs(1000);
        int[] registers = [.. line.Log.Take(6).Select(entry => (int)entry.Written[0])];
        Assert.Equal([0x75, PlainI2cDevice.Power, 0x10, 0x14, 0x10, 0x14], registers);
        // 0.1 ms for each transfer and 30 ms of waiting; measurements then begin each 100 ms
        double[] starts = [.. line.Log.Where(entry => entry.Written[0] == 0x10).Select(entry => (entry.AtNs / 1e6) - 1000)];
        Assert.Equal(Enumerable.Range(0, 10).Select(i => 30.2 + (100 * i)), starts.Select(start => Math.Round(start, 3)));
        Assert.All(Records(sensor), record => Assert.Equal([0x10, 0x11, 0x14], record));
        Assert.Equal((10, 0, 0), (sensor.Measured, sensor.Failed, sensor.Source.Late));
    }

    [Fact]
    public void A_record_has_the_time_when_its_last_read_began()
    {
        using VirtualLine line = new() { TransferNs = _ => 3 * Ms };
        line.Emulated.Attach(Address, new PlainI2cDevice());
        I2cSensor sensor = line.Add(Profile(Address, [], Wake with { WaitMs = 20 }, ReadData(2)), 10);
        line.RunUntilMs(150);
        Assert.Equal([23, 123], Drain(sensor).Select(read => read.AtMs));
    }

    [Fact]
    public void A_wait_lets_the_other_sensors_of_the_bus_through()
    {
        using VirtualLine line = new();
        line.Emulated.Attach(Address, new PlainI2cDevice()).Attach(Other, new PlainI2cDevice());
        I2cSensor slow = line.Add(Profile(Address, [], Wake with { WaitMs = 400 }, ReadData(6)), 2);
        I2cSensor fast = line.Add(Profile(Other, [Wake], ReadData(2)), 100);
        line.RunUntilMs(1000);
        Assert.Equal((2, 100), (slow.Measured, fast.Measured));
        // no measurement of the fast one begins later than one transfer of the slow one after its turn
        double[] starts = [.. line.Log.Where(entry => entry.Address == Other && entry.Written[0] == 0x10)
            .Select(entry => entry.AtNs / 1e6)];
        double[] late = [.. starts.Select(start => start - starts[0] - (10 * Math.Round((start - starts[0]) / 10)))];
        Assert.All(late, ms => Assert.InRange(ms, -0.001, 0.101));
        Assert.Equal((0, 0), (slow.Source.Late, fast.Source.Late));
    }

    [Theory]
    [InlineData(Fault.StuckBus, true)]
    [InlineData(Fault.NoAnswer, false)]
    public void A_failing_sensor_delays_the_others_by_no_more_than_one_transfer(Fault fault, bool all)
    {
        using VirtualLine line = new() { TransferNs = address => address == Address ? 50 * Ms : Ms / 10 };
        line.Emulated.Attach(Address, new PlainI2cDevice()).Attach(Other, new PlainI2cDevice());
        I2cSensor failing = line.Add(Profile(Address, [Identify, Wake], ReadData(6)), 1000);
        I2cSensor sound = line.Add(Profile(Other, [Wake], ReadData(2)), 10);
        line.Emulated.Break(Address, fault);
        line.RunUntilMs(20_000);
        Assert.True(failing.Failed is > 5 and < 12, $"backs off to 5 s; failed {failing.Failed} times in 20 s");
        Assert.Equal(0, failing.Measured);
        long[] starts = [.. line.Log.Where(entry => entry.Address == Other).Select(entry => entry.AtNs)];
        if (all)
        {
            Assert.Equal(0, sound.Measured);
            Assert.True(starts.Length < 12, "a stuck bus is tried less and less often");
        }
        else
        {
            Assert.Equal((200L, 0L), (sound.Measured, sound.Source.Late));
            Assert.All(starts.Zip(starts.Skip(1)).Skip(1), pair => Assert.InRange(pair.Second - pair.First, 49 * Ms, 151 * Ms));
        }
    }

    [Fact]
    public void Turns_that_are_missed_are_counted_and_the_next_one_is_on_time()
    {
        using VirtualLine line = new();
        line.Emulated.Attach(Address, new PlainI2cDevice());
        I2cSensor sensor = line.Add(Profile(Address, [], ReadData(2)), 100);
        line.RunUntilMs(100);
        line.TransferNs = _ => 35 * Ms;
        line.RunUntilMs(101);
        line.TransferNs = _ => Ms / 10;
        line.RunUntilMs(200);
        // The transfer that began at 100 ms ended at 135: the turns of 110 and 120 are left out, that of 130 begins late.
        Assert.Equal([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 135, 140, 150, 160, 170, 180, 190],
            Drain(sensor).Select(read => read.AtMs));
        Assert.Equal((18, 2, 0), (sensor.Measured, sensor.Source.Late, sensor.Failed));
    }

    [Fact]
    public void A_ready_bit_is_waited_for_and_is_no_part_of_the_record()
    {
        using VirtualLine line = new();
        PlainI2cDevice device = new();
        line.Emulated.Attach(Address, device);
        int asked = 0;
        device.BeforeRead = register =>
        {
            if (register == 0)
            {
                device.Registers[0] = (byte)(++asked % 4 == 0 ? 0x80 : 0x7F);
            }
        };
        ExpectProfile ready = new(new HexNumber(0x80), new HexNumber(0x80), WithinMs: 20, EveryMs: 2);
        I2cSensor sensor = line.Add(Profile(Address, [Wake], Read(0, 1) with { Expect = ready }, ReadData(2)), 10);
        line.RunUntilMs(150);
        Assert.Equal([0, 2.1, 4.2, 6.3], line.Log.Skip(1).Take(4).Select(entry => Math.Round((entry.AtNs / 1e6) - 1000.1, 3)));
        Assert.All(Records(sensor), record => Assert.Equal([0x10, 0x11], record));
        Assert.Equal((2, 0), (sensor.Measured, sensor.Failed));
    }

    [Fact]
    public void A_ready_bit_that_never_comes_fails_the_measurement_and_says_what_was_read()
    {
        using VirtualLine line = new();
        line.Emulated.Attach(Address, new PlainI2cDevice());
        ExpectProfile ready = new(new HexNumber(0x80), new HexNumber(0x80), WithinMs: 5, EveryMs: 1);
        I2cSensor sensor = line.Add(Profile(Address, [Wake], Read(0, 1) with { Expect = ready }, ReadData(2)), 10);
        line.RunUntilMs(50);
        Assert.Equal([SourceRead.Lost], Drain(sensor).Select(read => read.Found));
        Assert.Equal("plain at 0x68 on /dev/i2c-1: measure[0] got 0x01, expected 0x80 under mask 0x80 within 5 ms: another "
            + "sensor, or it is not ready", sensor.Source.Problem);
        // tried at 0, 1.1, 2.2, 3.3, 4.4 and 5.5 ms
        Assert.Equal((1, 6), (sensor.Failed, line.Log.Count(entry => entry.Written[0] == 0)));
    }

    [Fact]
    public void Another_sensor_at_the_address_is_told_at_once()
    {
        using VirtualLine line = new();
        PlainI2cDevice device = new();
        device.Registers[0x75] = 0x71;
        line.Emulated.Attach(Address, device);
        I2cSensor sensor = line.Add(Profile(Address, [Identify, Wake], ReadData(2)), 10);
        line.RunUntilMs(10);
        Assert.Equal("plain at 0x68 on /dev/i2c-1: setup[0] got 0x71, expected 0x68 under mask 0xFF: another sensor, or it is "
            + "not ready", sensor.Source.Problem);
        Assert.DoesNotContain(line.Log, entry => entry.Written[0] != 0x75);
    }

    [Fact]
    public void Checksums_are_left_out_and_a_wrong_one_costs_only_its_record()
    {
        using VirtualLine line = new();
        PlainI2cDevice device = new();
        // The data sheets of Sensirion give CRC 0x92 for 0xBEEF.
        byte[] said = [0xBE, 0xEF, 0x92, 0xBE, 0xEF, 0x92];
        said.CopyTo(device.Registers, 0x30);
        line.Emulated.Attach(Address, device);
        I2cProfile profile = Profile(Address, [Wake], Read(0x30, 6) with { CheckEvery = 2 }) with { Checksum = Crc8 };
        I2cSensor sensor = line.Add(profile, 10);
        line.RunUntilMs(95);
        line.Emulated.Break(Address, Fault.WrongChecksum);
        line.RunUntilMs(895);
        Assert.Equal((1, 8, 8), (sensor.Measured, sensor.BadChecksums, sensor.Source.Rejected));
        Assert.Null(sensor.Source.Problem);
        line.Emulated.Mend(Address);
        line.RunUntilMs(995);
        Assert.Equal([(SourceRead.Data, 0.1), (SourceRead.Data, 900.1)], Drain(sensor).Select(read => (read.Found, read.AtMs)));
        line.Emulated.Break(Address, Fault.WrongChecksum);
        line.RunUntilMs(2100);
        Assert.Equal([SourceRead.Lost], Drain(sensor).Select(read => read.Found));
        Assert.Contains("10 wrong checksums in a row", sensor.Source.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Three_failures_in_a_row_lose_the_sensor_and_the_next_record_brings_it_back()
    {
        using VirtualLine line = new();
        line.Emulated.Attach(Address, new PlainI2cDevice());
        I2cSensor sensor = line.Add(Profile(Address, [Identify, Wake], ReadData(2)), 100);
        line.RunUntilMs(105);
        line.Emulated.Break(Address, Fault.GoneAndBack);
        line.RunUntilMs(125);
        Assert.Null(sensor.Source.Problem);
        line.RunUntilMs(135);
        Assert.Equal("nobody answers at 0x68 on /dev/i2c-1: check the wiring, the supply and the address (edgelstm scan lists "
            + "who answers)", sensor.Source.Problem);
        Assert.Equal(SourceRead.Lost, Drain(sensor)[^1].Found);
        line.RunUntilMs(300);
        Assert.Equal(3, sensor.Failed);
        line.Emulated.Mend(Address);
        line.Log.Clear();
        line.RunUntilMs(400);
        Assert.Equal([0x75, PlainI2cDevice.Power, 0x10], line.Log.Take(3).Select(entry => (int)entry.Written[0]));
        SourceRead[] found = [.. Drain(sensor).Select(read => read.Found)];
        Assert.Equal([SourceRead.Back, SourceRead.Data], found.Distinct());
        Assert.Equal(1, sensor.Source.Reopened);
        Assert.Null(sensor.Source.Problem);
    }

    [Fact]
    public void A_sensor_that_lost_its_power_for_a_moment_is_set_up_again_before_it_is_believed()
    {
        using VirtualLine line = new();
        line.Emulated.Attach(Address, new PlainI2cDevice());
        I2cSensor sensor = line.Add(Profile(Address, [Wake], ReadData(2)), 100);
        line.RunUntilMs(105);
        line.Emulated.Break(Address, Fault.GoneAndBack);
        line.RunUntilMs(115);
        line.Emulated.Mend(Address);
        line.RunUntilMs(205);
        Assert.Equal(1, sensor.Failed);
        Assert.All(Records(sensor), record => Assert.Equal([0x10, 0x11], record));
        Assert.Equal((20, 0), (sensor.Measured, sensor.Source.Late));
    }

    [Fact]
    public void A_slow_sensor_is_asked_again_before_its_next_turn()
    {
        using VirtualLine line = new();
        line.Emulated.Attach(Address, new PlainI2cDevice());
        I2cSensor sensor = line.Add(Profile(Address, [Wake], ReadData(2)), 0.1);
        line.RunUntilMs(9_000);
        line.Emulated.Break(Address, Fault.NoAnswer);
        line.RunUntilMs(10_100);
        line.Emulated.Mend(Address);
        line.RunUntilMs(21_000);
        Assert.Equal([0.1, 10_250.3, 20_000.1], Drain(sensor).Select(read => Math.Round(read.AtMs, 3)));
    }

    [Fact]
    public void An_absent_sensor_is_looked_for_less_and_less_often()
    {
        using VirtualLine line = new();
        I2cSensor sensor = line.Add(Profile(Address, [Identify], ReadData(2)), 100);
        line.RunUntilMs(20_000);
        double[] gaps = [.. line.Log.Zip(line.Log.Skip(1), (a, b) => Math.Round((b.AtNs - a.AtNs) / 1e6))];
        Assert.Equal([250, 500, 1000, 2000, 4000, 5000, 5000], gaps);
        Assert.Single(Drain(sensor));
    }

    [Fact]
    public void An_address_of_a_kernel_driver_is_told_with_the_device_that_gives_its_values()
    {
        string root = Directory.CreateTempSubdirectory("edgelstm-i2c-").FullName;
        string device = Path.Combine(root, "sys/bus/i2c/devices/1-0076");
        Directory.CreateDirectory(Path.Combine(device, "iio:device0"));
        Directory.CreateDirectory(Path.Combine(root, "sys/bus/i2c/drivers/bmp280"));
        Directory.CreateSymbolicLink(Path.Combine(device, "driver"), "../../drivers/bmp280");
        File.WriteAllText(Path.Combine(device, "name"), "bme280\n");
        using VirtualLine line = new();
        line.Emulated.Attach(0x76, new PlainI2cDevice()).OwnByKernel(0x76);
        I2cSensor sensor = line.Add(Profile(0x76, [Identify], ReadData(2)), 1, root: root);
        line.RunUntilMs(1);
        Directory.Delete(root, recursive: true);
        Assert.Equal("0x76 on /dev/i2c-1 belongs to the kernel's driver bmp280 (iio:device0, bme280): read it with source.kind "
            + "iio, or remove its dtoverlay line from config.txt", sensor.Source.Problem);
    }

    [Fact]
    public void Measuring_allocates_nothing()
    {
        using VirtualLine line = new() { Logs = false };
        PlainI2cDevice device = new();
        byte[] said = [0xBE, 0xEF, 0x92, 0xBE, 0xEF, 0x92];
        said.CopyTo(device.Registers, 0x30);
        line.Emulated.Attach(Address, device);
        ExpectProfile ready = new(new HexNumber(1), WithinMs: 5);
        I2cProfile profile = Profile(Address, [Wake], Write(0x01, 0x02) with { WaitMs = 0.1 }, Read(0, 1) with { Expect = ready },
            Read(0x30, 6) with { CheckEvery = 2 }) with
        {
            Checksum = Crc8,
        };
        I2cSensor sensor = line.Add(profile, 1000);
        byte[] buffer = new byte[64];
        Run(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(10_100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sensor.Measured >= 10_000, $"measured {sensor.Measured}");

        void Run(int measurements)
        {
            while (sensor.Measured < measurements)
            {
                line.RunUntilMs(((line.NowNs - (1000 * Ms)) / (double)Ms) + 10);
                while (sensor.Source.Read(buffer, 0, out _, out _) == SourceRead.Data)
                {
                }
            }
        }
    }
}
