// From the broker's connection to the streams: which topics to ask for, and whose queue a message goes to.
//
//     message → every subscription whose filter matches → the stream's queue
//                                                       → the device's queue, or the newcomers

using System.Text;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Sensors;

/// <summary>The topics that streams read. They are opened before the connection is; from then on the rest is for the connection's
/// I/O thread.</summary>
/// <remarks>
/// Nothing is allocated per message and nothing waits. A retained message is an old value of unknown age: dropped and counted.
/// </remarks>
public sealed class TopicRouter
{
    private const string Away = "the broker is not connected";
    private const string Silent = "no message since the broker is back";

    private readonly List<TopicSubscription> _opened = [];
    private TopicSubscription[] _subscriptions = [];
    private byte[][] _filters = [];
    private int[] _packetIds = [];
    private int _refused = -1;
    private long _routed;
    private long _retained;

    /// <summary>Messages that went to a stream or a new device.</summary>
    internal long Routed => Interlocked.Read(ref _routed);

    /// <summary>Messages dropped because they were retained.</summary>
    internal long Retained => Interlocked.Read(ref _retained);

    /// <summary>What to ask the broker for: null-terminated, none of them covered by another, so that no message comes
    /// twice.</summary>
    internal IReadOnlyList<byte[]> Filters => _filters;

    /// <summary>The source of a stream whose topic names no device.</summary>
    public QueuedSource Open(StreamPlan stream)
    {
        string topic = stream.Settings.Source.Topic!;
        QueuedSource source = TopicQueue.Create(topic, TopicQueue.LongestMessage(stream.Profile));
        Add(new TopicSubscription(new TopicFilter(topic), source));
        return source;
    }

    /// <summary>The devices of a stream whose topic names them.</summary>
    internal DeviceTable OpenDevices(StreamPlan stream, Newcomers newcomers)
    {
        DeviceTable devices = new(stream, newcomers);
        Add(new TopicSubscription(new TopicFilter(stream.Settings.Source.Topic!), devices));
        return devices;
    }

    /// <summary>Takes one message.</summary>
    internal void Put(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, bool retained)
    {
        long timeNs = ByteSource.MonotonicNs();
        bool taken = false;
        foreach (TopicSubscription subscription in _subscriptions)
        {
            if (subscription.Filter.Matches(topic, out ReadOnlySpan<byte> device))
            {
                taken = true;
                if (!retained)
                {
                    subscription.Take(device, payload, timeNs);
                }
            }
        }

        if (taken)
        {
            Interlocked.Increment(ref retained ? ref _retained : ref _routed);
        }
    }

    /// <summary>Notes which packet asks for a filter; the broker answers with its id.</summary>
    /// <param name="filter">Position among <see cref="Filters"/>.</param>
    /// <param name="packetId">Packet id of SUBSCRIBE.</param>
    internal void Ask(int filter, int packetId) => _packetIds[filter] = packetId;

    /// <summary>Takes the broker's answer, SUBACK.</summary>
    internal void Answer(int packetId, bool granted)
    {
        int filter = Array.IndexOf(_packetIds, packetId);
        foreach (TopicSubscription subscription in _subscriptions)
        {
            if (subscription.Asked != filter)
            {
                continue;
            }

            if (!granted)
            {
                subscription.Lose(Refusal(filter));
                _refused = filter;
            }
            else if (subscription.IsLost)
            {
                subscription.Lose(Silent);
            }

            subscription.IsLost = !granted;
        }
    }

    /// <summary>The filter that the broker has refused since the last call; null for none.</summary>
    internal string? TakeRefusal()
    {
        string? refused = _refused < 0 ? null : TextOf(_refused);
        _refused = -1;
        return refused;
    }

    /// <summary>Says that there is no connection; tells the streams once until it is back.</summary>
    internal void LoseBroker()
    {
        foreach (TopicSubscription subscription in _subscriptions)
        {
            if (!subscription.IsLost)
            {
                subscription.IsLost = true;
                subscription.Lose(Away);
            }
        }
    }

    private void Add(TopicSubscription subscription)
    {
        _opened.Add(subscription);
        TopicSubscription[] all = [.. _opened];
        TopicFilter[] asked = [.. all.Select(one => one.Filter).Where((filter, i) => !IsCovered(all, i))];
        foreach (TopicSubscription one in all)
        {
            one.Asked = Array.FindIndex(asked, filter => filter.Covers(one.Filter));
        }

        _filters = [.. asked.Select(filter => Encoding.UTF8.GetBytes(filter.Filter + '\0'))];
        _packetIds = new int[asked.Length];
        _subscriptions = all;
    }

    // By a wider filter, or by an equal one that comes first.
    private static bool IsCovered(TopicSubscription[] all, int index)
    {
        TopicFilter filter = all[index].Filter;
        return all.Where((other, i) => i != index && other.Filter.Covers(filter) && (i < index || !filter.Covers(other.Filter)))
            .Any();
    }

    private string Refusal(int filter) =>
        $"the broker refuses subscription to '{TextOf(filter)}'; check its access rules for this user";

    private string TextOf(int filter) => Encoding.UTF8.GetString(_filters[filter].AsSpan(0, _filters[filter].Length - 1));
}
