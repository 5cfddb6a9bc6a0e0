// A folder with an outbox in it, rows that can be told apart, and a clock set by hand.

using System.Text;
using EdgeLstm.Worker.Outbox;

namespace EdgeLstm.Worker.Tests.Outbox;

/// <summary>What a row says, kept.</summary>
public sealed record KeptRow(long Id, string Stream, bool IsEvent, uint Boot, long Sequence, long TimestampUnixMs,
    string Payload);

/// <summary>Goes only when told.</summary>
internal sealed class OutboxClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public TimeSpan Elapsed { get; set; } = TimeSpan.FromHours(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Elapsed.Ticks;
}

internal sealed class OutboxBench : IDisposable
{
    public const int PayloadBytes = 300;

    private readonly Dictionary<string, long> _dropped = [];

    public OutboxBench() => FilePath = Path.Combine(Folder, "outbox.db");

    public static OutboxLimits Limits { get; } = new(64 << 20, TimeSpan.FromDays(7));

    public string Folder { get; } = Directory.CreateTempSubdirectory("edgelstm-outbox-").FullName;

    public string FilePath { get; set; }

    public OutboxClock Clock { get; } = new();

    public OutboxStore Open(OutboxLimits? limits = null) => OutboxStore.Open(FilePath, limits ?? Limits, Clock);

    /// <summary>A row that is told apart by its sequence; every tenth belongs to another stream.</summary>
    public OutboxRow Row(long sequence, OutboxKind kind = OutboxKind.Sample, int payloadBytes = PayloadBytes, long ageMs = 0) =>
        new(sequence % 10 == 0 ? "ofen-süd" : "press 3", kind, 0xCAFE0001, sequence,
            Clock.Now.ToUnixTimeMilliseconds() - ageMs, Encoding.UTF8.GetBytes(Payload(sequence, payloadBytes)));

    /// <summary>Appends rows in transactions of some, with <see cref="OutboxStore.Trim"/> in each; every fiftieth is an
    /// event.</summary>
    public void Fill(OutboxStore store, int rows, int rowsPerTransaction = 100, long from = 1)
    {
        for (long sequence = from; sequence < from + rows;)
        {
            store.Begin();
            for (int i = 0; i < rowsPerTransaction && sequence < from + rows; i++, sequence++)
            {
                store.Append(Row(sequence, sequence % 50 == 7 ? OutboxKind.Event : OutboxKind.Sample));
            }

            store.Trim();
            store.Commit();
            foreach (DroppedRow row in store.Dropped)
            {
                _dropped[row.Stream] = DroppedOf(row.Stream) + 1;
            }
        }
    }

    /// <summary>Rows of a stream that <see cref="Fill"/> dropped.</summary>
    public long DroppedOf(string stream) => _dropped.GetValueOrDefault(stream);

    public static List<KeptRow> ReadAll(OutboxStore store, long afterId = 0)
    {
        List<KeptRow> rows = [];
        foreach (OutboxRow row in store.Read(afterId))
        {
            rows.Add(new KeptRow(row.Id, row.Stream, row.Kind == OutboxKind.Event, row.Boot, row.Sequence,
                row.TimestampUnixMs, Encoding.UTF8.GetString(row.Payload)));
        }

        return rows;
    }

    /// <summary>Deletes rows in one transaction.</summary>
    public static void Delete(OutboxStore store, IEnumerable<long> ids)
    {
        store.Begin();
        foreach (long id in ids)
        {
            Assert.True(store.Delete(id));
        }

        store.Commit();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Payload(long sequence, int bytes)
    {
        string head = $"{{\"seq\":{sequence},\"values\":";
        return bytes <= head.Length ? head[..bytes] : head.PadRight(bytes, (char)('a' + (sequence % 26)));
    }
}
