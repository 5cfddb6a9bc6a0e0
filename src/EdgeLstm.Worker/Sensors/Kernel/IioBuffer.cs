// An IIO device that captures into the kernel's buffer: whole scans from /dev/iio:deviceN, each with the time it was taken.

using System.Globalization;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads scans. The buffer is enabled while this is open.</summary>
internal sealed class IioBuffer : KernelDevice
{
    private const int HeldBytes = 16 * 1024;
    private const long LeastSilenceNs = 2_000_000_000;
    private const int SilentPeriods = 10;
    private const long LeastStalePartNs = 200_000_000;
    private const int StalePeriods = 2;
    private const long MostSkewNs = 10_000_000_000;

    private readonly string _path;
    private readonly IioBufferSetup _setup;
    private readonly IioScan _scan;
    private readonly byte[] _held;       // what was read and is no values yet; a read may end within a scan
    private readonly long _periodNs;
    private readonly long _silenceNs;
    private readonly long _stalePartNs;
    private readonly bool _usesTimestamps;
    private int _fd;
    private int _first;
    private int _count;
    private long _arrivedNs;
    private long _lastNs = long.MinValue;

    private IioBuffer(string description, string path, int fd, IioBufferSetup setup, IioScan scan, int watermark, double rateHz)
    {
        double rate = setup.RateHz(rateHz);
        Description = string.Create(CultureInfo.InvariantCulture, $"{description} at {rate:0.###} Hz");
        _path = path;
        _fd = fd;
        _setup = setup;
        _scan = scan;
        _held = new byte[Math.Max(1, HeldBytes / scan.Bytes) * scan.Bytes];
        _periodNs = Math.Max(1, (long)(1e9 / rate));
        _silenceNs = Math.Max(LeastSilenceNs, SilentPeriods * watermark * _periodNs);
        _stalePartNs = Math.Max(LeastStalePartNs, StalePeriods * _periodNs);
        _usesTimestamps = scan.HasTimestamp && setup.HasMonotonicClock;
        _arrivedNs = ByteSource.MonotonicNs();
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>True once it gave a scan.</summary>
    public bool HasGiven => _lastNs != long.MinValue;

    /// <summary>True when it gave not a single scan until it was given up.</summary>
    public bool WasSilent { get; private set; }

    /// <summary>Opens the device, sets it up and enables it; null with a problem when that is not possible, nothing left
    /// enabled.</summary>
    /// <param name="description">What is read, for logs; its rate is added.</param>
    /// <param name="path">The character device, such as /dev/iio:device0.</param>
    /// <param name="device">The device's folder in sysfs.</param>
    /// <param name="channels">The channels to capture.</param>
    /// <param name="watermark">Scans that are collected before the reader is woken.</param>
    /// <param name="rateHz">Scans per second.</param>
    /// <param name="problem">Why the buffer cannot be used.</param>
    public static IioBuffer? TryOpen(string description, string path, string device, IReadOnlyList<IioChannel> channels,
        int watermark, double rateHz, out string problem)
    {
        if (IioBufferSetup.Find(device, channels, out problem) is not { } setup)
        {
            return null;
        }

        // Opened first: the kernel lets one program in, so no other's capture is disturbed.
        int fd = LibC.Open(path, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (fd < 0)
        {
            problem = KernelFileAdvice.Explain(path, LinuxException.LastErrno);
            return null;
        }

        bool ready = setup.TryEnable(false) && setup.TryConfigure(channels, watermark, rateHz);
        problem = setup.Problem;
        IioScan? scan = ready ? IioScan.TryRead(setup.Elements, channels, out problem) : null;
        if (scan is not null && setup.TryEnable(true))
        {
            return new IioBuffer(description, path, fd, setup, scan, watermark, rateHz);
        }

        problem = scan is null ? problem : setup.Problem;
        LibC.Close(fd);
        return null;
    }

    /// <inheritdoc/>
    public override DeviceRead Read(Span<double> values, int wakeFd, long deadlineNs, out long timeNs)
    {
        if (_count < _scan.Bytes)
        {
            DeviceRead received = Receive(wakeFd, deadlineNs);
            if (received != DeviceRead.Values)
            {
                timeNs = ByteSource.MonotonicNs();
                return received;
            }
        }

        ReadOnlySpan<byte> scan = _held.AsSpan(_first, _scan.Bytes);
        _first += _scan.Bytes;
        _count -= _scan.Bytes;
        _scan.ReadValues(scan, values);
        timeNs = TimeOf(scan);
        _lastNs = timeNs;
        return DeviceRead.Values;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_fd >= 0)
        {
            _setup.TryEnable(false);
            LibC.Close(_fd);
            _fd = -1;
        }
    }

    // Values once a whole scan is held.
    private DeviceRead Receive(int wakeFd, long deadlineNs)
    {
        _held.AsSpan(_first, _count).CopyTo(_held);
        _first = 0;
        while (_count < _scan.Bytes)
        {
            long silentNs = _arrivedNs + _silenceNs;
            long leftNs = Math.Min(deadlineNs, silentNs) - ByteSource.MonotonicNs();
            bool woken = Descriptor.Wait(_fd, wakeFd, leftNs, out short events);
            DropStalePart();
            int read = events == 0 ? 0 : Descriptor.Read(_fd, _held.AsSpan(_count));
            if (read > 0)
            {
                _count += read;
                _arrivedNs = ByteSource.MonotonicNs();
                continue;
            }

            if (events != 0 && (read == 0 || LinuxException.LastErrno != LibC.EAGAIN || (events & ~LibC.POLLIN) != 0))
            {
                return Fail(read == 0
                    ? $"{_path}: the device is gone: waiting for it to come back"
                    : KernelFileAdvice.Explain(_path, LinuxException.LastErrno));
            }

            if (ByteSource.MonotonicNs() >= silentNs)
            {
                WasSilent = !HasGiven;
                return Fail($"{_path}: no scan for {_silenceNs / 1e9:0.#} s although its buffer is enabled: the trigger is "
                    + "silent; check the sensor's interrupt line");
            }

            if (woken || events != 0 || ByteSource.MonotonicNs() >= deadlineNs)
            {
                return DeviceRead.Nothing;
            }
        }

        return DeviceRead.Values;
    }

    // The kernel gives whole scans. Where the rest of one did not follow, what comes now is the start of another.
    private void DropStalePart()
    {
        if (_count > 0 && ByteSource.MonotonicNs() - _arrivedNs > _stalePartNs)
        {
            _count = 0;
        }
    }

    private DeviceRead Fail(string problem)
    {
        Problem = problem;
        return DeviceRead.Failed;
    }

    // By the scan's own clock where that is ours and makes sense; else the last of a batch arrived just now, the others a period
    // apart before it. Time never goes back.
    private long TimeOf(ReadOnlySpan<byte> scan)
    {
        long taken = _usesTimestamps ? _scan.ReadTimestamp(scan) : 0;
        bool isSensible = taken <= _arrivedNs && taken > _arrivedNs - MostSkewNs;
        long timeNs = isSensible ? taken : _arrivedNs - (_count / _scan.Bytes * _periodNs);
        return HasGiven ? Math.Max(timeNs, _lastNs + 1) : timeNs;
    }
}
