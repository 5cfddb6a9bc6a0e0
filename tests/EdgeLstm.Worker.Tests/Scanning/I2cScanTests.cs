// Looking at emulated buses: who is recognised, who may be, who is the kernel's, and that nothing is written to any of them.

using EdgeLstm.Worker.Scanning;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.Supported;
using Bme280 = EdgeLstm.Worker.Tests.Emulation.I2c.Bme280;

namespace EdgeLstm.Worker.Tests.Scanning;

public sealed class I2cScanTests : IDisposable
{
    private static readonly TimeProvider Time = TimeProvider.System;
    private static readonly IReadOnlyList<KnownProfile> Profiles =
        KnownProfiles.Load(Path.Combine(RepositoryRoot.Path, "firmware-configs"));

    private readonly string _root = Directory.CreateTempSubdirectory("edgelstm-i2c-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Sensors_that_can_prove_themselves_are_named()
    {
        using EmulatedI2cBus bus = new EmulatedI2cBus()
            .Attach(0x76, new Bme280(Time, hasHumidity: true)).Attach(0x77, new Bme280(Time, hasHumidity: false))
            .Attach(0x68, new Mpu6050(Time)).Attach(0x53, new Adxl345(Time));

        I2cBusFind found = I2cScan.Run(bus, Profiles, _root);

        Assert.Null(found.Problem);
        Assert.Equal([(0x53, "adxl345"), (0x68, "mpu6050"), (0x76, "bme280"), (0x77, "bmp280")],
            found.Finds.Select(find => (find.Address, find.Profiles.Single().Profile.Name)));
        Assert.All(found.Finds, find => Assert.True(find.IsIdentified));
        Assert.Equal("is a BME280", ScanText.Words(found.Finds[2]));
        Assert.Equal("is an MPU6050", ScanText.Words(found.Finds[1]));
    }

    [Fact]
    public void A_sensor_without_an_identity_may_be_any_that_is_known_there()
    {
        using EmulatedI2cBus bus = new EmulatedI2cBus().Attach(0x44, new Sht31(Time));

        I2cFind find = Assert.Single(I2cScan.Run(bus, Profiles, _root).Finds);

        Assert.False(find.IsIdentified);
        Assert.Contains("sht31", find.Profiles.Select(profile => profile.Profile.Name));
        Assert.DoesNotContain("ina226", find.Profiles.Select(profile => profile.Profile.Name));   // it would have proved itself
        Assert.StartsWith("may be ", ScanText.Words(find), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_device_answers_and_no_more()
    {
        using EmulatedI2cBus bus = new EmulatedI2cBus().Attach(0x21, new Bme280(Time, hasHumidity: true));

        I2cFind find = Assert.Single(I2cScan.Run(bus, Profiles, _root).Finds);

        Assert.Equal("answers; no profile is known for it", ScanText.Words(find));
    }

    [Fact]
    public void An_address_that_the_kernel_owns_is_marked_and_not_touched()
    {
        using RecordingBus bus = new(new EmulatedI2cBus().Attach(0x76, new Bme280(Time, hasHumidity: true)));
        MakeOwned("1-0076", "bme280", "bmp280", "iio:device0");

        I2cFind find = Assert.Single(I2cScan.Run(bus, Profiles, _root).Finds);

        Assert.True(find.IsOwned);
        Assert.Equal("belongs to the kernel's driver bmp280 (bme280): see iio:device0 below", ScanText.Words(find));
        Assert.DoesNotContain(bus.Transfers, transfer => transfer.Address == 0x76);
    }

    [Fact]
    public void An_address_that_is_busy_is_marked()
    {
        using EmulatedI2cBus bus = new EmulatedI2cBus().OwnByKernel(0x48);

        I2cFind find = Assert.Single(I2cScan.Run(bus, Profiles, _root).Finds);

        Assert.Equal((0x48, true), (find.Address, find.IsOwned));
    }

    [Fact]
    public void No_register_is_written_and_every_address_is_asked()
    {
        using RecordingBus bus = new(new EmulatedI2cBus()
            .Attach(0x76, new Bme280(Time, hasHumidity: true)).Attach(0x68, new Mpu6050(Time)).Attach(0x40, new Ina219(Time))
            .Attach(0x44, new Sht40(Time)).Attach(0x50, new Adxl345(Time)));

        I2cScan.Run(bus, Profiles, _root);

        Assert.Equal(Enumerable.Range(0x08, 0x70), bus.Transfers.Select(transfer => transfer.Address).Distinct());
        Assert.DoesNotContain(bus.Transfers, transfer => transfer.Written > 2 || (transfer.Written > 0 && transfer.Read == 0));
        Assert.DoesNotContain(bus.Transfers, transfer => transfer is { Address: >= 0x50 and <= 0x5F, Written: 0, Read: 0 });
    }

    [Fact]
    public void A_stuck_bus_is_given_up_after_three_addresses()
    {
        using EmulatedI2cBus bus = new();
        bus.Break(0, Fault.StuckBus);

        I2cBusFind found = I2cScan.Run(bus, Profiles, _root);

        Assert.Contains("holds the bus", found.Problem, StringComparison.Ordinal);
        Assert.Equal(3, bus.Transfers);
    }

    [Fact]
    public void A_bus_that_is_not_there_has_a_problem()
    {
        using LinuxI2cBus bus = new(Path.Combine(_root, "dev/i2c-9"));

        Assert.Contains("does not exist", I2cScan.Run(bus, Profiles, _root).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Buses_are_found_in_the_order_of_their_numbers()
    {
        Directory.CreateDirectory(Path.Combine(_root, "dev"));
        Array.ForEach([10, 2, 1], number => File.WriteAllText(Path.Combine(_root, $"dev/i2c-{number}"), ""));

        Assert.Equal(["i2c-1", "i2c-2", "i2c-10"], I2cScan.FindBuses(_root).Select(Path.GetFileName));
    }

    [Fact]
    public void The_address_stands_in_the_source_where_it_is_not_the_usual_one()
    {
        KnownProfile bme = Profiles.Single(profile => profile.Profile is { Name: "bme280", TransportOrSerial.Kind: "i2c" });
        int usual = (int)bme.Profile.TransportOrSerial.I2c!.Address.Value;

        string other = ScanResult.SourceLine(writer => ScanResult.WriteSource(writer, "/dev/i2c-1", usual ^ 1, bme));

        Assert.Contains($"\"address\":\"0x{usual ^ 1:X2}\"", other, StringComparison.Ordinal);
        string same = ScanResult.SourceLine(writer => ScanResult.WriteSource(writer, "/dev/i2c-1", usual, bme));
        Assert.DoesNotContain("address", same, StringComparison.Ordinal);
    }

    // /sys/bus/i2c/devices/1-0076 with its driver and its IIO device.
    private void MakeOwned(string place, string name, string driver, string device)
    {
        string folder = Path.Combine(_root, "sys/bus/i2c/devices", place);
        string drivers = Path.Combine(_root, "sys/bus/i2c/drivers", driver);
        Directory.CreateDirectory(Path.Combine(folder, device));
        Directory.CreateDirectory(drivers);
        Directory.CreateSymbolicLink(Path.Combine(folder, "driver"), drivers);
        File.WriteAllText(Path.Combine(folder, "name"), name + "\n");
    }

    /// <summary>Notes every transfer; called /dev/i2c-1.</summary>
    private sealed class RecordingBus(I2cBus bus) : I2cBus
    {
        public override string Description => "/dev/i2c-1";

        public List<(int Address, int Written, int Read)> Transfers { get; } = [];

        public override int Transfer(int address, ReadOnlySpan<byte> write, Span<byte> read)
        {
            Transfers.Add((address, write.Length, read.Length));
            return bus.Transfer(address, write, read);
        }

        protected override void Dispose(bool disposing) => bus.Dispose();
    }

    [Fact]
    public void Known_profiles_lie_beside_the_program_or_where_it_was_installed()
    {
        string folder = Directory.CreateTempSubdirectory("edgelstm-known-").FullName;
        Assert.Equal("/etc/installed", KnownProfiles.FolderOf(folder, "/etc/installed"));
        string beside = Directory.CreateDirectory(Path.Combine(folder, "firmware-configs")).FullName;
        Assert.Equal(beside, KnownProfiles.FolderOf(folder, "/etc/installed"));
        Directory.Delete(folder, recursive: true);
    }
}
