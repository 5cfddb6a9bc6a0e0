// What passed through a link: every PUBLISH with its packet id and record, every PUBACK, every connection.

using System.Diagnostics;

namespace EdgeLstm.Faults.Rig;

/// <summary>One connection of the program to its broker.</summary>
/// <param name="BeganTicks">When its CONNECT passed, in Stopwatch ticks.</param>
/// <param name="ConnectBytes">Length of that packet.</param>
internal sealed record LinkPassage(long BeganTicks, int ConnectBytes)
{
    /// <summary>When it ended; 0 while it has not.</summary>
    public long EndedTicks { get; set; }
}

/// <summary>Written by the threads of a <see cref="FaultyLink"/>, read by tests.</summary>
internal sealed class LinkLedger
{
    private readonly object _gate = new();   // no Lock: tests wait on it
    private readonly NumberCounts _published = new();
    private readonly NumberCounts _acknowledged = new();
    private readonly Dictionary<ushort, int> _inFlight = [];
    private readonly List<LinkPassage> _passages = [];
    private int _lastId;

    /// <summary>PUBLISH packets without their PUBACK at the worst moment.</summary>
    public int MostInFlight { get; private set; }

    /// <summary>PUBLISH packets with an id that was still without its PUBACK: a violation of MQTT 3.1.1, 2.3.1.</summary>
    public int IdsReused { get; private set; }

    /// <summary>PUBACKs for an id that nobody had used.</summary>
    public int StrayAcks { get; private set; }

    /// <summary>PUBLISH packets that said they are sent again.</summary>
    public int Repeats { get; private set; }

    /// <summary>Times that the packet id began again from 1.</summary>
    public int IdWraps { get; private set; }

    /// <summary>PUBACKs that were kept from the program.</summary>
    public int Swallowed { get; private set; }

    /// <summary>Connections so far, oldest first.</summary>
    public IReadOnlyList<LinkPassage> Passages
    {
        get { lock (_gate) { return [.. _passages]; } }
    }

    /// <summary>How often a record was published.</summary>
    public int PublishesOf(int number) => Read(() => _published[number]);

    /// <summary>Whether the program has been given a PUBACK for a record.</summary>
    public bool IsAcknowledged(int number) => Read(() => _acknowledged[number] > 0);

    /// <summary>Records that were published again after they had been once.</summary>
    public int RepeatedRecords => Read(() => _published.Repeats);

    /// <summary>Waits until the condition holds; it is looked at after each packet.</summary>
    public bool Wait(Func<LinkLedger, bool> condition, int seconds = 30)
    {
        long until = Environment.TickCount64 + (seconds * 1000L);
        lock (_gate)
        {
            while (!condition(this))
            {
                int leftMs = (int)(until - Environment.TickCount64);
                if (leftMs <= 0 || !Monitor.Wait(_gate, leftMs))
                {
                    return condition(this);
                }
            }
        }

        return true;
    }

    /// <summary>A CONNECT passes: packet ids begin anew with the session.</summary>
    public LinkPassage Begin(int connectBytes)
    {
        LinkPassage passage = new(Stopwatch.GetTimestamp(), connectBytes);
        Note(() =>
        {
            _passages.Add(passage);
            _inFlight.Clear();
        });
        return passage;
    }

    /// <summary>A connection has ended.</summary>
    public void End(LinkPassage passage) => Note(() => passage.EndedTicks = Stopwatch.GetTimestamp());

    /// <summary>A PUBLISH of the program passes.</summary>
    public void Publish(MqttPacket packet)
    {
        if (packet.Qos == 0)
        {
            return;
        }

        int number = PublishedRecord.TryRead(packet.Topic, packet.Payload, out PublishedRecord record)
            && record.Topic != RecordTopic.Event ? record.Number : -1;
        ushort id = packet.Id;
        bool isRepeat = packet.IsRepeat;
        Note(() =>
        {
            IdsReused += _inFlight.TryAdd(id, number) ? 0 : 1;
            _inFlight[id] = number;
            MostInFlight = Math.Max(MostInFlight, _inFlight.Count);
            Repeats += isRepeat ? 1 : 0;
            IdWraps += id < _lastId && !isRepeat ? 1 : 0;
            _lastId = id;
            if (number >= 0)
            {
                _published.Add(number);
            }
        });
    }

    /// <summary>A PUBACK of the broker passes, or is kept back.</summary>
    public void Acknowledge(ushort id, bool isSwallowed) => Note(() =>
    {
        if (isSwallowed)
        {
            Swallowed++;
            return;
        }

        StrayAcks += _inFlight.Remove(id, out int number) ? 0 : 1;
        if (number >= 0)
        {
            _acknowledged.Add(number);
        }
    });

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void Note(Action change)
    {
        lock (_gate)
        {
            change();
            Monitor.PulseAll(_gate);
        }
    }
}
