// From the broker's connection to the streams: which topics to ask for, and whose queue a message goes to.
//
//     message → every subscription whose filter matches → the stream's queue
//                                                       → the device's queue, or the newcomers

using System.Text;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Sensors;

/// <summary>The topics that streams read. Any thread opens and releases them, one at a time; the rest is for the connection's I/O
/// thread, which takes a change up before its next message.</summary>
/// <remarks>
/// Nothing is allocated per message and nothing waits. A retained message is an old value of unknown age: dropped and counted.
/// </remarks>
public sealed class TopicRouter
{
    private const string Away = "the broker is not connected";
    private const string Silent = "no message since the broker is back";

    private readonly List<TopicSubscription> _opened = [];
    private Table _table = new([], [], [], []);
    private Table? _changed;   // what the I/O thread has not taken up yet
    private string? _refused;
    private long _routed;
    private long _retained;

    /// <summary>What is subscribed to.</summary>
    /// <param name="Subscriptions">All, in the order they were opened.</param>
    /// <param name="Asked">For each the position of the filter that the broker is asked for [subscriptions].</param>
    /// <param name="Filters">Null-terminated.</param>
    /// <param name="PacketIds">Of each filter's SUBSCRIBE [filters].</param>
    private sealed record Table(TopicSubscription[] Subscriptions, int[] Asked, byte[][] Filters, int[] PacketIds);

    /// <summary>Messages that went to a stream or a new device.</summary>
    internal long Routed => Interlocked.Read(ref _routed);

    /// <summary>Messages dropped because they were retained.</summary>
    internal long Retained => Interlocked.Read(ref _retained);

    /// <summary>What to ask the broker for: null-terminated, none of them covered by another, so that no message comes
    /// twice. Another list whenever it has changed.</summary>
    internal byte[][] Filters => Current.Filters;

    private Table Current
    {
        get
        {
            if (Volatile.Read(ref _changed) is not null)
            {
                _table = Interlocked.Exchange(ref _changed, null) ?? _table;
            }

            return _table;
        }
    }

    /// <summary>The source of a stream whose topic names no device.</summary>
    public QueuedSource Open(StreamPlan stream)
    {
        string topic = stream.Settings.Source.Topic!;
        QueuedSource source = TopicQueue.Create(topic, TopicQueue.LongestMessage(stream.Profile));
        _opened.Add(new TopicSubscription(new TopicFilter(topic), source));
        Change();
        return source;
    }

    /// <summary>The devices of a stream whose topic names them.</summary>
    internal DeviceTable OpenDevices(StreamPlan stream, Newcomers newcomers)
    {
        DeviceTable devices = new(stream, newcomers);
        _opened.Add(new TopicSubscription(new TopicFilter(stream.Settings.Source.Topic!), devices));
        Change();
        return devices;
    }

    /// <summary>Ends what <see cref="Open"/> or <see cref="OpenDevices"/> began.</summary>
    internal void Release(object target)
    {
        if (_opened.RemoveAll(subscription => subscription.Feeds(target)) > 0)
        {
            Change();
        }
    }

    /// <summary>Takes one message.</summary>
    internal void Put(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, bool retained)
    {
        long timeNs = ByteSource.MonotonicNs();
        bool taken = false;
        foreach (TopicSubscription subscription in Current.Subscriptions)
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

    /// <summary>Notes which packet asks for a filter; the broker answers with its id. Nothing where the list has changed since:
    /// then all of them are asked for again.</summary>
    /// <param name="filters">What <see cref="Filters"/> gave.</param>
    /// <param name="filter">Position in it.</param>
    /// <param name="packetId">Packet id of SUBSCRIBE.</param>
    internal void Ask(byte[][] filters, int filter, int packetId)
    {
        Table table = Current;
        if (ReferenceEquals(table.Filters, filters))
        {
            table.PacketIds[filter] = packetId;
        }
    }

    /// <summary>Takes the broker's answer, SUBACK.</summary>
    internal void Answer(int packetId, bool granted)
    {
        Table table = Current;
        int filter = Array.IndexOf(table.PacketIds, packetId);
        for (int i = 0; i < table.Subscriptions.Length; i++)
        {
            TopicSubscription subscription = table.Subscriptions[i];
            if (filter < 0 || table.Asked[i] != filter)
            {
                continue;
            }

            if (!granted)
            {
                _refused = TextOf(table.Filters[filter]);
                subscription.Lose(Refusal(_refused));
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
        string? refused = _refused;
        _refused = null;
        return refused;
    }

    /// <summary>Says that there is no connection; tells the streams once until it is back.</summary>
    internal void LoseBroker()
    {
        foreach (TopicSubscription subscription in Current.Subscriptions)
        {
            if (!subscription.IsLost)
            {
                subscription.IsLost = true;
                subscription.Lose(Away);
            }
        }
    }

    private void Change()
    {
        TopicSubscription[] all = [.. _opened];
        TopicFilter[] asked = [.. all.Select(one => one.Filter).Where((filter, i) => !IsCovered(all, i))];
        Volatile.Write(ref _changed, new Table(
            all,
            Array.ConvertAll(all, one => Array.FindIndex(asked, filter => filter.Covers(one.Filter))),
            [.. asked.Select(filter => Encoding.UTF8.GetBytes(filter.Filter + '\0'))],
            new int[asked.Length]));
    }

    // By a wider filter, or by an equal one that comes first.
    private static bool IsCovered(TopicSubscription[] all, int index)
    {
        TopicFilter filter = all[index].Filter;
        return all.Where((other, i) => i != index && other.Filter.Covers(filter) && (i < index || !filter.Covers(other.Filter)))
            .Any();
    }

    private static string Refusal(string filter) =>
        $"the broker refuses subscription to '{filter}'; check its access rules for this user";

    private static string TextOf(byte[] filter) => Encoding.UTF8.GetString(filter.AsSpan(0, filter.Length - 1));
}
