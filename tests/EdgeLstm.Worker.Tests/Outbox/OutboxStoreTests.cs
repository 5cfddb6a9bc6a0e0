// Rows in, rows out: order, transactions, what is kept over a restart.

using System.Text;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Tests.Outbox;

public sealed class OutboxStoreTests : IDisposable
{
    private readonly OutboxBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Rows_come_back_as_they_were_in_the_order_they_came()
    {
        using OutboxStore store = _bench.Open();
        store.Begin();
        long first = store.Append(_bench.Row(40));
        long second = store.Append(new OutboxRow("press 3", OutboxKind.Event, uint.MaxValue, long.MaxValue, -5, [0, 255, 0]));
        long third = store.Append(new OutboxRow("", OutboxKind.Sample, 0, 0, 0, []));
        store.Commit();

        List<KeptRow> rows = OutboxBench.ReadAll(store);
        Assert.Equal([first, second, third], rows.Select(row => row.Id));
        Assert.Equal([1, 2, 3], rows.Select(row => row.Id));
        Assert.Equal(("ofen-süd", 40, false, 0xCAFE0001), (rows[0].Stream, rows[0].Sequence, rows[0].IsEvent, rows[0].Boot));
        Assert.Equal(_bench.Clock.Now.ToUnixTimeMilliseconds(), rows[0].TimestampUnixMs);
        Assert.Equal(OutboxBench.PayloadBytes, rows[0].Payload.Length);
        Assert.Equal(("press 3", long.MaxValue, true, uint.MaxValue, -5),
            (rows[1].Stream, rows[1].Sequence, rows[1].IsEvent, rows[1].Boot, rows[1].TimestampUnixMs));
        Assert.Equal(("", ""), (rows[2].Stream, rows[2].Payload));
        Assert.Equal((3, 1), (store.Rows, store.Events));
    }

    [Fact]
    public void A_payload_of_any_size_comes_back_byte_for_byte()
    {
        using OutboxStore store = _bench.Open();
        byte[][] payloads = [.. new[] { 1, 4000, 4096, 70_000, 3_000_000 }.Select(size =>
        {
            byte[] bytes = new byte[size];
            new Random(size).NextBytes(bytes);
            return bytes;
        })];
        store.Begin();
        foreach (byte[] payload in payloads)
        {
            store.Append(new OutboxRow("s", OutboxKind.Sample, 1, payload.Length, 0, payload));
        }

        store.Commit();
        int read = 0;
        foreach (OutboxRow row in store.Read(0))
        {
            Assert.True(row.Payload.SequenceEqual(payloads[read++]));
        }

        Assert.Equal(payloads.Length, read);
    }

    [Fact]
    public void What_is_committed_is_there_after_a_restart_and_what_is_not_is_gone()
    {
        List<KeptRow> before;
        using (OutboxStore store = _bench.Open())
        {
            _bench.Fill(store, 250);
            before = OutboxBench.ReadAll(store);
            store.Begin();
            store.Append(_bench.Row(1000));
            Assert.Equal(251, OutboxBench.ReadAll(store).Count);
            Assert.Equal(250, store.Rows);
        }

        Assert.Equal(["outbox.db"], Directory.GetFiles(_bench.Folder).Select(Path.GetFileName));
        using OutboxStore again = _bench.Open();
        Assert.Null(again.Salvage);
        Assert.Equal(before, OutboxBench.ReadAll(again));
        Assert.Equal((250, 5), (again.Rows, again.Events));
    }

    [Fact]
    public void A_copy_taken_at_any_moment_holds_every_committed_row()
    {
        using OutboxStore store = _bench.Open();
        for (int i = 0; i < 8; i++)
        {
            _bench.Fill(store, 400, 40, 1 + (400 * i));
            store.Begin();
            store.Append(_bench.Row(-1));
            using OutboxBench copy = new();
            foreach (string file in Directory.GetFiles(_bench.Folder))
            {
                File.Copy(file, Path.Combine(copy.Folder, Path.GetFileName(file)));
            }

            using OutboxStore copied = copy.Open();
            Assert.Null(copied.Salvage);
            Assert.Equal(400 * (i + 1), copied.Rows);
            Assert.Equal(copied.Rows, OutboxBench.ReadAll(copied).Count);
            store.Rollback();
        }
    }

    [Fact]
    public void Deleted_rows_are_gone_and_their_ids_are_never_used_again()
    {
        using (OutboxStore store = _bench.Open())
        {
            _bench.Fill(store, 100);
            OutboxBench.Delete(store, Enumerable.Range(1, 100).Where(id => id != 50).Select(id => (long)id));
            Assert.Equal([50], OutboxBench.ReadAll(store).Select(row => row.Id));
            OutboxBench.Delete(store, [50]);
            Assert.Equal((0, 0, 0), (store.Rows, store.Events, store.OldestTimestampUnixMs));
            store.Begin();
            Assert.False(store.Delete(50));
            store.Commit();
        }

        using OutboxStore again = _bench.Open();
        again.Begin();
        Assert.Equal(101, again.Append(_bench.Row(1)));
        again.Commit();
    }

    [Fact]
    public void A_walk_begins_behind_an_id_may_end_early_and_sees_its_own_transaction()
    {
        using OutboxStore store = _bench.Open();
        _bench.Fill(store, 20);
        foreach (OutboxRow row in store.Read(4))
        {
            Assert.Equal(5, row.Id);
            break;
        }

        store.Begin();
        store.Append(_bench.Row(21));
        Assert.True(store.Delete(20));
        Assert.Equal([18, 19, 21], OutboxBench.ReadAll(store, 17).Select(row => row.Id));
        store.Rollback();
        Assert.Equal([18, 19, 20], OutboxBench.ReadAll(store, 17).Select(row => row.Id));
        Assert.Empty(OutboxBench.ReadAll(store, 20));
    }

    [Fact]
    public void A_rollback_undoes_rows_deletions_and_counts()
    {
        using OutboxStore store = _bench.Open();
        _bench.Fill(store, 60);
        List<KeptRow> before = OutboxBench.ReadAll(store);
        store.Begin();
        store.Append(_bench.Row(70, OutboxKind.Event));
        store.Delete(7);
        store.Rollback();
        store.Rollback();   // twice is no error
        Assert.Equal(before, OutboxBench.ReadAll(store));
        Assert.Equal((60, 2), (store.Rows, store.Events));
        store.Begin();
        Assert.Equal(61, store.Append(_bench.Row(71)));
        store.Commit();
    }

    [Fact]
    public void Nothing_is_written_outside_a_transaction()
    {
        using OutboxStore store = _bench.Open();
        Assert.Throws<InvalidOperationException>(() => store.Append(_bench.Row(1)));
        Assert.Throws<InvalidOperationException>(() => store.Delete(1));
        Assert.Throws<InvalidOperationException>(() => store.Trim());
        Assert.Throws<InvalidOperationException>(store.Commit);
        store.Begin();
        Assert.Throws<InvalidOperationException>(store.Begin);
        store.Commit();
        Assert.Equal(0, store.Rows);
    }

    [Fact]
    public void The_oldest_time_is_that_of_the_first_row()
    {
        using OutboxStore store = _bench.Open();
        store.Begin();
        store.Append(_bench.Row(1, ageMs: 5000));
        store.Append(_bench.Row(2, ageMs: 3000));
        store.Commit();
        long now = _bench.Clock.Now.ToUnixTimeMilliseconds();
        Assert.Equal(now - 5000, store.OldestTimestampUnixMs);
        OutboxBench.Delete(store, [1]);
        Assert.Equal(now - 3000, store.OldestTimestampUnixMs);
    }

    [Fact]
    public void The_file_is_set_up_as_promised()
    {
        using OutboxStore store = _bench.Open();
        Assert.Equal("wal", store.Connection.ReadText("PRAGMA journal_mode"u8));
        Assert.Equal("exclusive", store.Connection.ReadText("PRAGMA locking_mode"u8));
        Assert.Equal(2, store.Connection.ReadNumber("PRAGMA synchronous"u8));
        Assert.Equal(2, store.Connection.ReadNumber("PRAGMA auto_vacuum"u8));
        Assert.Equal(4096, store.Connection.ReadNumber("PRAGMA page_size"u8));
        Assert.Equal(0, store.Connection.ReadNumber("PRAGMA secure_delete"u8));
        Assert.Equal(1, store.Connection.ReadNumber("PRAGMA user_version"u8));
        Assert.Equal("ELST", Encoding.ASCII.GetString(File.ReadAllBytes(_bench.FilePath).AsSpan(68, 4)));
        Assert.False(File.Exists(_bench.FilePath + "-shm"));
        Assert.Matches(@"^3\.\d+\.\d+$", SqliteConnection.Version);
    }

    [Fact]
    public void Limits_below_their_least_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _bench.Open(new((256 << 10) - 1, TimeSpan.FromDays(1))));
        Assert.Throws<ArgumentOutOfRangeException>(() => _bench.Open(new(256 << 10, TimeSpan.Zero)));
    }
}
