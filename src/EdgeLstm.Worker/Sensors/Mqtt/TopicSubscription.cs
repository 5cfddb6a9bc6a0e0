// One stream's topic: its messages go to the stream's queue, or to those of the devices that the topic names.

namespace EdgeLstm.Worker.Sensors;

/// <summary>Where the messages of one filter go. All members belong to the I/O thread of the broker's connection.</summary>
internal sealed class TopicSubscription
{
    private readonly QueuedSource? _source;
    private readonly DeviceTable? _devices;

    /// <summary>A topic with one stream.</summary>
    public TopicSubscription(TopicFilter filter, QueuedSource source)
    {
        Filter = filter;
        _source = source;
    }

    /// <summary>A topic with one stream for each device.</summary>
    public TopicSubscription(TopicFilter filter, DeviceTable devices)
    {
        Filter = filter;
        _devices = devices;
    }

    /// <summary>Which topics.</summary>
    public TopicFilter Filter { get; }

    /// <summary>Whether the sources were told that no message can come.</summary>
    public bool IsLost { get; set; }

    /// <summary>Whether the messages go to this queue or to these devices.</summary>
    public bool Feeds(object target) => _source == target || _devices == target;

    /// <summary>Takes one message.</summary>
    public void Take(ReadOnlySpan<byte> device, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (_source is not null)
        {
            _source.Offer(payload, timeNs);
        }
        else
        {
            _devices!.Take(device, payload, timeNs);
        }
    }

    /// <summary>Tells the sources why no message comes.</summary>
    public void Lose(string problem)
    {
        _source?.Lose(problem);
        _devices?.Lose(problem);
    }
}
