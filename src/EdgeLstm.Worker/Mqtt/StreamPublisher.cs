// One stream on the I/O thread: live records to `state`, what the broker missed to the outbox, events to `event` in any case.
//
//     Live ring ── connected ──────────────→ state (and event), a copy in flight
//         └────── broker away, or strict ──→ outbox

using System.Diagnostics;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Takes one record at a time and hands it to the client or the outbox. Nothing is allocated per record.</summary>
internal sealed class StreamPublisher
{
    private readonly StreamOutlet _outlet;
    private readonly RecordOutbox _outbox;
    private readonly StreamRecord _record;
    private readonly RecordPayload _payload;
    private readonly StreamTopics _topics;
    private readonly int _stream;
    private readonly uint _boot;
    private long _markedPosition;   // records before it were there at _markedAt
    private long _markedAt;

    /// <param name="outlet">The stream.</param>
    /// <param name="topics">The device's topics.</param>
    /// <param name="boot">Names this process start, 8 hexadecimal digits.</param>
    /// <param name="outbox">Takes what cannot be sent.</param>
    public StreamPublisher(StreamOutlet outlet, MqttTopics topics, string boot, RecordOutbox outbox)
    {
        _outlet = outlet;
        _outbox = outbox;
        _record = new StreamRecord(outlet.Channels.Count, outlet.Outputs.Count);
        _payload = new RecordPayload(boot, outlet.Channels, ForecastLayout.Group(outlet.Outputs));
        _topics = new StreamTopics(topics, outlet.Name);
        _boot = Convert.ToUInt32(boot, 16);
        _stream = outbox.Open(
            outlet.Name, outlet.BacklogRecords, RecordPayload.LargestBytes(outlet.Channels.Count, outlet.Outputs.Count));
    }

    /// <summary>Records overwritten in their ring.</summary>
    public long Dropped => _outlet.Live.Dropped;

    /// <summary>Records waiting in their ring.</summary>
    public long Waiting => _outlet.Live.Count;

    /// <summary>Whether its stream has ended.</summary>
    public bool IsRetired { get; private set; }

    /// <summary>Whether its stream has ended and nothing waits of it.</summary>
    public bool IsOver => IsRetired && Waiting == 0;

    /// <summary>Its ring goes: what that dropped is counted on by the outbox.</summary>
    public void CountDropped() => _outbox.CountDropped(_stream, _outlet.Live.Dropped);

    /// <summary>Says that the stream of this outlet has ended.</summary>
    public void Retire(StreamOutlet outlet) => IsRetired |= ReferenceEquals(outlet.Live, _outlet.Live);

    /// <summary>Moves live records to the outbox until <paramref name="keep"/> are left.</summary>
    /// <param name="buffer">For the payloads.</param>
    /// <param name="keep">Live records to leave.</param>
    /// <param name="mayDrop">Whether a full queue drops its oldest where no disk empties it; otherwise the rest stays in the
    /// ring.</param>
    public void Shelve(PayloadBuffer buffer, int keep, bool mayDrop)
    {
        while (_outlet.Live.Count > keep && TryShelve(buffer, isLive: false, mayDrop))
        {
        }
    }

    /// <summary>Moves live records to the outbox that wait for longer than a broker may take: it accepts some, but not
    /// all.</summary>
    /// <param name="buffer">For the payloads.</param>
    /// <param name="now">The time, in Stopwatch ticks.</param>
    /// <param name="patienceTicks">How long a record may wait.</param>
    public void ShelveOverdue(PayloadBuffer buffer, long now, long patienceTicks)
    {
        long waiting = _outlet.Live.Count;
        long head = _outlet.Live.Head;
        if (head - waiting >= _markedPosition)
        {
            (_markedPosition, _markedAt) = (head, now);
        }
        else if (now - _markedAt >= patienceTicks)
        {
            Shelve(buffer, (int)(head - _markedPosition), mayDrop: false);
        }
    }

    /// <summary>Moves the oldest live record to the outbox, to be published live once it is on the disk; false when there is none
    /// or no room.</summary>
    public bool TryCommitLive(PayloadBuffer buffer) => TryShelve(buffer, isLive: true, mayDrop: false);

    /// <summary>Publishes the oldest live record, an event on both topics; false when there is none.</summary>
    public bool TryPublishLive(BrokerClient client, PayloadBuffer buffer)
    {
        if (!_outlet.Live.TryTake(_record, out _))
        {
            return false;
        }

        if (_record.Event != StreamEvent.None)
        {
            Publish(client, _topics.Event, OutboxKind.Event, _payload.WriteEvent(buffer, _record));
        }

        Publish(client, _topics.State, OutboxKind.Sample, _payload.WriteState(buffer, _record));
        return true;
    }

    private void Publish(BrokerClient client, byte[] topic, OutboxKind kind, ReadOnlySpan<byte> payload)
    {
        int packet = client.Publish(topic, payload, retain: false);
        if (packet > 0)
        {
            _outbox.Track(Entry(kind) with { Packet = packet }, payload);
        }
    }

    private bool TryShelve(PayloadBuffer buffer, bool isLive, bool mayDrop)
    {
        if (!_outbox.MayAdd(_stream, mayDrop) || !_outlet.Live.TryTake(_record, out _))
        {
            return false;
        }

        if (_record.Event != StreamEvent.None)
        {
            _outbox.Add(Entry(OutboxKind.Event) with { IsLive = isLive }, _payload.WriteEvent(buffer, _record));
        }

        _outbox.Add(Entry(OutboxKind.Sample) with { IsLive = isLive }, _payload.WriteState(buffer, _record));
        return true;
    }

    private OutboxEntry Entry(OutboxKind kind) => new()
    {
        Stream = _stream,
        Kind = kind,
        Boot = _boot,
        Sequence = _record.Sequence,
        TimestampUnixMs = _record.IsUnsynced ? OutboxRow.NoTime : _record.TimestampUnixMs,
        AddedAt = Stopwatch.GetTimestamp(),
    };
}
