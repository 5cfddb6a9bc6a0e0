// What comes out of the outbox: events first, then history at a bounded rate; in strict mode live records too.

using System.Diagnostics;
using EdgeLstm.Worker.Outbox;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Hands records of the outbox to the client. Used by the I/O thread only.</summary>
/// <param name="client">The client.</param>
/// <param name="outbox">The outbox.</param>
/// <param name="topics">The device's topics.</param>
/// <param name="recordsPerSecond">Rate of history, all streams together.</param>
internal sealed class BacklogPublisher(BrokerClient client, RecordOutbox outbox, MqttTopics topics, int recordsPerSecond)
{
    private readonly RateLimit _rate = new(recordsPerSecond);
    private readonly List<StreamTopics> _topics = [];   // by the outbox's number of the stream
    private byte[] _buffer = new byte[4096];

    /// <summary>Milliseconds until history may go on; <see cref="int.MaxValue"/> when the rate does not hold it back.</summary>
    public int WaitMs { get; private set; } = int.MaxValue;

    /// <summary>Publishes the next event that the broker missed; false when there is none.</summary>
    public bool TryPublishEvent()
    {
        if (!outbox.TryTake(OutboxKind.Event, ref _buffer, out OutboxEntry entry))
        {
            return false;
        }

        Publish(entry, TopicsOf(entry.Stream).Event);
        return true;
    }

    /// <summary>Publishes the next live record that is on the disk by now; false when there is none.</summary>
    public bool TryPublishReleased()
    {
        if (!outbox.TryTakeReleased(ref _buffer, out OutboxEntry entry))
        {
            return false;
        }

        StreamTopics ofStream = TopicsOf(entry.Stream);
        Publish(entry, entry.Kind == OutboxKind.Event ? ofStream.Event : ofStream.State);
        return true;
    }

    /// <summary>Publishes history while the rate and the window allow it.</summary>
    /// <param name="hasRoom">Whether the window has room.</param>
    /// <param name="now">The time, in Stopwatch ticks.</param>
    /// <param name="isUnlimited">Whether the rate does not count: the link is stopping.</param>
    public void PublishHistory(Func<bool> hasRoom, long now, bool isUnlimited)
    {
        WaitMs = int.MaxValue;
        while (hasRoom() && outbox.HasSample)
        {
            if (!isUnlimited && !_rate.TryTake(now))
            {
                WaitMs = Math.Max(1, _rate.WaitMs);
                return;
            }

            if (outbox.TryTake(OutboxKind.Sample, ref _buffer, out OutboxEntry entry))
            {
                Publish(entry, TopicsOf(entry.Stream).History);
            }
        }
    }

    private void Publish(OutboxEntry entry, byte[] topic)
    {
        ReadOnlySpan<byte> payload = _buffer.AsSpan(0, entry.Length);
        entry.Packet = client.Publish(topic, payload, retain: false);
        entry.AddedAt = Stopwatch.GetTimestamp();
        if (entry.Packet > 0)
        {
            outbox.Track(entry, payload);
        }
        else
        {
            outbox.Forget(entry);   // refused for good, and counted
        }
    }

    private StreamTopics TopicsOf(int stream)
    {
        while (_topics.Count <= stream)
        {
            _topics.Add(new StreamTopics(topics, outbox.NameOf(_topics.Count)));
        }

        return _topics[stream];
    }
}
