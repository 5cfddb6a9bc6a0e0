// Records of a stream whose broker accepts some, but not all of them.

using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Mqtt;

public sealed class StreamPublisherTests
{
    private const int Ring = 64;
    private const long Patience = 1000;

    private readonly PayloadBuffer _buffer = new();
    private readonly RecordOutbox _outbox = new(hasDisk: false);
    private readonly StreamOutlet _outlet = LinkBench.NewOutlet(Ring);
    private readonly StreamPublisher _publisher;
    private long _sequence;

    public StreamPublisherTests() => _publisher = new(_outlet, new MqttTopics("edgelstm", "pi"), LinkBench.Boot, _outbox);

    [Fact]
    public void What_waits_for_longer_than_a_broker_may_take_goes_to_the_outbox()
    {
        Append(5);
        _publisher.ShelveOverdue(_buffer, 0, Patience);
        Append(3);
        _publisher.ShelveOverdue(_buffer, Patience - 1, Patience);
        Assert.Equal((8, 0), (_outlet.Live.Count, _outbox.Queued));

        _publisher.ShelveOverdue(_buffer, Patience, Patience);
        Assert.Equal((3, 5), (_outlet.Live.Count, _outbox.Queued));

        _publisher.ShelveOverdue(_buffer, Patience + 1, Patience);
        _publisher.ShelveOverdue(_buffer, (2 * Patience) + 1, Patience);
        Assert.Equal((0, 8), (_outlet.Live.Count, _outbox.Queued));
    }

    [Fact]
    public void What_a_ring_dropped_is_counted_on_when_its_stream_is_gone()
    {
        Append(Ring + 7);
        _publisher.CountDropped();
        Assert.Equal(7, _outbox.DroppedOf(_outlet.Name).Samples);
    }

    private void Append(int count)
    {
        StreamRecord record = new(2, 5) { TimestampUnixMs = 1_700_000_000_000 };
        for (int i = 0; i < count; i++)
        {
            record.Sequence = ++_sequence;
            _outlet.Live.Append(record);
        }
    }
}
