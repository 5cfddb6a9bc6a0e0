// What the broker missed of one stream, in memory: samples and events apart, so that neither pushes the other out.

namespace EdgeLstm.Worker.Outbox;

/// <summary>When full, the oldest samples make room for samples and the oldest events for events, counted.</summary>
internal sealed class StreamQueue
{
    /// <summary>Events kept.</summary>
    public const int EventRecords = 256;

    private readonly EntryRing[] _rings;   // by kind

    /// <param name="samples">Samples kept at most.</param>
    /// <param name="payloadBytes">Bytes that a payload has, about.</param>
    /// <param name="bytesLimit">Bytes of all sample payloads at most.</param>
    public StreamQueue(int samples, int payloadBytes, int bytesLimit)
    {
        PayloadBytes = payloadBytes;
        int bytes = (int)Math.Clamp((long)samples * payloadBytes, payloadBytes, Math.Max(payloadBytes, bytesLimit));
        _rings = [new EntryRing(samples, bytes), new EntryRing(EventRecords, EventRecords * payloadBytes)];
    }

    /// <summary>Bytes that a payload has, about.</summary>
    public int PayloadBytes { get; }

    /// <summary>The ring of a kind.</summary>
    public EntryRing Of(OutboxKind kind) => _rings[(int)kind];

    /// <summary>Records that were overwritten.</summary>
    public OutboxTrim Dropped { get; private set; }

    /// <summary>Records of both kinds.</summary>
    public int Count => _rings[0].Count + _rings[1].Count;

    /// <summary>Adds a record; drops the oldest of its kind where there is no room.</summary>
    public void Add(in OutboxEntry entry, ReadOnlySpan<byte> payload)
    {
        EntryRing ring = Of(entry.Kind);
        while (!ring.TryAdd(entry, payload))
        {
            Dropped += OutboxTrim.One(entry.Kind);
            if (ring.Count == 0)
            {
                return;   // larger than all the room there is
            }

            ring.RemoveTo(ring.First + 1);
        }
    }
}
