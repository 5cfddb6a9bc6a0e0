// A subscriber that keeps count instead of messages: which numbers came, how often, in which order, and the newest health.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EdgeLstm.Faults.Rig;

/// <summary>Hears one device. What it counts once is a record with its own (boot, seq), on `state` or on `history`.</summary>
internal sealed class RecordSubscriber : IDisposable
{
    private readonly object _gate = new();   // no Lock: tests wait on it
    private readonly NumberCounts _numbers = new();
    private readonly NumberCounts _events = new();
    private readonly Dictionary<int, PublishedRecord> _records = [];
    private readonly Dictionary<(uint Boot, string Topic), long> _newest = [];
    private readonly Dictionary<int, long> _liveTicks = [];
    private readonly MqttClient _client;
    private string? _health;
    private string? _status;

    /// <param name="port">Port of the broker itself.</param>
    /// <param name="device">Name of the device.</param>
    /// <param name="login">User and password; null for none.</param>
    public RecordSubscriber(int port, string device, (string User, string Password)? login = null)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"subscriber-{Random.Shared.Next()}");
        _client = new MqttClient(port, id, $"edgelstm/{device}/#", Receive, persistent: true, login);
    }

    /// <summary>Records that came again.</summary>
    public int Duplicates => Read(() => _numbers.Repeats);

    /// <summary>Numbers that came.</summary>
    public int Unique => Read(() => _numbers.Unique);

    /// <summary>Samples that came under two different (boot, seq): a subscriber could not tell that they are one.</summary>
    public int Ambiguous { get; private set; }

    /// <summary>Records that came on a topic before one that is older, duplicates aside.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>The newest message on `status`.</summary>
    public string? Status => Read(() => _status);

    /// <summary>The newest message on `health`.</summary>
    public JsonElement? Health => Read(() => _health) is { } json ? JsonDocument.Parse(json).RootElement : null;

    /// <summary>Whether a number came.</summary>
    public bool Has(int number) => Read(() => _numbers[number] > 0);

    /// <summary>How often a number came as an event.</summary>
    public int EventsOf(int number) => Read(() => _events[number]);

    /// <summary>When a number came on `state`, in Stopwatch ticks; null when it did not.</summary>
    public long? LiveTicks(int number) => Read(() => _liveTicks.TryGetValue(number, out long ticks) ? ticks : (long?)null);

    /// <summary>The first record of a number that came.</summary>
    public PublishedRecord Record(int number) => Read(() => _records[number]);

    /// <summary>Waits until the condition holds; it is looked at after each message.</summary>
    public bool Wait(Func<RecordSubscriber, bool> condition, int seconds = 30)
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

    public void Dispose() => _client.Dispose();

    private void Receive(MqttPacket packet)
    {
        long now = Stopwatch.GetTimestamp();
        bool isRecord = PublishedRecord.TryRead(packet.Topic, packet.Payload, out PublishedRecord record);
        lock (_gate)
        {
            if (isRecord && record.Number >= 0)
            {
                Count(record, Encoding.UTF8.GetString(packet.Topic), now);
            }
            else if (packet.Topic.EndsWith("/health"u8))
            {
                _health = Encoding.UTF8.GetString(packet.Payload);
            }
            else if (packet.Topic.EndsWith("/status"u8))
            {
                _status = Encoding.UTF8.GetString(packet.Payload);
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Count(PublishedRecord record, string topic, long now)
    {
        if (record.Topic == RecordTopic.Event)
        {
            _events.Add(record.Number);
            return;
        }

        if (record.Topic == RecordTopic.State)
        {
            _liveTicks.TryAdd(record.Number, now);
        }

        if (!_numbers.Add(record.Number))
        {
            PublishedRecord first = _records[record.Number];
            Ambiguous += first.Boot == record.Boot && first.Sequence == record.Sequence ? 0 : 1;
            return;
        }

        _records[record.Number] = record;
        long newest = _newest.GetValueOrDefault((record.Boot, topic));
        OutOfOrder += record.Sequence < newest ? 1 : 0;
        _newest[(record.Boot, topic)] = Math.Max(newest, record.Sequence);
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }
}
