// The bus of Linux where there is none: reasons come back as errno, and in words.

using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.I2c;

public class LinuxI2cBusTests
{
    [Fact]
    public void A_bus_that_is_not_there_is_found_out_by_the_first_transfer_and_asked_for_again_by_each()
    {
        string path = Path.Combine(Path.GetTempPath(), $"edgelstm-{Guid.NewGuid():N}");
        using LinuxI2cBus bus = new(path);
        Assert.Equal(LibC.ENOENT, bus.Transfer(0x44, [1], new byte[1]));
        File.WriteAllText(path, "no bus");
        Assert.Equal(LibC.ENOTTY, bus.Transfer(0x44, [1], new byte[1]));
        File.Delete(path);
        Assert.Equal(LibC.ENOENT, bus.Transfer(0x44, [1], new byte[1]));
    }

    [Fact]
    public void A_device_that_is_no_bus_says_so()
    {
        using LinuxI2cBus bus = new("/dev/null");
        Assert.Equal(LibC.ENOTTY, bus.Transfer(0x44, [], new byte[1]));
        Assert.Equal("/dev/null is not an I2C bus", I2cAdvice.Explain("/dev/null", 0x44, LibC.ENOTTY, null));
    }

    [Fact]
    public void Asking_an_absent_bus_allocates_nothing()
    {
        using LinuxI2cBus bus = new("/dev/i2c-none");
        byte[] read = new byte[2];
        byte[] write = [1];
        bus.Transfer(0x44, write, read);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            bus.Transfer(0x44, write, read);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(LibC.ENXIO, "nobody answers at 0x76 on /dev/i2c-1: check the wiring, the supply and the address (edgelstm scan")]
    [InlineData(I2cDev.EREMOTEIO, "nobody answers at 0x76 on /dev/i2c-1")]
    [InlineData(I2cDev.ETIMEDOUT, "dtparam=i2c_arm_baudrate=10000, or use dtoverlay=i2c-gpio,bus=3")]
    [InlineData(LibC.EBUSY, "belongs to the kernel's driver bmp280: read it with source.kind iio, or remove its dtoverlay line")]
    [InlineData(LibC.ENOENT, "/dev/i2c-1 does not exist: turn I2C on with dtparam=i2c_arm=on in config.txt or in raspi-config")]
    [InlineData(LibC.EACCES, "sudo usermod -aG i2c ")]
    [InlineData(I2cDev.EOPNOTSUPP, "its adapter knows SMBus only")]
    [InlineData(LibC.ENODEV, "/dev/i2c-1 is gone: plug its adapter in again")]
    [InlineData(LibC.EIO, "the transfer broke off")]
    [InlineData(LibC.EINVAL, "errno 22")]
    public void Each_reason_says_what_to_do(int errno, string expected)
    {
        string advice = I2cAdvice.Explain("/dev/i2c-1", 0x76, errno, "bmp280", "/nonexistent");
        Assert.Contains(expected, advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_driver_that_gives_its_values_through_hwmon_is_told_with_it()
    {
        string root = Directory.CreateTempSubdirectory("edgelstm-i2c-").FullName;
        string device = Path.Combine(root, "sys/bus/i2c/devices/10-0048");
        Directory.CreateDirectory(Path.Combine(device, "hwmon/hwmon3"));
        Directory.CreateDirectory(Path.Combine(root, "sys/bus/i2c/drivers/lm75"));
        Directory.CreateSymbolicLink(Path.Combine(device, "driver"), "../../drivers/lm75");
        File.WriteAllText(Path.Combine(device, "name"), "tmp102\n");
        I2cOwner? owner = I2cOwner.Find("/dev/i2c-10", 0x48, root);
        I2cOwner? none = I2cOwner.Find("/dev/i2c-10", 0x49, root);
        Directory.Delete(root, recursive: true);
        Assert.Equal(new I2cOwner("tmp102", "lm75", "hwmon", "hwmon3"), owner);
        Assert.Null(none);
    }
}
