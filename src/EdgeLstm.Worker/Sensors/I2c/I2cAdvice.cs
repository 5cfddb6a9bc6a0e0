// What stands between this process and a sensor on an I²C bus, in one line that says what to do.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Puts failed transfers into words.</summary>
internal static class I2cAdvice
{
    /// <summary>One line for a failed transfer: what was found and what to do.</summary>
    /// <param name="bus">The bus, such as /dev/i2c-1.</param>
    /// <param name="address">7-bit address.</param>
    /// <param name="errno">Why the transfer failed.</param>
    /// <param name="kernelDriver">The kernel's driver for this kind of sensor as its profile names it, or null.</param>
    /// <param name="root">Folder that stands for / in /sys; for tests.</param>
    public static string Explain(string bus, int address, int errno, string? kernelDriver, string root = "/") => errno switch
    {
        LibC.ENXIO or I2cDev.EREMOTEIO =>
            $"nobody answers at 0x{address:X2} on {bus}: check the wiring, the supply and the address (edgelstm scan lists who "
            + "answers)",
        I2cDev.ETIMEDOUT =>
            $"0x{address:X2} on {bus}: the transfer does not end: a sensor holds the bus (power it off and on), pull-ups are "
            + "missing, or it stretches the clock, which the Pi's own controller gets wrong: set dtparam=i2c_arm_baudrate=10000, "
            + "or use dtoverlay=i2c-gpio,bus=3",
        LibC.EBUSY => ExplainOwned(bus, address, kernelDriver, root),
        LibC.ENOENT or LibC.ENOTDIR =>
            $"{bus} does not exist: turn I2C on with dtparam=i2c_arm=on in config.txt or in raspi-config, or plug its adapter in "
            + "(ls /dev/i2c-* lists the buses)",
        LibC.EACCES or LibC.EPERM =>
            $"{bus} may not be used by user {Environment.UserName}: add the user to group i2c"
            + $" (sudo usermod -aG i2c {Environment.UserName}, then log in again)",
        I2cDev.EOPNOTSUPP =>
            $"{bus} cannot do this transfer to 0x{address:X2}: its adapter knows SMBus only; use one that does plain I2C",
        LibC.ENODEV or I2cDev.EBADF => $"{bus} is gone: plug its adapter in again",
        LibC.ENOTTY => $"{bus} is not an I2C bus",
        LibC.EIO or LibC.EAGAIN =>
            $"0x{address:X2} on {bus}: the transfer broke off ({LinuxException.Text(errno)}): check wires and pull-ups, or lower "
            + "the clock with dtparam=i2c_arm_baudrate=10000",
        _ => $"0x{address:X2} on {bus}: {LinuxException.Text(errno)}",
    };

    private static string ExplainOwned(string bus, int address, string? kernelDriver, string root)
    {
        I2cOwner? owner = I2cOwner.Find(bus, address, root);
        string driver = owner?.Driver ?? kernelDriver ?? "(its name is not known)";
        string where = owner?.Device is { } device ? $" ({device}, {owner.Name})" : "";
        string kind = owner is null || owner.Kind is not null ? $"read it with source.kind {owner?.Kind ?? "iio"}, or " : "";
        return $"0x{address:X2} on {bus} belongs to the kernel's driver {driver}{where}: {kind}remove its dtoverlay line from "
            + "config.txt";
    }
}
