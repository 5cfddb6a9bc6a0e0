// A source over the kernel's files: finds the device, reads records of it, and finds it again after it was lost.
// Record: float64 little endian · fields asked for, in their order.

using System.Buffers.Binary;
using System.Diagnostics;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads a device that may be absent, fail and come back. One record a read, in the stream's own thread.</summary>
/// <remarks>
/// A lost device is looked for after 0.25 s growing to 5 s, by its name, as its number may have changed; it counts as back with
/// the first values it gives.
/// </remarks>
public abstract class KernelSource : ByteSource
{
    private const long NsPerMs = 1_000_000;

    private readonly WakeSignal _wake = new();
    private readonly double[] _values;        // [fields]
    private KernelDevice? _device;
    private bool _lost;                       // Lost has been reported, Back has not
    private bool _pending;                    // _values were read but Back went before them
    private long _pendingNs;
    private readonly RetryWait _retry = new();
    private long _nextTryNs = long.MinValue;
    private volatile string? _problem;        // also read by the thread that reports health

    private protected KernelSource(int fieldCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fieldCount, 1);
        _values = new double[fieldCount];
    }

    /// <inheritdoc/>
    public override bool StartsAtFrameStart => true;

    /// <inheritdoc/>
    public override string? Problem => _problem;

    /// <summary>What is read and how while the device is open; null otherwise.</summary>
    private protected string? OpenDescription { get; private set; }

    /// <inheritdoc/>
    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs)
    {
        Debug.Assert(buffer.Length >= _values.Length * sizeof(double), "the buffer must hold a record");
        count = 0;
        if (_pending)
        {
            _pending = false;
            timeNs = _pendingNs;
            return Deliver(buffer, out count);
        }

        timeNs = MonotonicNs();
        long deadlineNs = timeNs + (timeoutMs * NsPerMs);
        if (_device is null && !TryFind(deadlineNs))
        {
            return Miss();
        }

        switch (_device!.Read(_values, _wake.Fd, deadlineNs, out timeNs))
        {
            case DeviceRead.Values when _lost:
                return ReportBack(timeNs);
            case DeviceRead.Values:
                _retry.Reset();
                return Deliver(buffer, out count);
            case DeviceRead.Failed:
                Close(_device.Problem);
                return Miss();
            default:
                _wake.Clear();
                return SourceRead.Idle;
        }
    }

    /// <inheritdoc/>
    public override void Wake() => _wake.Set();

    /// <summary>Looks for the device and opens it; null with a problem when that is not possible now.</summary>
    private protected abstract KernelDevice? TryOpen(out string problem);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _device?.Dispose();
        _device = null;
        _wake.Dispose();
    }

    private SourceRead Deliver(Span<byte> buffer, out int count)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(buffer[(i * sizeof(double))..], _values[i]);
        }

        count = _values.Length * sizeof(double);
        BytesRead += count;
        return SourceRead.Data;
    }

    private SourceRead ReportBack(long timeNs)
    {
        _pending = true;
        _pendingNs = timeNs;
        _lost = false;
        _problem = null;
        _retry.Reset();
        Reopened++;
        return SourceRead.Back;
    }

    // A loss is told once, then nothing until the device is back.
    private SourceRead Miss()
    {
        bool isNews = _problem is not null && !_lost;
        _lost |= isNews;
        return isNews ? SourceRead.Lost : SourceRead.Idle;
    }

    private bool TryFind(long deadlineNs)
    {
        long nowNs = MonotonicNs();
        if (nowNs < _nextTryNs)
        {
            Descriptor.Wait(-1, _wake.Fd, Math.Min(deadlineNs, _nextTryNs) - nowNs, out _);
            if (_wake.Clear() || MonotonicNs() < _nextTryNs)
            {
                return false;
            }
        }

        _device = TryOpen(out string problem);
        OpenDescription = _device?.Description;
        if (_device is null)
        {
            Close(problem);
        }

        return _device is not null;
    }

    private void Close(string problem)
    {
        _device?.Dispose();
        _device = null;
        _problem = problem;
        _nextTryNs = MonotonicNs() + _retry.Ns;
        _retry.Grow();
    }
}
