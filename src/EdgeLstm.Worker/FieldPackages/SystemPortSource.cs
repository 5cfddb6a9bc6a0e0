// A serial line through System.IO.Ports, which serves where termios does not; it may be absent, vanish and come back.

using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Keeps the promises of <see cref="SerialSource"/>, but each read allocates, and a lost port is looked for by the clock
/// alone.</summary>
internal sealed class SystemPortSource(string path, SerialSettings settings) : ByteSource
{
    private const int LongestWaitMs = 250;   // a port may vanish without a word, and one that came back says none either

    private readonly AutoResetEvent _changed = new(false);   // not disposed: a read that ends late still sets it
    private readonly RetryWait _retry = new();
    private SystemPort? _port;
    private long _nextTryNs;
    private bool _woken, _lost;
    private volatile string? _problem;

    public override string Description => $"{path} at {settings} through System.IO.Ports";
    public override string? Problem => _problem;

    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs)
    {
        long deadlineNs = MonotonicNs() + (timeoutMs * 1_000_000L);
        SourceRead? found = null;
        count = 0;
        while (found is null)
        {
            long nowNs = MonotonicNs();
            try
            {
                bool opens = _port is null && nowNs >= _nextTryNs;
                count = opens ? 0 : _port?.Read(buffer) ?? 0;
                found = opens ? Open() : count > 0 ? SourceRead.Data : Wait(deadlineNs - nowNs);
            }
            catch (Exception failure) when (SystemPort.IsFailure(failure))
            {
                found = Lose(failure);
            }
        }

        BytesRead += count;
        timeNs = MonotonicNs();
        return found.Value;
    }

    public override void Wake()
    {
        Volatile.Write(ref _woken, true);
        _changed.Set();
    }

    protected override void Dispose(bool disposing) => _port?.Dispose();

    private SourceRead? Open()
    {
        _port = new SystemPort(path, settings, () => _changed.Set());
        _problem = null;
        _retry.Reset();
        Reopened += _lost ? 1 : 0;
        return Tell(lost: false, SourceRead.Back);
    }

    private SourceRead? Lose(Exception failure)
    {
        _problem = _port is null ? SystemPort.Explain(path, failure) : SerialPortAdvice.Unplugged(path);
        _port?.Dispose();
        _port = null;
        _nextTryNs = MonotonicNs() + _retry.Ns;
        _retry.Grow();
        return Tell(lost: true, SourceRead.Lost);
    }

    private SourceRead? Tell(bool lost, SourceRead change) => Interlocked.Exchange(ref _lost, lost) == lost ? null : change;

    private SourceRead? Wait(long leftNs)
    {
        if (Interlocked.Exchange(ref _woken, false) || leftNs <= 0)
        {
            return SourceRead.Idle;
        }

        _changed.WaitOne((int)Math.Clamp((leftNs + 999_999) / 1_000_000, 1, LongestWaitMs));
        return null;
    }
}
