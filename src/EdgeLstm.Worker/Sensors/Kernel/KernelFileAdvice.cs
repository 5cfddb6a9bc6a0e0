// What the error number of a sysfs or device file means for a sensor, and what to do about it.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Words for a file of the kernel's that cannot be read or written.</summary>
internal static class KernelFileAdvice
{
    private const string Rights = "may not be read or written by this user: give it the rights by the udev rules of "
        + "firmware-configs/raspberry-pi/ and make the user a member of group iio";

    /// <summary>The file, the C library's words and what to do.</summary>
    public static string Explain(string path, int errno) => $"{path}: {LinuxException.Text(errno)}; {Advice(errno)}";

    /// <summary>True when another try can only fail: the device is gone.</summary>
    public static bool IsGone(int errno) => errno is LibC.ENODEV or LibC.ENOENT;

    private static string Advice(int errno) => errno switch
    {
        LibC.ENOENT or LibC.ENODEV or LibC.ENOTDIR => "the device is gone, or its driver is not bound: see dmesg",
        LibC.EACCES or LibC.EPERM => Rights,
        LibC.EROFS => "the service may not write below /sys: add the drop-in firmware-configs/raspberry-pi/edgelstm-iio.conf",
        LibC.EBUSY => "another program captures from this device: stop it, or write 0 to its buffer/enable",
        LibC.EBADMSG => "expected a number",
        _ => "the sensor does not answer: check its wiring and supply",
    };
}
