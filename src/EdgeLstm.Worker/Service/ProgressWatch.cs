// Feeds systemd's watchdog while every stream makes progress, and notices when all streams have ended.

using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Service;

/// <summary>Looks at the streams' progress twice a second or more; a stream that stands still stops the feeding.</summary>
/// <remarks>
/// A stream's thread passes its loop at least every half second, whatever its sensor does. A thread that hangs, or has failed, is
/// seen within one look; systemd then restarts the service after WatchdogSec.
/// </remarks>
internal sealed class ProgressWatch : IDisposable
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan StandstillLimit = TimeSpan.FromSeconds(2);

    /// <summary>How long the last records of ended streams may take to the broker.</summary>
    private static readonly TimeSpan DeliveryLimit = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<StreamWorker> _workers;
    private readonly Func<bool> _isDelivered;
    private readonly Action _allEnded;
    private readonly SystemdNotifier _systemd;
    private readonly long[] _lastProgress;
    private readonly long[] _lastMovedTicks;
    private readonly Timer _timer;
    private readonly TimeSpan _interval;
    private long _endedTicks;
    private bool _endReported;

    /// <param name="workers">The streams.</param>
    /// <param name="isDelivered">True when the broker has acknowledged all that the streams published.</param>
    /// <param name="allEnded">Called once when every stream's source has ended and its records are delivered.</param>
    /// <param name="systemd">Where it is told; disposed with the watch.</param>
    public ProgressWatch(IReadOnlyList<StreamWorker> workers, Func<bool> isDelivered, Action allEnded, SystemdNotifier systemd)
    {
        _workers = workers;
        _isDelivered = isDelivered;
        _allEnded = allEnded;
        _systemd = systemd;
        _lastProgress = new long[workers.Count];
        _lastMovedTicks = new long[workers.Count];
        TimeSpan half = (_systemd.WatchdogTimeout ?? TimeSpan.MaxValue) / 2;
        _interval = half < LongestInterval ? half : LongestInterval;
        _timer = new Timer(_ => Look());
    }

    /// <summary>Tells systemd that the service is up and begins to look.</summary>
    public void Start()
    {
        Array.Fill(_lastMovedTicks, Environment.TickCount64);
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

        if (!_endReported && _workers.All(worker => worker.Ended && worker.Failure is null) && DeliveryIsOver())
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

    private bool EveryStreamMoves(long nowTicks)
    {
        bool all = true;
        for (int i = 0; i < _workers.Count; i++)
        {
            StreamWorker worker = _workers[i];
            long progress = worker.Progress;
            bool done = worker.Ended && worker.Failure is null;
            if (progress != _lastProgress[i] || done)
            {
                _lastProgress[i] = progress;
                _lastMovedTicks[i] = nowTicks;
            }

            all &= nowTicks - _lastMovedTicks[i] <= StandstillLimit.TotalMilliseconds;
        }

        return all;
    }
}
