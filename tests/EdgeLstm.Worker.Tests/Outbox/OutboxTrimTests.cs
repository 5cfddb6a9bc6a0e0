// The limits of the outbox in bytes and in age: what goes, in which order, counted exactly.

using EdgeLstm.Worker.Outbox;

namespace EdgeLstm.Worker.Tests.Outbox;

public sealed class OutboxTrimTests : IDisposable
{
    private static readonly OutboxLimits Small = new(1 << 20, TimeSpan.FromDays(7));
    private readonly OutboxBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Beyond_the_byte_limit_the_oldest_samples_go_and_no_event()
    {
        using OutboxStore store = _bench.Open(Small);
        const int rows = 10_000;
        _bench.Fill(store, rows, 20);
        List<KeptRow> kept = OutboxBench.ReadAll(store);

        Assert.InRange(store.Bytes, Small.MaxBytes / 2, Small.MaxBytes);
        Assert.Equal(rows / 50, store.Events);
        Assert.Equal(rows / 50, kept.Count(row => row.IsEvent));
        long[] samples = [.. kept.Where(row => !row.IsEvent).Select(row => row.Sequence)];
        Assert.Equal(Enumerable.Range((int)samples[0], rows - (int)samples[0] + 1).Where(i => i % 50 != 7).Select(i => (long)i),
            samples);
        Assert.Equal(rows - kept.Count, _bench.DroppedOf("press 3") + _bench.DroppedOf("ofen-süd"));
        Assert.Equal((samples[0] - 1) / 10, _bench.DroppedOf("ofen-süd"));
        Assert.Equal(0, _bench.DroppedOf("another"));
    }

    [Fact]
    public void What_is_dropped_is_returned_and_counts_only_once_it_is_committed()
    {
        using OutboxStore store = _bench.Open(Small);
        _bench.Fill(store, 4000);
        long rows = store.Rows;
        store.Begin();
        for (int i = 0; i < 500; i++)
        {
            store.Append(_bench.Row(5001));
        }

        OutboxTrim trim = store.Trim();
        Assert.Equal(0, trim.Events);
        Assert.InRange(trim.Samples, 400, 600);
        Assert.Equal(default, store.Trim());
        Assert.Equal(trim.Samples, store.Dropped.Count(row => row.Kind == OutboxKind.Sample));
        store.Rollback();
        Assert.Equal(rows, store.Rows);
        Assert.Empty(store.Dropped);

        store.Begin();
        store.Append(_bench.Row(5001, payloadBytes: 100_000));
        trim = store.Trim();
        store.Commit();
        Assert.Equal(trim.Samples, store.Dropped.Count(row => row.Kind == OutboxKind.Sample));
        Assert.Equal(rows + 1 - trim.Samples, store.Rows);
        Assert.Equal(store.Rows, OutboxBench.ReadAll(store).Count);
    }

    [Fact]
    public void A_row_that_was_made_with_a_wrong_clock_is_as_old_as_what_came_behind_it()
    {
        using (OutboxStore store = _bench.Open())
        {
            store.Begin();
            store.Append(new OutboxRow("press 3", OutboxKind.Sample, 1, 1, OutboxRow.NoTime, "{}"u8));
            store.Append(_bench.Row(2));
            store.Append(new OutboxRow("press 3", OutboxKind.Sample, 1, 3, OutboxRow.NoTime, "{}"u8));
            store.Commit();
        }

        _bench.Clock.Now += TimeSpan.FromDays(6);
        using OutboxStore reopened = _bench.Open();
        reopened.Begin();
        Assert.Equal(default, reopened.Trim());
        reopened.Commit();

        _bench.Clock.Now += TimeSpan.FromDays(2);
        reopened.Begin();
        Assert.Equal(2, reopened.Trim().Samples);
        reopened.Commit();
        Assert.Equal([3], OutboxBench.ReadAll(reopened).Select(row => row.Sequence));

        _bench.Clock.Now += TimeSpan.FromDays(400);
        reopened.Begin();
        Assert.Equal(default, reopened.Trim());   // whose age nothing tells
        reopened.Commit();
    }

    [Fact]
    public void Events_go_only_when_no_sample_is_left_the_oldest_first()
    {
        using OutboxStore store = _bench.Open(Small);
        long samples = 0;
        long events = 0;
        long samplesLeft = 0;
        for (int i = 1; i <= 4020; i += 10)
        {
            store.Begin();
            for (int j = i; j < i + 10; j++)
            {
                store.Append(_bench.Row(j, j % 40 == 0 ? OutboxKind.Sample : OutboxKind.Event));
                samplesLeft += j % 40 == 0 ? 1 : 0;
            }

            OutboxTrim trim = store.Trim();
            store.Commit();
            samples += trim.Samples;
            events += trim.Events;
            samplesLeft -= trim.Samples;
            Assert.True(trim.Events == 0 || samplesLeft == 0);
        }

        List<KeptRow> kept = OutboxBench.ReadAll(store);
        Assert.Equal(100, samples);
        Assert.True(events > 500);
        Assert.Equal(4020 - 100 - events, kept.Count);
        Assert.Equal(Enumerable.Range(1, 4020).Where(i => i % 40 != 0).Skip((int)events).Select(i => (long)i),
            kept.Select(row => row.Sequence));
    }

    [Fact]
    public void Rows_of_an_earlier_process_go_when_they_are_too_old_events_too()
    {
        const long dayMs = 86_400_000;
        using (OutboxStore store = _bench.Open())
        {
            store.Begin();
            store.Append(_bench.Row(1, ageMs: 8 * dayMs));
            store.Append(_bench.Row(2, OutboxKind.Event, ageMs: 8 * dayMs));
            store.Append(_bench.Row(3, ageMs: (7 * dayMs) - 1000));
            store.Append(_bench.Row(4, ageMs: 8 * dayMs));
            store.Commit();
        }

        using OutboxStore again = _bench.Open();
        again.Begin();
        Assert.Equal(new OutboxTrim(1, 1), again.Trim());
        again.Commit();
        Assert.Equal([3, 4], OutboxBench.ReadAll(again).Select(row => row.Sequence));

        _bench.Clock.Now += TimeSpan.FromSeconds(2);
        again.Begin();
        Assert.Equal(default, again.Trim(isTimeKnown: false));
        Assert.Equal(new OutboxTrim(2, 0), again.Trim());
        again.Commit();
    }

    [Fact]
    public void A_clock_that_is_set_after_start_drops_nothing_of_this_process()
    {
        using OutboxStore store = _bench.Open();
        DateTimeOffset right = _bench.Clock.Now;
        _bench.Clock.Now = DateTimeOffset.UnixEpoch.AddDays(1);
        _bench.Fill(store, 100);
        _bench.Clock.Now = right;
        store.Begin();
        Assert.Equal(default, store.Trim());
        store.Commit();

        _bench.Clock.Elapsed += TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1);
        store.Begin();
        Assert.Equal(new OutboxTrim(98, 2), store.Trim());
        store.Commit();
        Assert.Equal(0, store.Rows);
    }

    [Fact]
    public void A_drained_outbox_gives_its_disk_space_back()
    {
        using OutboxStore store = _bench.Open();
        _bench.Fill(store, 60_000, 1000);
        Assert.True(store.Bytes > 20 << 20);
        for (long from = 1; from < 60_000; from += 500)
        {
            OutboxBench.Delete(store, Enumerable.Range((int)from, 500).Select(id => (long)id));
        }

        Assert.Equal(0, store.Rows);
        Assert.InRange(store.Bytes, 1, 1 << 20);
    }

    [Fact]
    public void A_file_from_a_higher_limit_shrinks_to_the_lower_one()
    {
        using (OutboxStore store = _bench.Open())
        {
            _bench.Fill(store, 20_000, 1000);
        }

        OutboxLimits lower = new(4 << 20, TimeSpan.FromDays(7));
        using OutboxStore again = _bench.Open(lower);
        _bench.Fill(again, 200, 10, 30_000);
        Assert.InRange(again.Bytes, 1 << 20, lower.MaxBytes);
        Assert.Equal(20_200, again.Rows + _bench.DroppedOf("press 3") + _bench.DroppedOf("ofen-süd"));
    }
}
