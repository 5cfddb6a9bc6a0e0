// The I/O thread: wait, read and write the socket, keep the connection, publish in order of urgency.
//
//     poll(socket, eventfd) → client → connection → announcements → events → live → history

using System.Diagnostics;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>What the I/O thread does, and the counters that other threads read.</summary>
internal sealed class MqttSession
{
    /// <summary>For this long after start or loss, a few live records wait for the connection instead of becoming history. With
    /// the window full, no PUBACK for this long means that the broker accepts nothing. A disk that is to have everything after
    /// the flush interval shortens it.</summary>
    private const int GraceMs = 1000;
    private const int LeastPatienceMs = 50;

    /// <summary>How many. Later on one is kept where there is no disk: the newest, which is the stream's state when the broker is
    /// back.</summary>
    private const int GraceRecords = 16;

    /// <summary>Time kept of a stop's limit for the offline message.</summary>
    private const int FarewellMs = 250;

    private readonly int _window;
    private readonly BrokerClient _client;
    private readonly BrokerConnection _connection;
    private readonly MqttAnnouncements _announcements;
    private readonly TopicRouter? _topics;
    private readonly WakeSignal _wake;
    private readonly RecordOutbox _outbox;
    private readonly BacklogPublisher _backlog;
    private readonly Func<bool> _hasHistoryRoom;
    private readonly bool _isStrict;
    private readonly long _stallTicks;
    private readonly long _graceTicks;
    private readonly bool _hasDisk;
    private readonly PayloadBuffer _buffer = new();
    private readonly long _ticksPerMs = Stopwatch.Frequency / 1000;

    private readonly Lock _changes = new();
    private volatile StreamPublisher[] _streams;   // replaced, never changed
    private volatile bool _anyRetired;
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

    public MqttSession(
        MqttOptions options,
        BrokerClient client,
        BrokerConnection connection,
        MqttAnnouncements announcements,
        StreamPublisher[] streams,
        WakeSignal wake,
        TopicRouter? topics,
        RecordOutbox outbox,
        BacklogPublisher backlog,
        OutboxPlan? disk)
    {
        _window = options.InFlight;
        _client = client;
        _connection = connection;
        _announcements = announcements;
        _streams = streams;
        _wake = wake;
        _topics = topics;
        _outbox = outbox;
        _backlog = backlog;
        _hasHistoryRoom = HasHistoryRoom;
        _isStrict = disk?.IsStrict ?? false;
        int patienceMs = disk is null ? GraceMs : Math.Min(GraceMs, Math.Max(LeastPatienceMs, (int)disk.Grace.TotalMilliseconds));
        _graceTicks = patienceMs * _ticksPerMs;
        _stallTicks = patienceMs * _ticksPerMs;
        _hasDisk = disk is not null;
    }

    public bool Connected => Volatile.Read(ref _connected);

    public long Reconnects => Interlocked.Read(ref _reconnects);

    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    public long DroppedRecords => Sum(static stream => stream.Dropped) + _outbox.Dropped.Samples;

    public long DroppedEvents => _outbox.Dropped.Events;

    public long BacklogRecords => _outbox.Backlog;

    /// <summary>All of them as health says them.</summary>
    public LinkCounters Counters => new(Connected, _client.Published, _client.Acknowledged, _client.Rejected,
        Reconnects, DroppedRecords, DroppedEvents, BacklogRecords, AllocatedBytes);

    /// <summary>Records in the rings and in memory, and messages without their PUBACK; not what waits on the disk.</summary>
    public long Undelivered => Sum(static stream => stream.Waiting) + _outbox.Queued + _client.InFlight;

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

        ShelveAll();
        SayGoodbye();
    }

    // What could not be sent is left to the disk, which makes room while it writes.
    private void ShelveAll()
    {
        do
        {
            foreach (StreamPublisher stream in _streams)
            {
                stream.Shelve(_buffer, keep: 0, mayDrop: false);
            }
        }
        while (Sum(static stream => stream.Waiting) > 0 && WaitUntilStop());
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
            ShelveOverdue(now);
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
                stream.CountDropped();
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
        int waitMs = Math.Min(1000, Math.Min(_connection.WaitMs(now), _backlog.WaitMs));
        if (_client.Phase == ConnectionPhase.Connected)
        {
            waitMs = Math.Min(waitMs, RoomFor(_window) ? _announcements.WaitMs(now) : (int)(_stallTicks / _ticksPerMs));
        }

        if (_hasDisk && Sum(static stream => stream.Waiting) > 0)
        {
            waitMs = Math.Min(waitMs, (int)(_graceTicks / _ticksPerMs));   // until the disk should have them
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

        return _client.Phase == ConnectionPhase.Connected && now - _progressAt < _stallTicks;
    }

    private void Shelve(long now)
    {
        int keep = now - _notAcceptingSince < _graceTicks ? GraceRecords : _hasDisk ? 0 : 1;
        foreach (StreamPublisher stream in _streams)
        {
            // A broker that merely pauses costs nothing while the live ring has room beside a full backlog.
            stream.Shelve(_buffer, keep, mayDrop: _client.Phase != ConnectionPhase.Connected);
        }

        _outbox.ReturnReleased();
    }

    // What waits in a ring is on no disk. Without one there is nothing to be gained.
    private void ShelveOverdue(long now)
    {
        if (!_hasDisk)
        {
            return;
        }

        foreach (StreamPublisher stream in _streams)
        {
            stream.ShelveOverdue(_buffer, now, _graceTicks);
        }
    }

    private void Publish(long now)
    {
        if (RoomFor(_window) && _announcements.AreDue(now))
        {
            _announcements.Publish(_client, now, Counters);
        }

        while (RoomFor(_window) && _backlog.TryPublishEvent())
        {
        }

        PublishLive();
        _backlog.PublishHistory(_hasHistoryRoom, now, isUnlimited: Volatile.Read(ref _stopRequested));
    }

    // One record of each stream in turn, so that a fast stream does not hold back a slow one.
    private void PublishLive()
    {
        StreamPublisher[] streams = _streams;
        bool isCommitted = _isStrict && _outbox.DiskWrites;   // a disk that fails does not stop live records
        bool any = true;
        while (any)
        {
            any = false;
            for (int i = 0; i < streams.Length && RoomFor(_window); i++)
            {
                _firstStream = (_firstStream + 1) % streams.Length;
                any |= isCommitted
                    ? streams[_firstStream].TryCommitLive(_buffer)
                    : streams[_firstStream].TryPublishLive(_client, _buffer);
            }
        }

        while (_isStrict && RoomFor(_window) && _backlog.TryPublishReleased())
        {
        }
    }

    // Half the window stays free, so that a live record never waits for the PUBACK of an old one.
    private bool HasHistoryRoom() => RoomFor(Volatile.Read(ref _stopRequested) ? _window : Math.Max(1, _window / 2));

    private bool RoomFor(int limit) => _client.Phase == ConnectionPhase.Connected && _client.InFlight < limit && _outbox.CanTrack;

    private bool IsFlushed()
    {
        if (!Volatile.Read(ref _stopRequested))
        {
            return false;
        }

        return Undelivered == 0 || Stopwatch.GetTimestamp() >= _flushUntil || _connection.IsWaiting;
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
