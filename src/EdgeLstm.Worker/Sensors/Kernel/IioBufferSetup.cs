// Sets an IIO device up for buffered capture through its files; what is so already is not written again.

using System.Globalization;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>The buffer of one device.</summary>
/// <remarks>
/// Newer kernels have the files of elements and buffer in buffer0/, and still those of scan_elements/ and buffer/, which are used
/// where they are. Source: Linux, Documentation/iio/iio_devbuf.rst.
/// </remarks>
internal sealed class IioBufferSetup
{
    private const int LeastScans = 64;
    private const int MostScans = 65_536;
    private const string NoChange = "the driver does not allow it";

    private readonly string _device;
    private readonly string _buffer;

    private IioBufferSetup(string device, string elements, string buffer)
    {
        _device = device;
        Elements = elements;
        _buffer = buffer;
    }

    /// <summary>The folder of the scan's elements.</summary>
    public string Elements { get; }

    /// <summary>Why the last step failed, and what to do.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>The buffer of a device that has one and that something triggers; null with the reason otherwise.</summary>
    public static IioBufferSetup? Find(string device, IReadOnlyList<IioChannel> channels, out string problem)
    {
        bool isNew = !Directory.Exists(Path.Combine(device, "scan_elements"));
        string elements = Path.Combine(device, isNew ? "buffer0" : "scan_elements");
        string buffer = Path.Combine(device, isNew ? "buffer0" : "buffer");
        string trigger = Path.Combine(device, "trigger", "current_trigger");
        string? missing = channels.FirstOrDefault(
            channel => !channel.HasRaw || !File.Exists(Path.Combine(elements, $"{channel.Stem}_en")))?.Stem;
        problem = !File.Exists(Path.Combine(buffer, "enable")) ? $"{device} has no buffer"
            : missing is not null ? $"{elements} has no {missing}: the driver does not capture this channel"
            : File.Exists(trigger) && string.IsNullOrEmpty(KernelFile.ReadText(trigger))
                ? $"{trigger} is empty: write the name of a trigger into it (see /sys/bus/iio/devices/trigger*/name)"
            : "";
        return problem.Length == 0 ? new IioBufferSetup(device, elements, buffer) : null;
    }

    /// <summary>Chooses what is captured, how much is kept and how often; the buffer must not be enabled.</summary>
    /// <param name="channels">The channels to capture; the time of each scan too where the device has it.</param>
    /// <param name="watermark">Scans that are collected before the reader is woken.</param>
    /// <param name="rateHz">Scans per second, as far as the device can be told. The buffer holds a second of them.</param>
    public bool TryConfigure(IReadOnlyList<IioChannel> channels, int watermark, double rateHz)
    {
        foreach (string file in Directory.GetFiles(Elements, "in_*_en"))
        {
            string stem = Path.GetFileName(file)[..^3];
            bool wanted = stem == "in_timestamp" || channels.Any(channel => channel.Stem == stem);
            if (!TrySet(file, wanted ? "1" : "0"))
            {
                return false;
            }
        }

        // Not every device lets its clock and its rate be chosen: then it keeps its own.
        TrySetIfThere(Path.Combine(_device, "current_timestamp_clock"), "monotonic");
        TrySetIfThere(Path.Combine(_device, "sampling_frequency"), rateHz.ToString("0.######", CultureInfo.InvariantCulture));
        int scans = (int)Math.Clamp(Math.Max(rateHz, 2.0 * watermark), LeastScans, MostScans);
        string watermarkFile = Path.Combine(_buffer, "watermark");
        return TrySet(Path.Combine(_buffer, "length"), scans.ToString(CultureInfo.InvariantCulture))
            && (!File.Exists(watermarkFile) || TrySet(watermarkFile, watermark.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Starts or stops the capture.</summary>
    public bool TryEnable(bool on) => TrySet(Path.Combine(_buffer, "enable"), on ? "1" : "0");

    /// <summary>True when scans are stamped with the clock that this program reads too.</summary>
    public bool HasMonotonicClock => KernelFile.ReadText(Path.Combine(_device, "current_timestamp_clock")) == "monotonic";

    /// <summary>Scans per second as the device says, else as asked.</summary>
    public double RateHz(double asked) =>
        KernelFile.ReadText(Path.Combine(_device, "sampling_frequency")) is { } text
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && rate > 0
            ? rate
            : asked;

    private void TrySetIfThere(string path, string value)
    {
        if (File.Exists(path))
        {
            TrySet(path, value);
        }
    }

    private bool TrySet(string path, string value)
    {
        string? found = KernelFile.ReadText(path);
        if (found == value || IsSameNumber(found, value))
        {
            return true;
        }

        int errno = KernelFile.Write(path, value);
        Problem = errno switch
        {
            0 => Problem,
            LibC.EINVAL or LibC.EBUSY => $"{path}: {LinuxException.Text(errno)} for '{value}': {NoChange}",
            _ => KernelFileAdvice.Explain(path, errno),
        };
        return errno == 0;
    }

    private static bool IsSameNumber(string? found, string value) =>
        double.TryParse(found, NumberStyles.Float, CultureInfo.InvariantCulture, out double a)
        && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double b) && a == b;
}
