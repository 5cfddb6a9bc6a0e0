// Opens an outbox whatever state its file is in: sound, missing, damaged, or half-way through an earlier rebuilding.
//
//     path damaged → rows that can be read → path.new → path set aside as path.damaged-<UTC> → path.new becomes path

using System.Globalization;
using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Outbox;

/// <summary>Finds damage when an outbox is opened, and saves what can be read.</summary>
/// <remarks>
/// A process that dies at any point in here leaves either the damaged file, which the next start begins again with, or the whole
/// new one beside it, which the next start takes.
/// </remarks>
internal static class OutboxRecovery
{
    /// <summary>Damaged files kept; the oldest goes.</summary>
    public const int KeptFiles = 3;

    private const int ENOSPC = 28, EDQUOT = 122;

    /// <summary>Opens the file, all of it checked.</summary>
    /// <exception cref="OutboxException">It cannot be used right now; never because it is damaged.</exception>
    public static OutboxFile Open(string path, TimeProvider wall, out OutboxTally tally, out OutboxSalvage? salvage)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            FinishRebuilding(path);
            OutboxTally logged = OutboxTally.FindNewest(OutboxFile.LogOf(path));
            return OpenWhole(path, logged, wall, out tally, out salvage);
        }
        catch (SqliteException failure)
        {
            throw OutboxException.From(path, failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OutboxException(FaultOf(failure), $"{path}: {failure.Message}", failure);
        }
    }

    private static void FinishRebuilding(string path)
    {
        string rebuilt = RebuiltOf(path);
        if (File.Exists(path) || !File.Exists(rebuilt) || File.Exists(OutboxFile.LogOf(rebuilt)))
        {
            DeleteWithLog(rebuilt);
            return;
        }

        // The log of the damaged file must never meet the new one: it would be played back into it.
        DeleteWithLog(path);
        File.Move(rebuilt, path);
    }

    private static OutboxFile OpenWhole(string path, OutboxTally logged, TimeProvider wall, out OutboxTally tally,
        out OutboxSalvage? salvage)
    {
        salvage = null;
        OutboxFile file;
        try
        {
            file = OpenVerified(path, out tally);
        }
        catch (SqliteException failure) when (OutboxException.From(path, failure).Fault == OutboxFault.Damaged)
        {
            salvage = Rebuild(path, logged, failure.Message, wall);
            return OpenVerified(path, out tally);
        }

        // A torn commit leaves one tally more in the log than in the file. Two more: the log is damaged before its end, and
        // SQLite has silently gone back to what came before the damage.
        if (logged.Revision > tally.Revision + 1)
        {
            salvage = AcceptLoss(file, logged, ref tally, wall);
        }

        return file;
    }

    private static OutboxFile OpenVerified(string path, out OutboxTally tally)
    {
        if (File.Exists(path) && new FileInfo(path).Length == 0)
        {
            throw new SqliteException(LibSqlite.Corrupt, 0, "the file is empty");
        }

        OutboxFile file = OutboxFile.Open(path);
        try
        {
            tally = file.Verify();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static OutboxSalvage AcceptLoss(OutboxFile file, OutboxTally logged, ref OutboxTally tally, TimeProvider wall)
    {
        string aside = OutboxFile.LogOf(AsideOf(file.Path, wall));
        try
        {
            File.Copy(OutboxFile.LogOf(file.Path), aside);
            Prune(file.Path, newest: aside[..^4]);
        }
        catch (IOException)
        {
            // A copy to look at is no reason to do without the outbox.
        }

        long lost = Math.Min(logged.NextId - tally.NextId, logged.Rows);
        tally = tally with { Revision = logged.Revision, NextId = logged.NextId };
        WriteOrClose(file, tally);
        return new OutboxSalvage(tally.Rows, lost, true, aside, "the log is damaged before its end");
    }

    private static void WriteOrClose(OutboxFile file, OutboxTally tally)
    {
        try
        {
            file.Table.Write(tally);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static OutboxSalvage Rebuild(string path, OutboxTally logged, string reason, TimeProvider wall)
    {
        string rebuilt = RebuiltOf(path);
        OutboxTally newest = OutboxTally.Newer(logged, OutboxTally.FindNewest(path));
        SalvagedRows saved;
        try
        {
            saved = OutboxSalvaging.CopyRows(path, rebuilt, newest);
        }
        catch
        {
            DeleteWithLog(rebuilt);
            throw;
        }

        string aside = SetAside(path, wall);
        File.Move(rebuilt, path);
        Prune(path, newest: aside);

        // A tally that does not know the last row saved is an old one: the newest is among what was lost.
        bool isExact = newest.Revision > 0 && saved.LastId < newest.NextId;
        long expected = isExact ? newest.Rows : saved.IdSpan;
        return new OutboxSalvage(saved.Rows, Math.Max(0, expected - saved.Rows), isExact, aside, reason);
    }

    private static string SetAside(string path, TimeProvider wall)
    {
        string aside = AsideOf(path, wall);
        File.Move(path, aside);
        foreach (string ending in new[] { "-wal", "-shm" })
        {
            if (File.Exists(path + ending))
            {
                File.Move(path + ending, aside + ending);
            }
        }

        return aside;
    }

    private static string AsideOf(string path, TimeProvider wall)
    {
        DateTimeOffset now = wall.GetUtcNow();
        while (true)
        {
            string aside = $"{path}.damaged-{now.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}";
            if (!File.Exists(aside) && !File.Exists(OutboxFile.LogOf(aside)))
            {
                return aside;
            }

            now = now.AddMilliseconds(1);
        }
    }

    // The newest by name is not always the newest: the clock may have been set back.
    private static void Prune(string path, string newest)
    {
        IEnumerable<string> kept = Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".damaged-*")
            .Select(file => file.EndsWith("-wal", StringComparison.Ordinal) || file.EndsWith("-shm", StringComparison.Ordinal)
                ? file[..^4]
                : file)
            .Distinct()
            .Where(file => file != newest)
            .OrderDescending(StringComparer.Ordinal);
        foreach (string old in kept.Skip(KeptFiles - 1))
        {
            DeleteWithLog(old);
        }
    }

    private static void DeleteWithLog(string path)
    {
        File.Delete(path);
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        File.Delete(path + "-journal");
    }

    private static string RebuiltOf(string path) => path + ".new";

    private static OutboxFault FaultOf(Exception failure) => failure switch
    {
        UnauthorizedAccessException => OutboxFault.Unwritable,
        IOException when failure.HResult is ENOSPC or EDQUOT => OutboxFault.Full,
        _ => OutboxFault.InputOutput,
    };
}
