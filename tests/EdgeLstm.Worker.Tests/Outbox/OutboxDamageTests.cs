// Damaged files: the outbox always opens, keeps what can be read, and says how much is gone.

using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Outbox.Sqlite;
using Xunit.Abstractions;

namespace EdgeLstm.Worker.Tests.Outbox;

public sealed class OutboxDamageTests(ITestOutputHelper output) : IDisposable
{
    private const int Rows = 3000;
    private static readonly OutboxLimits Limits = new(4 << 20, TimeSpan.FromDays(7));
    private readonly OutboxBench _bench = new();

    public void Dispose() => _bench.Dispose();

    // 60 in a usual run, 1,000 in a full one.
    private static int Repetitions => Environment.GetEnvironmentVariable("EDGELSTM_FAULTS") == "full" ? 1000 : 60;

    [Theory]
    [InlineData("truncated")]
    [InlineData("bit flipped")]
    [InlineData("sector overwritten")]
    public void A_damaged_file_always_opens_and_what_is_lost_is_counted(string damage)
    {
        List<KeptRow> rows = CreateClosed();
        byte[] whole = File.ReadAllBytes(_bench.FilePath);
        Random random = new(7);
        long saved = 0;
        int rebuilt = 0;
        int estimated = 0;
        for (int i = 0; i < Repetitions; i++)
        {
            File.WriteAllBytes(_bench.FilePath, Damaged(whole, damage, random));
            using OutboxStore store = _bench.Open(Limits);
            List<KeptRow> kept = OutboxBench.ReadAll(store);
            Assert.Empty(kept.Except(rows));
            Assert.Equal(kept.Count, store.Rows);
            AssertUsable(store, rows[^1].Id);
            saved += kept.Count;
            if (store.Salvage is not { } salvage)
            {
                Assert.Equal(rows.Count, kept.Count);
                continue;
            }

            rebuilt++;
            estimated += salvage.IsLostExact ? 0 : 1;
            Assert.Equal(kept.Count, salvage.Saved);
            Assert.True(File.Exists(salvage.File));
            long known = salvage.Saved + salvage.Lost;
            Assert.True(salvage.IsLostExact ? known == rows.Count : known <= rows.Count, $"{i}: {salvage}");
        }

        output.WriteLine($"{damage}: {Repetitions} files, {rebuilt} rebuilt, {estimated} without a tally, "
            + $"{100.0 * saved / ((long)rows.Count * Repetitions):F2} % of all rows saved");
        Assert.True(rebuilt > Repetitions / 2);
    }

    [Fact]
    public void One_flipped_bit_costs_a_few_rows_at_most_wherever_it_is_but_in_the_root()
    {
        List<KeptRow> rows = CreateClosed();
        byte[] whole = File.ReadAllBytes(_bench.FilePath);
        const int root = 2 * 4096;   // page 1 is the header, 2 the pointer map, 3 the root of the table
        Random random = new(11);
        for (int i = 0; i < Repetitions; i++)
        {
            int at = i % 4 == 0 ? random.Next(root) : random.Next(root + 4096, whole.Length);
            byte[] bytes = [.. whole];
            bytes[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_bench.FilePath, bytes);
            using OutboxStore store = _bench.Open(Limits);
            Assert.True(store.Rows > rows.Count - 30, $"byte {at}: {store.Salvage}");
            Assert.True(store.Salvage?.IsLostExact ?? true);
        }
    }

    [Fact]
    public void A_damaged_log_loses_what_came_after_the_damage_and_says_how_much()
    {
        List<KeptRow> rows = CreateRunning(out byte[] file, out byte[] log);
        Random random = new(3);
        int told = 0;
        for (int i = 0; i < Repetitions; i++)
        {
            File.WriteAllBytes(_bench.FilePath, file);
            byte[] damaged = [.. log];
            damaged[random.Next(log.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_bench.FilePath + "-wal", damaged);
            using OutboxStore store = _bench.Open(Limits);
            List<KeptRow> kept = OutboxBench.ReadAll(store);
            Assert.Empty(kept.Except(rows));

            // The last transaction, one row here, cannot be told from one that the power cut tore.
            long known = kept.Count + (store.Salvage?.Lost ?? 0);
            Assert.InRange(known, rows.Count - 1, rows.Count);
            told += store.Salvage is null ? 0 : 1;
            AssertUsable(store, rows[^1].Id - 1);
        }

        Assert.True(told > Repetitions / 2);
        using OutboxStore again = _bench.Open(Limits);
        Assert.Null(again.Salvage);
    }

    [Fact]
    public void A_damaged_file_beside_a_whole_log_keeps_the_rows_of_both()
    {
        List<KeptRow> rows = CreateRunning(out byte[] file, out byte[] log);
        file.AsSpan(5 * 4096, 100).Fill(0xA5);
        File.WriteAllBytes(_bench.FilePath, file);
        File.WriteAllBytes(_bench.FilePath + "-wal", log);
        using OutboxStore store = _bench.Open(Limits);
        Assert.NotNull(store.Salvage);
        Assert.True(store.Salvage.IsLostExact);
        Assert.InRange(store.Salvage.Lost, 1, 20);
        Assert.Equal(rows.Count, store.Salvage.Saved + store.Salvage.Lost);
        Assert.Equal(rows[^30..], OutboxBench.ReadAll(store)[^30..]);
    }

    [Fact]
    public void A_file_without_its_first_page_keeps_every_row()
    {
        List<KeptRow> rows = CreateClosed();
        byte[] whole = File.ReadAllBytes(_bench.FilePath);
        whole.AsSpan(0, 4096).Fill(0xA5);
        File.WriteAllBytes(_bench.FilePath, whole);
        using OutboxStore store = _bench.Open(Limits);
        Assert.Equal((rows.Count, 0, true), (store.Salvage!.Saved, store.Salvage.Lost, store.Salvage.IsLostExact));
        Assert.Equal(rows, OutboxBench.ReadAll(store));
    }

    [Theory]
    [InlineData("this is no database, but a note that someone left in the wrong place")]
    [InlineData("SQLite format 3\0")]
    [InlineData("")]
    public void A_file_that_is_no_database_is_set_aside(string content)
    {
        File.WriteAllText(_bench.FilePath, content);
        using OutboxStore store = _bench.Open();
        Assert.NotNull(store.Salvage);
        Assert.Equal((0, 0, false), (store.Salvage.Saved, store.Salvage.Lost, store.Salvage.IsLostExact));
        Assert.Equal(_bench.FilePath + ".damaged-20260301T120000000Z", store.Salvage.File);
        AssertUsable(store, 0);
    }

    [Fact]
    public void A_sound_database_of_another_program_is_left_alone()
    {
        using (SqliteConnection other = SqliteConnection.Open(_bench.FilePath))
        {
            other.Execute("CREATE TABLE events(id INTEGER PRIMARY KEY, state TEXT); INSERT INTO events VALUES(1, 'on')"u8);
        }

        byte[] before = File.ReadAllBytes(_bench.FilePath);
        OutboxException refused = Assert.Throws<OutboxException>(() => _bench.Open());
        Assert.Equal(OutboxFault.Foreign, refused.Fault);
        Assert.Equal($"{_bench.FilePath}: is a database of another program; name another file in outbox.path", refused.Message);
        Assert.Equal(before, File.ReadAllBytes(_bench.FilePath));
        Assert.Single(Directory.GetFiles(_bench.Folder));
    }

    [Fact]
    public void Three_damaged_files_are_kept_and_the_oldest_goes()
    {
        for (int i = 0; i < 5; i++)
        {
            _bench.Clock.Now += TimeSpan.FromSeconds(i);
            File.WriteAllText(_bench.FilePath, $"damaged {i}");
            _bench.Open().Dispose();
        }

        string[] kept = [.. Directory.GetFiles(_bench.Folder, "*.damaged-*").Order(StringComparer.Ordinal)];
        Assert.Equal(["damaged 2", "damaged 3", "damaged 4"], kept.Select(File.ReadAllText));
    }

    [Fact]
    public void A_rebuilding_that_was_cut_off_is_begun_again_or_finished()
    {
        List<KeptRow> rows = CreateClosed();
        File.WriteAllText(_bench.FilePath + ".new", "half");
        using (OutboxStore store = _bench.Open(Limits))
        {
            Assert.Equal(rows.Count, store.Rows);
        }

        Assert.False(File.Exists(_bench.FilePath + ".new"));
        File.Move(_bench.FilePath, _bench.FilePath + ".new");
        File.WriteAllText(_bench.FilePath + "-wal", "of the damaged file");
        using OutboxStore finished = _bench.Open(Limits);
        Assert.Null(finished.Salvage);
        Assert.Equal(rows, OutboxBench.ReadAll(finished));
    }

    [Fact]
    public void Damage_found_while_running_is_told_and_the_next_opening_repairs_it()
    {
        using OutboxStore store = _bench.Open(Limits);
        _bench.Fill(store, Rows);
        store.Begin();
        store.Connection.Execute("UPDATE outbox SET seq = 0 WHERE id = 500"u8);
        store.Commit();
        OutboxException damage = Assert.Throws<OutboxException>(() => OutboxBench.ReadAll(store));
        Assert.Equal(OutboxFault.Damaged, damage.Fault);
        Assert.Contains("row 500 does not fit its checksum", damage.Message, StringComparison.Ordinal);
        store.Dispose();

        using OutboxStore again = _bench.Open(Limits);
        Assert.Equal((Rows - 1, 1, true), (again.Salvage!.Saved, again.Salvage.Lost, again.Salvage.IsLostExact));
    }

    [Fact]
    public void A_tally_of_fewer_or_more_rows_than_there_are_is_damage()
    {
        using (OutboxStore store = _bench.Open(Limits))
        {
            _bench.Fill(store, Rows);
            store.Connection.Execute("DELETE FROM outbox WHERE id BETWEEN 100 AND 149"u8);
        }

        using OutboxStore again = _bench.Open(Limits);
        Assert.Equal((Rows - 50, 50, true), (again.Salvage!.Saved, again.Salvage.Lost, again.Salvage.IsLostExact));
    }

    // Rows with gaps among their ids, in a file without a log.
    private List<KeptRow> CreateClosed()
    {
        using OutboxStore store = _bench.Open(Limits);
        _bench.Fill(store, Rows);
        OutboxBench.Delete(store, Enumerable.Range(1, 300).Select(id => (long)id));
        OutboxBench.Delete(store, Enumerable.Range(1000, 50).Select(id => (long)id * 2));
        return OutboxBench.ReadAll(store);
    }

    // The file and the log of a process that was killed; the last transactions have one row each.
    private List<KeptRow> CreateRunning(out byte[] file, out byte[] log)
    {
        using OutboxStore store = _bench.Open(Limits);
        _bench.Fill(store, Rows);
        store.Connection.Checkpoint(3);
        _bench.Fill(store, 30, 1, Rows + 1);
        file = Read(_bench.FilePath);
        log = Read(_bench.FilePath + "-wal");
        return OutboxBench.ReadAll(store);
    }

    private static byte[] Read(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] Damaged(byte[] whole, string damage, Random random)
    {
        byte[] bytes = [.. whole];
        int at = random.Next(whole.Length);
        switch (damage)
        {
            case "truncated":
                return bytes[..at];
            case "bit flipped":
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            default:
                random.NextBytes(bytes.AsSpan(at / 512 * 512, 512));
                break;
        }

        return bytes;
    }

    private void AssertUsable(OutboxStore store, long lastId)
    {
        store.Begin();
        long id = store.Append(_bench.Row(1));
        store.Commit();
        Assert.True(store.Salvage is { IsLostExact: false } || id > lastId, $"id {id} was used before");
        OutboxBench.Delete(store, [id]);
    }
}
