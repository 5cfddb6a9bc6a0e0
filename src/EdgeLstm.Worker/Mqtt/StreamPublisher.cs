// One stream on the I/O thread: live records to `state`, what the broker missed to `history`, events to `event` in any case.
//
//     Live ring ── connected ──────────────→ state (and event)
//         └────── broker away → backlog ring → history
//                             → event ring   → event, before the stream's history

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Takes one record at a time and hands it to the client. Nothing is allocated per record.</summary>
internal sealed class StreamPublisher
{
    /// <summary>Events kept while the broker is away; when full the oldest go first, counted.</summary>
    public const int EventRecords = 256;

    private readonly StreamOutlet _outlet;
    private readonly RecordRing _backlog;
    private readonly RecordRing _events;
    private readonly StreamRecord _record;
    private readonly RecordPayload _payload;
    private readonly byte[] _stateTopic;
    private readonly byte[] _eventTopic;
    private readonly byte[] _historyTopic;

    public StreamPublisher(StreamOutlet outlet, MqttTopics topics, string boot)
    {
        _outlet = outlet;
        int channels = outlet.Channels.Count;
        int outputs = outlet.Outputs.Count;
        _backlog = new RecordRing(outlet.BacklogRecords, channels, outputs);
        _events = new RecordRing(EventRecords, channels, outputs);
        _record = new StreamRecord(channels, outputs);
        _payload = new RecordPayload(boot, outlet.Channels, ForecastLayout.Group(outlet.Outputs));
        _stateTopic = MqttTopics.Encode(topics.StreamName(outlet.Name, "state"));
        _eventTopic = MqttTopics.Encode(topics.StreamName(outlet.Name, "event"));
        _historyTopic = MqttTopics.Encode(topics.StreamName(outlet.Name, "history"));
    }

    /// <summary>Records overwritten before they were handed over.</summary>
    public long Dropped => _outlet.Live.Dropped + _backlog.Dropped;

    /// <summary>Events overwritten before they were handed over; their records count in <see cref="Dropped"/> by
    /// themselves.</summary>
    public long DroppedEvents => _events.Dropped;

    /// <summary>Records waiting for <c>history</c>.</summary>
    public long BacklogCount => _backlog.Count;

    /// <summary>Events that happened while the broker was away and wait for it.</summary>
    public long EventCount => _events.Count;

    /// <summary>Records waiting, live and old.</summary>
    public long Waiting => _outlet.Live.Count + _backlog.Count;

    /// <summary>Whether its stream has ended.</summary>
    public bool IsRetired { get; private set; }

    /// <summary>Whether its stream has ended and nothing waits of it.</summary>
    public bool IsOver => IsRetired && Waiting == 0 && EventCount == 0;

    /// <summary>Says that the stream of this outlet has ended.</summary>
    public void Retire(StreamOutlet outlet) => IsRetired |= ReferenceEquals(outlet.Live, _outlet.Live);

    /// <summary>Moves live records to the backlog until <paramref name="keep"/> are left.</summary>
    /// <param name="keep">Live records to leave.</param>
    /// <param name="mayDrop">Whether a full backlog drops its oldest; otherwise the rest stays in the live ring.</param>
    public void Shelve(int keep, bool mayDrop)
    {
        while (_outlet.Live.Count > keep
            && (mayDrop || _backlog.Count < _outlet.BacklogRecords)
            && _outlet.Live.TryTake(_record, out _))
        {
            _backlog.Append(_record);
            if (_record.Event != StreamEvent.None)
            {
                _events.Append(_record);
            }
        }
    }

    /// <summary>Publishes the oldest event that happened while the broker was away; false when there is none.</summary>
    public bool TryPublishEvent(MosquittoClient client, PayloadBuffer buffer)
    {
        if (!_events.TryTake(_record, out _))
        {
            return false;
        }

        client.Publish(_eventTopic, _payload.WriteEvent(buffer, _record), retain: false);
        return true;
    }

    /// <summary>Publishes the oldest live record, an event on both topics; false when there is none.</summary>
    public bool TryPublishLive(MosquittoClient client, PayloadBuffer buffer)
    {
        if (!_outlet.Live.TryTake(_record, out _))
        {
            return false;
        }

        if (_record.Event != StreamEvent.None)
        {
            client.Publish(_eventTopic, _payload.WriteEvent(buffer, _record), retain: false);
        }

        client.Publish(_stateTopic, _payload.WriteState(buffer, _record), retain: false);
        return true;
    }

    /// <summary>Publishes the oldest record of the backlog; false when there is none.</summary>
    public bool TryPublishHistory(MosquittoClient client, PayloadBuffer buffer)
    {
        if (!_backlog.TryTake(_record, out _))
        {
            return false;
        }

        client.Publish(_historyTopic, _payload.WriteState(buffer, _record), retain: false);
        return true;
    }
}
