// The time of day for all streams:  unix = steady + offset.  The offset is held while the clock is not synchronised, so that one
// number corrects all that was stamped meanwhile:  true time = ts + (offset once synchronised − offset held).

using EdgeLstm.Worker.Linux;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Worker.Streams;

/// <summary>How steady time becomes wall time at one moment.</summary>
/// <param name="OffsetNs">Wall time minus steady time, in nanoseconds.</param>
/// <param name="IsMarked">Whether what is stamped with it says <c>timeSynced: false</c>.</param>
public readonly record struct WallOffset(long OffsetNs, bool IsMarked);

/// <summary>Reads the system's clock and asks whether it is right. Any thread; allocates nothing.</summary>
/// <remarks>
/// A machine without a clock that runs on a battery boots with a wrong time, often that of its last stop, until a time server
/// has answered. Once synchronised the clock counts as such for the process's life: without its server it drifts by seconds a
/// day, which is another matter than not to know the year. Where it is not synchronised within the wait it is taken as it is, as
/// there may be no time server at all.
/// </remarks>
public sealed class WallClock
{
    private const long NsPerSecond = 1_000_000_000;
    private const long NsPerMs = 1_000_000;
    private const long AskNs = NsPerSecond;

    // The wall clock is read between two looks at the steady one; a thread that was put aside meanwhile looks again.
    private const long CloseNs = 20_000;
    private const int MostLooks = 4;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Func<bool>? _isSynchronised;
    private readonly UnsyncedStretches? _stretches;
    private readonly ILogger _logger;
    private readonly long _waitUntilNs;
    private readonly long _heldOffsetNs;
    private long _askAtNs;
    private bool _isSynced;
    private bool _isHeld;

    /// <param name="time">The system's clocks.</param>
    /// <param name="isSynchronised">Whether its wall clock is right; null: it is not asked, and is taken as it is.</param>
    /// <param name="wait">How long to wait for that.</param>
    /// <param name="stretches">Remembers what was stamped before; null for nothing.</param>
    /// <param name="logger">Gets a line when it is not right, and when that changes.</param>
    public WallClock(TimeProvider time, Func<bool>? isSynchronised, TimeSpan wait, UnsyncedStretches? stretches = null,
        ILogger? logger = null)
    {
        _time = time;
        _isSynchronised = isSynchronised;
        _stretches = stretches;
        _logger = logger ?? NullLogger.Instance;
        long nowNs = SteadyNs();
        _waitUntilNs = nowNs + (wait.Ticks * TimeSpan.NanosecondsPerTick);
        _askAtNs = nowNs + AskNs;
        _heldOffsetNs = Measure();
        _isSynced = isSynchronised?.Invoke() ?? false;
        _isHeld = isSynchronised is not null && !_isSynced;
        if (_isHeld)
        {
            WallClockLog.NotSynchronised(_logger, wait.TotalSeconds);
            _stretches?.Begin(_heldOffsetNs);
        }
        else if (_isSynced)
        {
            _stretches?.Settle(_heldOffsetNs);
        }
    }

    /// <summary>The system's clock, taken as it is.</summary>
    public static WallClock Unasked { get; } = new(TimeProvider.System, null, TimeSpan.Zero);

    /// <summary>Whether the clock is synchronised; null when that is not asked.</summary>
    public bool? IsSynced
    {
        get
        {
            lock (_gate)
            {
                Look();
                return _isSynchronised is null ? null : _isSynced;
            }
        }
    }

    /// <summary>The offset now.</summary>
    public WallOffset Read()
    {
        lock (_gate)
        {
            Look();
            return _isHeld ? new WallOffset(_heldOffsetNs, IsMarked: true) : new WallOffset(Measure(), IsMarked: false);
        }
    }

    /// <summary>This moment, for a state on disk.</summary>
    public StateMoment Moment() =>
        new(_time.GetUtcNow().ToUnixTimeMilliseconds(), SteadyNs(), KernelBoot.Id, IsTimeKnown: IsSynced != false);

    // At most once a second, and no more once the answer was yes.
    private void Look()
    {
        if (_isSynced || _isSynchronised is null || SteadyNs() < _askAtNs)
        {
            return;
        }

        long nowNs = SteadyNs();
        _askAtNs = nowNs + AskNs;
        _isSynced = _isSynchronised();
        if (_isSynced)
        {
            long offsetNs = Measure();
            long correctionMs = UnsyncedStretches.CorrectionMs(_heldOffsetNs, offsetNs);
            WallClockLog.Synchronised(_logger, correctionMs);
            _stretches?.Settle(offsetNs);
            _isHeld = false;
        }
        else if (_isHeld && nowNs >= _waitUntilNs)
        {
            WallClockLog.TakenAsItIs(_logger);
            _isHeld = false;
        }
    }

    private long Measure()
    {
        long bestNs = long.MaxValue;
        long offsetNs = 0;
        for (int i = 0; i < MostLooks && bestNs > CloseNs; i++)
        {
            long beforeNs = SteadyNs();
            long unixNs = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
            long tookNs = SteadyNs() - beforeNs;
            if (tookNs < bestNs)
            {
                (bestNs, offsetNs) = (tookNs, unixNs - beforeNs - (tookNs / 2));
            }
        }

        return offsetNs;
    }

    // The same clock as ByteSource.MonotonicNs, unless a test brings its own.
    private long SteadyNs()
    {
        long ticks = _time.GetTimestamp();
        return _time.TimestampFrequency == NsPerSecond ? ticks : (long)((Int128)ticks * NsPerSecond / _time.TimestampFrequency);
    }
}
