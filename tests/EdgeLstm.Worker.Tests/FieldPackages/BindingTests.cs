// Every binding against its emulated sensor: the values of our own reading, every fault survived, power lost in between.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Worker.FieldPackages;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.Supported;
using Xunit.Abstractions;

namespace EdgeLstm.Worker.Tests.FieldPackages;

public sealed class BindingTests(ITestOutputHelper output)
{
    private const int Address = 0x40;
    private const int ReadsOfRound = 4;
    private const double LongMs = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // What a binding loses: the ADXL345's counts are eight times as coarse, SHT3x and LM75 are rounded to tenths, and the SHT4x's
    // humidity ends at 0 and 100 %; 250 °/s are 32768 counts of an MPU-6050.
    private static readonly Dictionary<string, double> Losses = new()
    {
        ["adxl345"] = 0.31,
        ["sht31"] = 0.0501,
        ["lm75"] = 0.0501,
        ["mpu6050"] = 0.15,
    };

    public static TheoryData<string> Names => [.. BindingRigs.Names];

    // The others are configured for each measurement, or answer after a brown-out as after power-on.
    public static TheoryData<string> ThatForget => [.. DeviceBindings.All
        .Where(binding => binding.Keeps is not null && BindingRigs.Names.Contains(binding.Name)).Select(binding => binding.Name)];

    public static TheoryData<string> Profiles => [.. I2cRangeTests.Ends.Select(end => end.Profile)
        .Where(profile => DeviceBindings.All.Any(binding => binding.Is(profile)) && profile != "scd41")];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_binding_reads_the_example_of_the_data_sheet_and_again_after_every_fault(string binding)
    {
        using I2cRig rig = BindingRigs.Create(binding);
        RigTrial.Run(rig, Open(rig));
    }

    [Theory]
    [MemberData(nameof(ThatForget))]
    public void A_sensor_that_lost_its_power_between_two_readings_is_set_up_again_and_gives_no_wrong_value(string binding)
    {
        using I2cRig rig = BindingRigs.Create(binding);
        RigReader reader = Open(rig);
        int wrong = RigTrial.CountWrongUntilExample(rig, reader, examples: 1);
        rig.InterruptPower();
        wrong += RigTrial.CountWrongUntilExample(rig, reader, examples: 5);

        // The power may have gone in the middle of a measurement.
        Assert.InRange(wrong, 0, 1);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_ends_of_the_range_are_those_of_our_own_reading(string name)
    {
        (string _, Func<EmulatedI2cDevice> device, double[] values) = I2cRangeTests.Ends.Single(end => end.Profile == name);
        using I2cRig rig = BindingRigs.Create(name, device());
        RigReader reader = Open(rig);
        float[]? found = null;
        for (long started = Stopwatch.GetTimestamp(); found is null; found = reader.Read())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{rig}: no record; problem: {reader.Problem}");
        }

        double loss = Losses.GetValueOrDefault(name);
        Assert.Equal(values, found.Select(value => (double)value),
            (want, got) => Math.Abs(want - got) <= Math.Max(loss, 1e-6 * Math.Max(1, Math.Abs(want))));
    }

    [Fact]
    public void Negative_currents_and_voltages_above_16_volts_of_an_INA219_have_their_signs()
    {
        using I2cRig rig = BindingRigs.Create(
            "ina219", new Ina219(TimeProvider.System) { ShuntCode = -1234, BusCode = 6000 });
        RigReader reader = Open(rig);
        float[]? found = null;
        for (long started = Stopwatch.GetTimestamp(); found is null; found = reader.Read())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, reader.Problem);
        }

        Assert.Equal([24, -12.34, -0.1234, 2.96], found.Select(value => (double)value),
            (want, got) => Math.Abs(want - got) < 1e-3);
    }

    [Fact]
    public void The_gas_sensor_of_a_BME680_is_heated_only_where_its_channel_is_wanted()
    {
        DeviceBinding binding = DeviceBindings.All.Single(known => known.Is("bme680"));
        using EmulatedI2cBus bus = new EmulatedI2cBus().Attach(
            Address, new Emulation.I2c.Bme680(TimeProvider.System) { Gas = (512, 4) });
        double[] values = new double[4];
        foreach (bool wanted in new[] { true, false })
        {
            BusDevice device = new(bus, Address, checksWords: false, ByteSource.MonotonicNs) { IsStarting = true };
            binding.Open(device, [true, true, true, wanted])(values);
            Assert.Equal(24.848744, values[0], 1e-4);

            // 1 / ((1 + k2/100) · 125 ns · 2^range · ((code − 512) / … + 1)), k2 of range 4 is 0.1 (BST-BME680-DS001, 3.4.1)
            Assert.Equal(wanted ? 1 / (1.001 * 0.000000125 * 16) : double.NaN, values[3], 1e-3);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_allocated_beside_what_the_binding_allocates(string name)
    {
        using I2cRig rig = BindingRigs.Create(name);
        SensorProfile profile = BindingRigs.ProfileOf(rig);
        DeviceBinding binding = DeviceBindings.Find(profile)!;
        int rounds = binding.ReadMs > LongMs ? 1 : 4;
        int reads = binding.ReadMs > LongMs ? 1 : ReadsOfRound;
        using MeteredBus bus = new();
        bus.Emulated.Attach(Address, rig.Device);

        BusDevice device = new(bus, Address, binding.ChecksWords, ByteSource.MonotonicNs) { IsStarting = true };
        ChannelRead read = binding.Open(device, [.. binding.Channels.Select(_ => true)]);
        double[] values = new double[binding.Channels.Length];
        Wait(binding.FirstWaitMs);
        long theirs = LeastOf(() =>
        {
            _ = binding.Keeps is { } kept ? device.ReadRegister(kept.Address) : 0;
            read(values);
        });

        BindingSensor sensor = new(bus, profile, [.. binding.Channels.Select(channel => channel.Name)], Address, rateHz: 1);
        while (sensor.Measured == 0)
        {
            sensor.Run(ByteSource.MonotonicNs());
            Assert.Null(sensor.Source.Problem);
            Wait(sensor.Measured == 0 ? (sensor.DueNs - ByteSource.MonotonicNs()) / 1e6 : 0);
        }

        long ours = LeastOf(() =>
        {
            for (long until = sensor.Measured + 1; sensor.Measured < until;)
            {
                sensor.Run(ByteSource.MonotonicNs());
            }
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {(double)theirs / reads:0.#} bytes a read by the binding, {(double)(ours - theirs) / reads:0.#} by us"));

        // A reading that is started first is two calls of the binding.
        Assert.Equal(binding.StartedMs > 0 ? 2 * theirs : theirs, ours);

        long LeastOf(Action once)
        {
            long ofEmulation = long.MaxValue;
            long all = Allocation.LeastOf(rounds, () =>
            {
                long before = bus.Allocated;
                for (int i = 0; i < reads; i++)
                {
                    once();
                }

                ofEmulation = Math.Min(ofEmulation, bus.Allocated - before);
            });
            return all - ofEmulation;
        }
    }

    private static void Wait(double milliseconds)
    {
        using ManualResetEventSlim never = new();
        never.Wait(TimeSpan.FromMilliseconds(Math.Max(0, milliseconds)));
    }

    private static RigReader Open(I2cRig rig)
    {
        SensorProfile profile = BindingRigs.ProfileOf(rig);
        ByteSource source = rig.Open(profile);
        Assert.True(source.GivesPhysicalValues);
        return new RigReader(profile.OfValues(), source);
    }
}
