// Disks that are full, read-only or taken: a fault with a name, a transaction undone as a whole, and work that goes on.

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using EdgeLstm.Worker.Outbox;

namespace EdgeLstm.Worker.Tests.Outbox;

[Collection(RunsAlone.Name)]
[UnsupportedOSPlatform("windows")]
public sealed partial class OutboxFaultTests : IDisposable
{
    private const int RLIMIT_FSIZE = 1;
    private readonly OutboxBench _bench = new();
    private bool _isMounted;

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", _bench.Folder);
        }

        _bench.Dispose();
    }

    [Fact]
    public void A_full_database_undoes_the_transaction_and_goes_on_when_there_is_room()
    {
        using OutboxStore store = _bench.Open();
        _bench.Fill(store, 1000);
        List<KeptRow> before = OutboxBench.ReadAll(store);
        long pages = store.Connection.ReadNumber("PRAGMA page_count"u8);
        store.Connection.Execute(System.Text.Encoding.ASCII.GetBytes($"PRAGMA max_page_count={pages + 3}\0"));
        for (int i = 0; i < 20; i++)
        {
            AssertFull(() => _bench.Fill(store, 100));
            Assert.Equal(before, OutboxBench.ReadAll(store));
            Assert.Equal(before.Count, store.Rows);
        }

        OutboxBench.Delete(store, Enumerable.Range(1, 200).Select(id => (long)id));
        _bench.Fill(store, 100);
        Assert.Equal(900, store.Rows);
    }

    [SkippableFact]
    public void A_full_disk_undoes_the_transaction_and_goes_on_when_there_is_room()
    {
        Mount("size=1m");
        string ballast = Path.Combine(_bench.Folder, "ballast");
        File.WriteAllBytes(ballast, new byte[200_000]);
        using OutboxStore store = _bench.Open();
        FillUntilFull(store, () => File.Delete(ballast));
    }

    [SkippableFact]
    public void The_outbox_alone_never_fills_the_disk_and_so_can_always_be_drained()
    {
        Mount("size=24m");
        using OutboxStore store = _bench.Open();
        const int rows = 100_000;
        _bench.Fill(store, rows, 500);
        long dropped = _bench.DroppedOf("press 3") + _bench.DroppedOf("ofen-süd");
        Assert.Equal(rows, store.Rows + dropped);
        Assert.InRange(store.Bytes, 8 << 20, 24 << 20);
        long[] ids = [.. OutboxBench.ReadAll(store).Select(row => row.Id)];
        foreach (long[] some in ids.Chunk(500))
        {
            OutboxBench.Delete(store, some);
        }

        Assert.InRange(store.Bytes, 1, 2 << 20);
        _bench.Fill(store, 1000, 500);
        Assert.Equal(1000, store.Rows);
    }

    [SkippableFact]
    public void A_file_size_limit_is_a_full_disk_and_does_not_end_the_process()
    {
        Limit old = default;
        Skip.IfNot(GetLimit(RLIMIT_FSIZE, ref old) == 0, "the file-size limit cannot be read");
        using OutboxStore store = _bench.Open();
        Limit small = old with { Soft = 500_000 };
        Assert.Equal(0, SetLimit(RLIMIT_FSIZE, ref small));
        try
        {
            FillUntilFull(store, () => Assert.Equal(0, SetLimit(RLIMIT_FSIZE, ref old)));
        }
        finally
        {
            _ = SetLimit(RLIMIT_FSIZE, ref old);
        }
    }

    [SkippableFact]
    public void A_disk_too_full_to_rebuild_on_leaves_the_damaged_file_for_later()
    {
        Mount("size=1m");
        using (OutboxStore store = _bench.Open(new(1 << 20, TimeSpan.FromDays(7))))
        {
            _bench.Fill(store, 1500);
        }

        byte[] damaged = File.ReadAllBytes(_bench.FilePath);
        damaged.AsSpan(damaged.Length / 2, 100).Fill(0x5A);
        File.WriteAllBytes(_bench.FilePath, damaged);
        AssertFull(() => _bench.Open().Dispose());
        Assert.Single(Directory.GetFiles(_bench.Folder));

        Assert.Equal(0, Run("mount", "-o", "remount,size=4m", _bench.Folder));
        using OutboxStore again = _bench.Open();
        Assert.Equal(1500, again.Salvage!.Saved + again.Salvage.Lost);
        Assert.True(again.Salvage.Saved > 1400);
    }

    [SkippableFact]
    public void A_disk_that_turns_read_only_is_told_and_goes_on_once_it_is_writable_again()
    {
        Mount("size=8m");
        using (OutboxStore store = _bench.Open())
        {
            _bench.Fill(store, 100);
        }

        Skip.IfNot(Run("mount", "-o", "remount,ro", _bench.Folder) == 0, "a file system cannot be remounted here");
        for (int i = 0; i < 20; i++)
        {
            OutboxException refused = Assert.Throws<OutboxException>(() => _bench.Open());
            Assert.Equal(OutboxFault.Unwritable, refused.Fault);
            Assert.StartsWith($"{_bench.FilePath}: cannot be written: ", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, Run("mount", "-o", "remount,rw", _bench.Folder));
        using OutboxStore again = _bench.Open();
        Assert.Equal(100, again.Rows);
    }

    [SkippableFact]
    public void A_read_only_file_and_a_read_only_folder_are_told()
    {
        Skip.If(Environment.IsPrivilegedProcess, "the superuser may write everything");
        _bench.Open().Dispose();
        File.SetUnixFileMode(_bench.FilePath, UnixFileMode.UserRead);
        Assert.Equal(OutboxFault.Unwritable, Assert.Throws<OutboxException>(() => _bench.Open()).Fault);
        File.Delete(_bench.FilePath);
        UnixFileMode mode = File.GetUnixFileMode(_bench.Folder);
        File.SetUnixFileMode(_bench.Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(OutboxFault.Unwritable, Assert.Throws<OutboxException>(() => _bench.Open()).Fault);
        File.SetUnixFileMode(_bench.Folder, mode);
    }

    [Fact]
    public void A_folder_in_the_place_of_the_file_and_a_file_in_the_place_of_the_folder_are_told()
    {
        Directory.CreateDirectory(_bench.FilePath);
        Assert.Equal(OutboxFault.Unwritable, Assert.Throws<OutboxException>(() => _bench.Open()).Fault);
        string file = Path.Combine(_bench.Folder, "file");
        File.WriteAllText(file, "");
        _bench.FilePath = Path.Combine(file, "outbox.db");
        OutboxException refused = Assert.Throws<OutboxException>(() => _bench.Open());
        Assert.StartsWith($"{_bench.FilePath}: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_missing_is_created()
    {
        _bench.FilePath = Path.Combine(_bench.Folder, "a", "b", "outbox.db");
        _bench.Open().Dispose();
        Assert.True(File.Exists(_bench.FilePath));
    }

    [Fact]
    public void A_file_that_another_has_open_is_in_use_and_stays_as_it_is()
    {
        using OutboxStore store = _bench.Open();
        _bench.Fill(store, 10);
        OutboxException refused = Assert.Throws<OutboxException>(() => _bench.Open());
        Assert.Equal(OutboxFault.InUse, refused.Fault);
        Assert.Equal($"{_bench.FilePath}: another process has it; let each service have its own outbox.path", refused.Message);
        _bench.Fill(store, 10, from: 11);
        Assert.Equal(20, OutboxBench.ReadAll(store).Count);
        Assert.Equal(["outbox.db", "outbox.db-wal"], Directory.GetFiles(_bench.Folder).Select(Path.GetFileName).Order());
    }

    private void FillUntilFull(OutboxStore store, Action makeRoom)
    {
        int filled = 0;
        AssertFull(() =>
        {
            for (; filled < 20_000; filled += 50)
            {
                _bench.Fill(store, 50, 50, filled + 1);
            }
        });
        List<KeptRow> before = OutboxBench.ReadAll(store);
        Assert.Equal(filled, before.Count);
        for (int i = 0; i < 20; i++)
        {
            AssertFull(() => _bench.Fill(store, 400, 400, filled + 1));
            Assert.Equal(before.Count, store.Rows);
        }

        Assert.Equal(before, OutboxBench.ReadAll(store));
        makeRoom();
        _bench.Fill(store, 100, 100, filled + 1);
        store.Dispose();
        using OutboxStore again = _bench.Open();
        Assert.Null(again.Salvage);
        Assert.Equal(before.Count + 100, OutboxBench.ReadAll(again).Count);
    }

    private void AssertFull(Action action)
    {
        OutboxException refused = Assert.Throws<OutboxException>(action);
        Assert.True(refused.Fault == OutboxFault.Full, refused.ToString());
        Assert.StartsWith($"{_bench.FilePath}: the disk is full: ", refused.Message, StringComparison.Ordinal);
    }

    private void Mount(string options)
    {
        _isMounted = Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", _bench.Folder) == 0;
        Skip.IfNot(_isMounted, "a tmpfs cannot be mounted without privileges");
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private record struct Limit(nuint Soft, nuint Hard);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int what, ref Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int what, ref Limit limit);
}
