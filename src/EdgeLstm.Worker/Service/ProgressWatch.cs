// Feeds systemd's watchdog while every stream makes progress, and notices when all streams have ended.

using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Service;

/// <summary>Looks at the streams' progress twice a second or more; a stream that stands still stops the feeding.</summary>
/// <remarks>
/// A stream's thread passes its loop at least every half second, whatever its sensor does, and while the stream rests after a
/// failure too. A thread that hangs, or has failed for good, is seen within one look; systemd then restarts the service after
/// WatchdogSec.
/// </remarks>
internal sealed class ProgressWatch : IDisposable
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan StandstillLimit = TimeSpan.FromSeconds(2);

    /// <summary>How long the last records of ended streams may take to the broker.</summary>
    private static readonly TimeSpan DeliveryLimit = TimeSpan.FromSeconds(10);

    private readonly RunningStreams _streams;
    private readonly Func<bool> _isDelivered;
    private readonly Action _allEnded;
    private readonly SystemdNotifier _systemd;
    private readonly Timer _timer;
    private readonly TimeSpan _interval;
    private StreamWorker[] _seen = [];
    private long[] _lastProgress = [];     // [seen]
    private long[] _lastMovedTicks = [];   // [seen]
    private long _endedTicks;
    private bool _endReported;

    /// <param name="streams">The streams.</param>
    /// <param name="isDelivered">True when the broker has acknowledged all that the streams published.</param>
    /// <param name="allEnded">Called once when every stream's source has ended and its records are delivered.</param>
    /// <param name="systemd">Where it is told; disposed with the watch.</param>
    public ProgressWatch(RunningStreams streams, Func<bool> isDelivered, Action allEnded, SystemdNotifier systemd)
    {
        _streams = streams;
        _isDelivered = isDelivered;
        _allEnded = allEnded;
        _systemd = systemd;
        TimeSpan half = (_systemd.WatchdogTimeout ?? TimeSpan.MaxValue) / 2;
        _interval = half < LongestInterval ? half : LongestInterval;
        _timer = new Timer(_ => Look());
    }

    /// <summary>Tells systemd that the service is up and begins to look.</summary>
    public void Start()
    {
        _systemd.Ready();
        _timer.Change(_interval, _interval);
    }

    /// <summary>Tells systemd that the service stops.</summary>
    public void Stop()
    {
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _systemd.Stopping();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _systemd.Dispose();
    }

    private void Look()
    {
        if (EveryStreamMoves(Environment.TickCount64))
        {
            _systemd.Watchdog();
        }

        if (!_endReported && EveryStreamHasEnded() && DeliveryIsOver())
        {
            _endReported = true;
            _allEnded();
        }
    }

    private bool DeliveryIsOver()
    {
        long now = Environment.TickCount64;
        _endedTicks = _endedTicks == 0 ? now : _endedTicks;
        return _isDelivered() || now - _endedTicks > DeliveryLimit.TotalMilliseconds;
    }

    private bool EveryStreamHasEnded()
    {
        bool ended = !_streams.MayGrow;
        foreach (StreamWorker worker in _streams.All)
        {
            ended &= IsDone(worker);
        }

        return ended;
    }

    private bool EveryStreamMoves(long nowTicks)
    {
        ReadOnlySpan<StreamWorker> workers = _streams.All;
        if (!workers.SequenceEqual(_seen))
        {
            Expect(workers.ToArray(), nowTicks);
        }

        bool all = true;
        for (int i = 0; i < workers.Length; i++)
        {
            long progress = workers[i].Progress;
            if (progress != _lastProgress[i] || IsDone(workers[i]))
            {
                _lastProgress[i] = progress;
                _lastMovedTicks[i] = nowTicks;
            }

            all &= nowTicks - _lastMovedTicks[i] <= StandstillLimit.TotalMilliseconds;
        }

        return all;
    }

    // A stream's time to move begins when it is first seen.
    private void Expect(StreamWorker[] streams, long nowTicks)
    {
        int[] known = Array.ConvertAll(streams, worker => Array.IndexOf(_seen, worker));
        _lastProgress = Array.ConvertAll(known, i => i < 0 ? -1 : _lastProgress[i]);
        _lastMovedTicks = Array.ConvertAll(known, i => i < 0 ? nowTicks : _lastMovedTicks[i]);
        _seen = streams;
    }

    private static bool IsDone(StreamWorker worker) => worker.Ended && worker.Failure is null;
}
