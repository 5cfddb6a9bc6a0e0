// A sensor behind a driver of the kernel's Industrial I/O subsystem, as a source of values by name.

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads an IIO device: through its buffer where it has one and may be used, else by its files.</summary>
public sealed class IioSource : KernelSource
{
    private readonly KernelSensor _sensor;
    private readonly string _use;
    private readonly int _watermark;
    private IioBuffer? _buffer;
    private bool _bufferGave;
    private bool _bufferIsSilent;   // it was enabled and never gave anything: a sensor without its interrupt line

    /// <param name="sensor">Which sensor and channels.</param>
    /// <param name="buffer">"auto" uses the buffer where it can, "always" insists, "never" polls.</param>
    /// <param name="watermark">Scans that the buffer collects before it wakes the reader.</param>
    public IioSource(KernelSensor sensor, string buffer = "auto", int watermark = 1)
        : base(sensor.Fields.Count)
    {
        _sensor = sensor;
        _use = buffer;
        _watermark = watermark;
    }

    /// <inheritdoc/>
    public override string Description => OpenDescription ?? $"IIO device {_sensor.Name}";

    private protected override KernelDevice? TryOpen(out string problem)
    {
        string folder = _sensor.At("sys/bus/iio/devices");
        string? device = KernelDeviceSearch.Find(folder, "iio:device", _sensor.Name, _sensor.Chosen, out problem);
        IioChannel[]? channels = device is null ? null : FindChannels(device, out problem);
        if (channels is null)
        {
            return null;
        }

        string number = Path.GetFileName(device!);
        _bufferGave |= _buffer is { HasGiven: true };
        _bufferIsSilent |= _buffer is { WasSilent: true } && !_bufferGave;
        _buffer = _use == "never" || (_use == "auto" && _bufferIsSilent) ? null : IioBuffer.TryOpen(
            $"{_sensor.Name} ({number}) through its buffer", _sensor.At($"dev/{number}"), device!, channels, _watermark,
            _sensor.RateHz, out problem);
        if (_buffer is not null || _use == "always")
        {
            return _buffer;
        }

        string reason = _bufferIsSilent ? "its buffer gave nothing" : problem;
        string why = _use == "auto" && reason.Length > 0 ? $": {reason}" : "";
        return PolledDevice.TryOpen($"{_sensor.Name} ({number}) {_sensor.Pace}{why}", _sensor, TryOpenField, out problem);

        KernelReading? TryOpenField(string field, out string fieldProblem)
        {
            fieldProblem = "";
            return IioChannel.Find(device!, field, out fieldProblem)?.TryOpen(out fieldProblem);
        }
    }

    private IioChannel[]? FindChannels(string device, out string problem)
    {
        IioChannel[] channels = new IioChannel[_sensor.Fields.Count];
        problem = "";
        for (int i = 0; i < channels.Length; i++)
        {
            if (IioChannel.Find(device, _sensor.Fields[i], out problem) is not { } channel)
            {
                return null;
            }

            channels[i] = channel;
        }

        return channels;
    }
}
