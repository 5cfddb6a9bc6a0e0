// What reaches the disk, what comes back from it, and what happens when it fails.

using EdgeLstm.Worker.Outbox;

namespace EdgeLstm.Worker.Tests.Outbox;

public class OutboxDiskTests
{
    [Fact]
    public void What_is_acknowledged_in_time_is_never_written()
    {
        using DiskBench bench = new(flushMs: 2000);
        for (int i = 0; i < 500; i++)
        {
            bench.Memory.Acknowledge(bench.Publish(i));
        }

        bench.Stop();
        Assert.Equal(0, bench.Disk.Counters.RecordsWritten);
        Assert.Equal(0, bench.Memory.Backlog);
    }

    [Fact]
    public void What_is_not_acknowledged_is_on_the_disk_and_comes_back_after_a_restart()
    {
        using DiskBench bench = new();
        int[] packets = [.. Enumerable.Range(0, 10).Select(i => bench.Publish(i))];
        Assert.True(DiskBench.Eventually(() => bench.Disk.Counters.Rows == 10));
        foreach (int packet in packets[..4])
        {
            bench.Memory.Acknowledge(packet);
        }

        Assert.True(DiskBench.Eventually(() => bench.Disk.Counters.Rows == 6), $"{bench.Disk.Counters.Rows}");
        Assert.Equal(-1, bench.TakeNext());   // in flight: not a second time in this process
        bench.Stop();
        bench.Begin();
        Assert.Equal([4, 5, 6, 7, 8, 9], bench.Take(6));
        Assert.True(DiskBench.Eventually(() => bench.Disk.Counters.Rows == 0));
        Assert.Equal(0, bench.Memory.Backlog);
    }

    [Fact]
    public void A_stop_leaves_everything_on_the_disk()
    {
        using DiskBench bench = new(flushMs: 60_000);
        bench.Publish(1);
        bench.Shelve(2);
        bench.Shelve(3, OutboxKind.Event);
        bench.Stop();
        Assert.Equal(3, bench.Disk.Counters.Rows);
        bench.Begin();
        Assert.Equal([1, 2], bench.Take(2));
        Assert.True(DiskBench.Eventually(() => bench.TakeNext(OutboxKind.Event) == 3));
    }

    [Fact]
    public void A_stop_takes_as_many_transactions_as_it_needs()
    {
        using DiskBench bench = new(flushMs: 60_000);
        const int inFlight = 1500;
        const int records = 3000;
        for (int i = 0; i < records; i++)
        {
            if (i < inFlight)
            {
                bench.Publish(i);
            }
            else
            {
                bench.Memory.Add(bench.Entry(i, OutboxKind.Sample), DiskBench.Payload(i));
            }
        }

        Assert.True(records > OutboxBatch.Records);
        bench.Stop();
        Assert.Equal(records, bench.Disk.Counters.Rows);
        Assert.Equal(0, bench.Memory.Queued);
    }

    [Fact]
    public void A_backlog_of_the_process_before_is_known_once_the_file_is_open()
    {
        using DiskBench bench = new();
        bench.Shelve(1);
        bench.Shelve(2);
        bench.Stop();
        bench.Begin();
        Assert.True(DiskBench.Eventually(() => bench.Memory.Backlog == 2), $"{bench.Memory.Backlog}");
    }

    [Fact]
    public void A_backlog_larger_than_the_feed_comes_in_order_and_events_come_first()
    {
        using DiskBench bench = new();
        const int records = 5000;
        for (int i = 0; i < records; i++)
        {
            Assert.True(DiskBench.Eventually(() => bench.Memory.MayAdd(bench.Stream, mayDrop: true)));
            bench.Shelve(i);
        }

        bench.Shelve(records, OutboxKind.Event);
        Assert.True(DiskBench.Eventually(() => bench.Memory.Queued == 0));
        Assert.Equal(records + 1, bench.Memory.Backlog);
        Assert.True(DiskBench.Eventually(() => bench.TakeNext(OutboxKind.Event) == records));
        Assert.Equal(Enumerable.Range(0, records).Select(i => (long)i), bench.Take(records));
        Assert.Equal(0, bench.Memory.Dropped.Samples);
        Assert.True(DiskBench.Eventually(() => bench.Disk.Counters.Rows == 0));
    }

    [Fact]
    public void Of_an_outbox_that_overflows_each_record_comes_or_is_counted_as_dropped()
    {
        using DiskBench bench = new(maxBytes: 1 << 20);
        const int records = 20_000;
        for (int i = 0; i < records; i++)
        {
            Assert.True(DiskBench.Eventually(() => bench.Memory.MayAdd(bench.Stream, mayDrop: true)));
            bench.Shelve(i);
        }

        Assert.True(DiskBench.Eventually(() => bench.Memory.Queued == 0));
        List<long> came = [];
        Assert.True(DiskBench.Eventually(() =>
        {
            long next = bench.TakeNext();
            if (next >= 0)
            {
                came.Add(next);
            }

            return bench.Memory.Backlog == 0;
        }));
        Assert.Equal(came.Order(), came);
        Assert.Equal(records - 1, came[^1]);
        Assert.InRange(came.Count, 1000, records - 1000);
        Assert.Equal(records - came.Count, bench.Memory.DroppedOf("pump").Samples);
        Assert.Equal(bench.Memory.Dropped, bench.Memory.DroppedOf("pump"));
    }

    [Fact]
    public void In_strict_mode_a_record_may_be_published_only_once_it_is_on_the_disk()
    {
        using DiskBench bench = new(isStrict: true, flushMs: 60_000);
        bench.Shelve(1, isLive: true);
        long released = -1;
        Assert.True(DiskBench.Eventually(() => (released = bench.TakeReleased()) >= 0));
        Assert.Equal(1, released);
        Assert.Equal(1, bench.Disk.Counters.RecordsWritten);
        Assert.Equal(-1, bench.TakeNext());
    }

    [Fact]
    public void What_was_released_when_the_broker_went_comes_as_history_once()
    {
        using DiskBench bench = new(isStrict: true);
        bench.Shelve(1, isLive: true);
        bench.Shelve(2, isLive: true);
        Assert.True(DiskBench.Eventually(() => bench.Disk.Counters.RecordsWritten == 2));
        bench.Memory.ReturnReleased();
        Assert.Equal(-1, bench.TakeReleased());
        Assert.Equal([1, 2], bench.Take(2));
        Assert.True(DiskBench.Eventually(() => bench.Disk.Counters.Rows == 0));
        Assert.Equal(-1, bench.TakeNext());
    }

    [Fact]
    public void A_folder_that_cannot_be_made_leaves_memory_alone_to_serve_and_is_told_once()
    {
        string file = Path.GetTempFileName();
        try
        {
            RecordOutbox memory = new(hasDisk: true);
            int stream = memory.Open("pump", 100, 200);
            Mqtt.LineLogger log = new();
            OutboxPlan plan = new(
                Path.Combine(file, "outbox.db"), new OutboxLimits(1 << 20, TimeSpan.FromDays(1)),
                TimeSpan.FromMilliseconds(100), false);
            using OutboxDisk disk = new(memory, plan, TimeProvider.System, () => true, () => { }, log);
            disk.Start();
            Assert.True(DiskBench.Eventually(() => log.Lines.Count == 1));
            memory.Add(new OutboxEntry { Stream = stream, Sequence = 7 }, DiskBench.Payload(7));
            byte[] buffer = [];
            Assert.True(memory.TryTake(OutboxKind.Sample, ref buffer, out OutboxEntry entry));
            Assert.Equal(7, entry.Sequence);
            Assert.Single(log.Lines);
            Assert.NotNull(disk.Counters.Problem);
            disk.Stop(TimeSpan.FromSeconds(5));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Memory_alone_drops_the_oldest_samples_and_keeps_events()
    {
        RecordOutbox memory = new(hasDisk: false);
        int stream = memory.Open("pump", 100, 200);
        memory.Add(new OutboxEntry { Stream = stream, Kind = OutboxKind.Event, Sequence = 1 }, DiskBench.Payload(1));
        for (int i = 0; i < 250; i++)
        {
            memory.Add(new OutboxEntry { Stream = stream, Sequence = i }, DiskBench.Payload(i));
        }

        Assert.Equal(150, memory.Dropped.Samples);
        Assert.Equal(0, memory.Dropped.Events);
        byte[] buffer = [];
        Assert.True(memory.TryTake(OutboxKind.Sample, ref buffer, out OutboxEntry oldest));
        Assert.Equal(150, oldest.Sequence);
        Assert.True(memory.TryTake(OutboxKind.Event, ref buffer, out _));
        Assert.Equal(99, memory.Backlog);
    }

    [Fact]
    public void Records_on_their_way_allocate_nothing()
    {
        RecordOutbox memory = new(hasDisk: true);
        int stream = memory.Open("pump", 100, 200);
        byte[] payload = DiskBench.Payload(1);
        int packet = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                packet = (packet % 65_535) + 1;
                memory.Track(new OutboxEntry { Stream = stream, Sequence = i, Packet = packet }, payload);
                memory.Acknowledge(packet);
                if (memory.MayAdd(stream, mayDrop: false))
                {
                    memory.Add(new OutboxEntry { Stream = stream, Sequence = i }, payload);
                }
            }
        });
    }
}
