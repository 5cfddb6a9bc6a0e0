// The I/O thread: wait, read and write the socket, keep the connection, publish in order of urgency.
//
//     poll(socket, eventfd) → client → connection → announcements → events → live → history

using System.Diagnostics;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>What the I/O thread does, and the counters that other threads read.</summary>
internal sealed class MqttSession
{
    /// <summary>With the window full, no PUBACK for this long means that the broker accepts nothing: live records go
    /// to the backlog.</summary>
    private const int StallMs = 1000;

    /// <summary>For this long after start or loss, a few live records wait for the connection instead of becoming
    /// history.</summary>
    private const int GraceMs = 1000;

    /// <summary>How many. Later on one is kept: the newest, which is the stream's state when the broker is back.</summary>
    private const int GraceRecords = 16;

    /// <summary>Time kept of a stop's limit for the offline message.</summary>
    private const int FarewellMs = 250;

    private readonly int _window;
    private readonly MosquittoClient _client;
    private readonly BrokerConnection _connection;
    private readonly MqttAnnouncements _announcements;
    private readonly TopicRouter? _topics;
    private readonly WakeSignal _wake;
    private readonly RateLimit _historyRate;
    private readonly PayloadBuffer _buffer = new();
    private readonly long _ticksPerMs = Stopwatch.Frequency / 1000;

    private readonly Lock _changes = new();
    private volatile StreamPublisher[] _streams;   // replaced, never changed
    private volatile bool _anyRetired;
    private long _droppedBefore;
    private long _droppedEventsBefore;
    private bool _connected;
    private bool _stopRequested;
    private long _flushUntil;
    private long _stopAt;
    private long _reconnects;
    private long _allocatedBytes;
    private long _lastAcknowledged;
    private long _progressAt;
    private long _lastMiscAt;
    private long _notAcceptingSince;
    private int _firstStream;
    private int _historyWaitMs;

    public MqttSession(
        MqttOptions options,
        MosquittoClient client,
        BrokerConnection connection,
        MqttAnnouncements announcements,
        StreamPublisher[] streams,
        WakeSignal wake,
        TopicRouter? topics)
    {
        _window = options.InFlight;
        _client = client;
        _connection = connection;
        _announcements = announcements;
        _streams = streams;
        _wake = wake;
        _topics = topics;
        _historyRate = new RateLimit(options.HistoryRecordsPerSecond);
    }

    public bool Connected => Volatile.Read(ref _connected);

    public long Reconnects => Interlocked.Read(ref _reconnects);

    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    public long DroppedRecords => Interlocked.Read(ref _droppedBefore) + Sum(static stream => stream.Dropped);

    public long DroppedEvents => Interlocked.Read(ref _droppedEventsBefore) + Sum(static stream => stream.DroppedEvents);

    public long BacklogRecords => Sum(static stream => stream.BacklogCount);

    /// <summary>Records in the rings and messages without their PUBACK.</summary>
    public long Undelivered => Sum(static stream => stream.Waiting) + _client.InFlight;

    /// <summary>Takes up a stream that began after the link did. Any thread.</summary>
    public void Add(StreamPublisher stream)
    {
        lock (_changes)
        {
            _streams = [.. _streams, stream];
        }
    }

    /// <summary>Forgets a stream that has ended, once all that waits of it is published. Any thread.</summary>
    public void Remove(StreamOutlet outlet)
    {
        lock (_changes)
        {
            foreach (StreamPublisher stream in _streams)
            {
                stream.Retire(outlet);
            }

            _anyRetired = true;
        }
    }

    /// <summary>Ends <see cref="Run"/> once all is sent, or the limit is reached, or there is no broker to wait for.</summary>
    public void RequestStop(long now, TimeSpan limit)
    {
        long limitTicks = (long)(limit.TotalSeconds * Stopwatch.Frequency);
        _stopAt = now + limitTicks;
        _flushUntil = _stopAt - Math.Min(FarewellMs * _ticksPerMs, limitTicks / 4);
        Volatile.Write(ref _stopRequested, true);
        _wake.Set();
    }

    /// <summary>The body of the I/O thread.</summary>
    public void Run()
    {
        _notAcceptingSince = Stopwatch.GetTimestamp();
        while (!IsFlushed())
        {
            Step();
        }

        SayGoodbye();
    }

    private void Step()
    {
        Wait(WaitMs(Stopwatch.GetTimestamp()));
        long now = Stopwatch.GetTimestamp();
        if (_connection.Update(now))
        {
            _announcements.Restart();
            _progressAt = now;
            _lastMiscAt = now;
        }

        Interlocked.Exchange(ref _reconnects, Math.Max(0, _connection.Reconnects));
        Volatile.Write(ref _connected, _client.Phase == ConnectionPhase.Connected);
        TellSources();
        if (IsAccepting(now))
        {
            _notAcceptingSince = now;
            Publish(now);
        }
        else
        {
            Shelve(now);
        }

        if (_anyRetired)
        {
            ForgetRetired();
        }

        Interlocked.Exchange(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread());
    }

    private void ForgetRetired()
    {
        lock (_changes)
        {
            foreach (StreamPublisher stream in _streams.Where(stream => stream.IsOver))
            {
                Interlocked.Add(ref _droppedBefore, stream.Dropped);
                Interlocked.Add(ref _droppedEventsBefore, stream.DroppedEvents);
            }

            _streams = [.. _streams.Where(stream => !stream.IsOver)];
            _anyRetired = _streams.Any(stream => stream.IsRetired);
        }
    }

    private void TellSources()
    {
        if (_connection.IsWaiting)
        {
            _topics?.LoseBroker();
        }

        if (_topics?.TakeRefusal() is { } filter)
        {
            _connection.ReportRefusal(filter);
        }
    }

    private int WaitMs(long now)
    {
        int waitMs = Math.Min(1000, Math.Min(_connection.WaitMs(now), _historyWaitMs));
        if (_client.Phase == ConnectionPhase.Connected)
        {
            waitMs = Math.Min(waitMs, RoomFor(_window) ? _announcements.WaitMs(now) : StallMs);
        }

        return Volatile.Read(ref _stopRequested) ? Math.Min(waitMs, 20) : waitMs;
    }

    private unsafe void Wait(int timeoutMs)
    {
        LibC.PollFd* polled = stackalloc LibC.PollFd[2];
        polled[0] = new LibC.PollFd { Fd = _wake.Fd, Events = LibC.POLLIN };
        polled[1] = new LibC.PollFd { Fd = _client.Socket, Events = _client.WantedEvents };
        int ready = LibC.Poll(polled, 2, timeoutMs);
        _wake.Clear();
        if (ready > 0)
        {
            _client.Advance(polled[1].Revents);
        }

        long now = Stopwatch.GetTimestamp();
        if (now - _lastMiscAt >= 1000 * _ticksPerMs)
        {
            _lastMiscAt = now;
            _client.Misc();
        }
    }

    private bool IsAccepting(long now)
    {
        if (_client.Acknowledged != _lastAcknowledged || RoomFor(_window))
        {
            _lastAcknowledged = _client.Acknowledged;
            _progressAt = now;
        }

        return _client.Phase == ConnectionPhase.Connected && now - _progressAt < StallMs * _ticksPerMs;
    }

    private void Shelve(long now)
    {
        int keep = now - _notAcceptingSince < GraceMs * _ticksPerMs ? GraceRecords : 1;
        foreach (StreamPublisher stream in _streams)
        {
            // A broker that merely pauses costs nothing while the live ring has room beside a full backlog.
            stream.Shelve(keep, mayDrop: _client.Phase != ConnectionPhase.Connected);
        }

        _historyWaitMs = int.MaxValue;
    }

    private void Publish(long now)
    {
        if (RoomFor(_window) && _announcements.AreDue(now))
        {
            _announcements.Publish(_client, now, new LinkCounters(_client.Published, _client.Acknowledged, _client.Rejected,
                Reconnects, DroppedRecords, DroppedEvents, BacklogRecords, AllocatedBytes));
        }

        foreach (StreamPublisher stream in _streams)
        {
            while (RoomFor(_window) && stream.TryPublishEvent(_client, _buffer))
            {
            }
        }

        PublishLive();
        PublishHistory(now);
    }

    // One record of each stream in turn, so that a fast stream does not hold back a slow one.
    private void PublishLive()
    {
        StreamPublisher[] streams = _streams;
        bool any = true;
        while (any)
        {
            any = false;
            for (int i = 0; i < streams.Length && RoomFor(_window); i++)
            {
                _firstStream = (_firstStream + 1) % streams.Length;
                any |= streams[_firstStream].TryPublishLive(_client, _buffer);
            }
        }
    }

    // Half the window stays free, so that a live record never waits for the PUBACK of an old one.
    private void PublishHistory(long now)
    {
        bool isStopping = Volatile.Read(ref _stopRequested);
        _historyWaitMs = int.MaxValue;
        foreach (StreamPublisher stream in _streams)
        {
            while (stream.BacklogCount > 0 && RoomFor(isStopping ? _window : Math.Max(1, _window / 2)))
            {
                if (!isStopping && !_historyRate.TryTake(now))
                {
                    _historyWaitMs = Math.Max(1, _historyRate.WaitMs);
                    return;
                }

                stream.TryPublishHistory(_client, _buffer);
            }
        }
    }

    private bool RoomFor(int limit) => _client.Phase == ConnectionPhase.Connected && _client.InFlight < limit;

    private bool IsFlushed()
    {
        if (!Volatile.Read(ref _stopRequested))
        {
            return false;
        }

        bool isAllDelivered = Undelivered == 0 && Sum(static stream => stream.EventCount) == 0;
        return isAllDelivered || Stopwatch.GetTimestamp() >= _flushUntil || _connection.IsWaiting;
    }

    private void SayGoodbye()
    {
        if (_client.Phase == ConnectionPhase.Connected)
        {
            _announcements.PublishOffline(_client);
            while (_client.InFlight > 0 && _client.Phase == ConnectionPhase.Connected && WaitUntilStop())
            {
            }

            _client.Disconnect();
            while (_client.Phase != ConnectionPhase.Idle && WaitUntilStop())
            {
            }
        }

        Volatile.Write(ref _connected, false);
    }

    private bool WaitUntilStop()
    {
        long leftMs = (_stopAt - Stopwatch.GetTimestamp()) / _ticksPerMs;
        if (leftMs <= 0)
        {
            return false;
        }

        Wait((int)Math.Min(leftMs, 100));
        return true;
    }

    private long Sum(Func<StreamPublisher, long> count)
    {
        long sum = 0;
        foreach (StreamPublisher stream in _streams)
        {
            sum += count(stream);
        }

        return sum;
    }
}
