// A client, an outbox and a disk without a network: what would be published is kept in lists.

using System.Diagnostics;
using System.Text;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Worker.Tests.Outbox;

/// <summary>Does by hand what the I/O thread does.</summary>
internal sealed class DiskBench : IDisposable
{
    private const uint Boot = 0xABCD0123;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-outbox-").FullName;
    private byte[] _buffer = new byte[64];
    private int _packets;

    public DiskBench(bool isStrict = false, int flushMs = 100, long maxBytes = 64 << 20)
    {
        Plan = new OutboxPlan(
            Path.Combine(_folder, "outbox.db"), new OutboxLimits(maxBytes, TimeSpan.FromDays(1)),
            TimeSpan.FromMilliseconds(flushMs), isStrict);
        Begin();
    }

    public OutboxPlan Plan { get; }

    public LineLogger Log { get; } = new();

    public RecordOutbox Memory { get; private set; } = null!;

    public OutboxDisk Disk { get; private set; } = null!;

    public int Stream { get; private set; }

    /// <summary>Starts over as a new process does; call <see cref="Stop"/> before.</summary>
    public void Begin()
    {
        Memory = new RecordOutbox(hasDisk: true);
        Stream = Memory.Open("pump", 2000, 200);
        Disk = new OutboxDisk(Memory, Plan, TimeProvider.System, () => true, () => { }, Log);
        Disk.Start();
    }

    public void Stop()
    {
        Disk.Stop(TimeSpan.FromSeconds(20));
        Disk.Dispose();
    }

    /// <summary>Publishes a live record; its packet id.</summary>
    public int Publish(long sequence)
    {
        Memory.Track(Entry(sequence, OutboxKind.Sample) with { Packet = ++_packets }, Payload(sequence));
        return _packets;
    }

    /// <summary>The broker is away: the record goes into the queue.</summary>
    public void Shelve(long sequence, OutboxKind kind = OutboxKind.Sample, bool isLive = false) =>
        Memory.Add(Entry(sequence, kind) with { IsLive = isLive }, Payload(sequence));

    /// <summary>Takes the next of the backlog and acknowledges it at once; −1 when there is none.</summary>
    public long TakeNext(OutboxKind kind = OutboxKind.Sample)
    {
        if (!Memory.TryTake(kind, ref _buffer, out OutboxEntry entry))
        {
            return -1;
        }

        Assert.Equal(Payload(entry.Sequence), _buffer[..entry.Length]);
        Acknowledge(entry);
        return entry.Sequence;
    }

    /// <summary>The next record that is released for publishing, acknowledged at once; −1 when there is none.</summary>
    public long TakeReleased()
    {
        if (!Memory.TryTakeReleased(ref _buffer, out OutboxEntry entry))
        {
            return -1;
        }

        Acknowledge(entry);
        return entry.Sequence;
    }

    /// <summary>Takes so many, waiting for the disk.</summary>
    public long[] Take(int count)
    {
        List<long> taken = [];
        bool all = Eventually(() =>
        {
            long next = TakeNext();
            if (next >= 0)
            {
                taken.Add(next);
            }

            return taken.Count == count;
        });
        Assert.True(all, $"{taken.Count} of {count}: {string.Join('\n', Log.Lines)}");
        return [.. taken];
    }

    public static bool Eventually(Func<bool> condition) => SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20));

    public static byte[] Payload(long sequence) =>
        Encoding.ASCII.GetBytes($$"""{"seq":{{sequence}},"pad":"{{new string('x', 80)}}"}""");

    public void Dispose()
    {
        Stop();
        Directory.Delete(_folder, recursive: true);
    }

    private void Acknowledge(OutboxEntry entry)
    {
        entry.Packet = ++_packets;
        Memory.Track(entry, []);
        Memory.Acknowledge(entry.Packet);
    }

    public OutboxEntry Entry(long sequence, OutboxKind kind) => new()
    {
        Stream = Stream,
        Kind = kind,
        Boot = Boot,
        Sequence = sequence,
        TimestampUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        AddedAt = Stopwatch.GetTimestamp(),
    };
}
