// Copies the rows of a damaged outbox that can be read into a new one, going on behind each damage.

using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Outbox;

/// <summary>What was copied.</summary>
/// <param name="Rows">Rows in the new file.</param>
/// <param name="FirstId">The first of them, 0 for none.</param>
/// <param name="LastId">The last of them, 0 for none.</param>
internal readonly record struct SalvagedRows(long Rows, long FirstId, long LastId)
{
    /// <summary>Rows there would be if no id between the first and the last were missing.</summary>
    public long IdSpan => Rows == 0 ? 0 : LastId - FirstId + 1;
}

/// <summary>Walks the damaged table forwards by id; every row is taken against its checksum.</summary>
internal sealed class OutboxSalvaging
{
    private const int RowsPerTransaction = 1000;

    /// <summary>After so many failures in a row the steps double, up to <see cref="LongestStep"/>: a lost inner page hides
    /// thousands of ids.</summary>
    private const int PatienceSteps = 64;
    private const int LongestStep = 64;

    /// <summary>How far to look behind the last row when no tally says where the ids end.</summary>
    private const long BlindIds = 1_000_000;

    /// <summary>Bytes 28 to 39 of the header: number of pages and free list, which are not those of a new file.</summary>
    private const int SizeFields = 28;
    private const int SizeFieldBytes = 12;

    private readonly OutboxTable _damaged;
    private readonly OutboxTable _rebuilt;
    private readonly SqliteConnection _connection;
    private OutboxTally _tally;
    private SalvagedRows _saved;

    private OutboxSalvaging(OutboxFile damaged, OutboxFile rebuilt, OutboxTally newest)
    {
        _damaged = damaged.Table;
        _rebuilt = rebuilt.Table;
        _connection = rebuilt.Connection;
        _tally = newest with { Revision = newest.Revision + 1, Samples = 0, Events = 0 };
    }

    private enum Next
    {
        Row,
        End,
        Damage,
    }

    /// <summary>Copies what can be read.</summary>
    /// <remarks>Where nothing can, the first page with the header and the schema, the same in every outbox, is taken from the new
    /// file and written over that of the damaged one.</remarks>
    /// <param name="path">The damaged file.</param>
    /// <param name="rebuilt">The file to create, whole and closed on return.</param>
    /// <param name="newest">The newest tally found, default for none.</param>
    /// <exception cref="SqliteException">The new file cannot be written.</exception>
    public static SalvagedRows CopyRows(string path, string rebuilt, OutboxTally newest)
    {
        byte[] firstPage = CreateEmpty(rebuilt);
        SalvagedRows saved = Copy(path, rebuilt, newest);
        if (saved.Rows == 0 && new FileInfo(path).Length > firstPage.Length)
        {
            ReplaceFirstPage(path, firstPage);
            saved = Copy(path, rebuilt, newest);
        }

        return saved;
    }

    private static byte[] CreateEmpty(string rebuilt)
    {
        OutboxFile.Open(rebuilt).Dispose();
        return File.ReadAllBytes(rebuilt)[..OutboxFile.PageBytes];
    }

    private static void ReplaceFirstPage(string path, byte[] firstPage)
    {
        // With 0 pages the size of the file counts.
        firstPage.AsSpan(SizeFields, SizeFieldBytes).Clear();
        using FileStream file = new(path, FileMode.Open, FileAccess.Write);
        file.Write(firstPage);
    }

    private static SalvagedRows Copy(string path, string rebuilt, OutboxTally newest)
    {
        using OutboxFile target = OutboxFile.Open(rebuilt);
        using OutboxFile? source = OpenDamaged(path);
        if (source is null)
        {
            target.Table.Write(new OutboxTally(newest.Revision + 1, Math.Max(1, newest.NextId), 0, 0));
            target.Connection.Checkpoint(LibSqlite.CheckpointTruncate);
            return default;
        }

        OutboxSalvaging salvaging = new(source, target, newest);
        salvaging.Run(newest.NextId);
        target.Connection.Checkpoint(LibSqlite.CheckpointTruncate);   // closing does so too, and says nothing where it fails
        return salvaging._saved;
    }

    private static OutboxFile? OpenDamaged(string path)
    {
        try
        {
            return OutboxFile.OpenDamaged(path);
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    private void Run(long endId)
    {
        // Durable once the log is in the file, which is before it is renamed.
        _connection.Execute("PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=1000; BEGIN IMMEDIATE"u8);
        Walk(endId);
        _tally = _tally with { NextId = Math.Max(Math.Max(endId, 1), _saved.LastId + 1) };
        _rebuilt.Write(_tally);
        _connection.Execute("COMMIT"u8);
    }

    private void Walk(long endId)
    {
        long after = 0;
        int step = 1;
        int failures = 0;
        while (after < (endId > 0 ? endId : _saved.LastId + BlindIds))
        {
            Next next = Begin(after, out OutboxRow row);
            if (next == Next.Damage)
            {
                failures++;
                step = failures % PatienceSteps == 0 ? Math.Min(2 * step, LongestStep) : step;
                after += step;
            }
            else if (step > 1)
            {
                // The damage ended somewhere within the last step: go over it again by ones.
                after -= step - 1;
                step = 1;
                failures = -PatienceSteps;
            }
            else if (TakeRows(next, row) == Next.End)
            {
                return;
            }
            else
            {
                after = Math.Max(after + 1, _saved.LastId);
                failures = 0;
            }
        }
    }

    private Next Begin(long after, out OutboxRow row)
    {
        try
        {
            _damaged.BeginRead(after);
        }
        catch (SqliteException)
        {
            row = default;
            return Next.Damage;
        }

        return Read(out row);
    }

    private Next TakeRows(Next next, OutboxRow row)
    {
        while (next == Next.Row)
        {
            // Ids that do not rise come from pages that are linked wrongly.
            if (row.Id <= _saved.LastId)
            {
                _damaged.EndRead();
                return Next.Damage;
            }

            Take(row);
            next = Read(out row);
        }

        return next;
    }

    private Next Read(out OutboxRow row)
    {
        try
        {
            return _damaged.TryRead(out row) ? Next.Row : Next.End;
        }
        catch (SqliteException)
        {
            row = default;
            return Next.Damage;
        }
    }

    private void Take(in OutboxRow row)
    {
        _rebuilt.Insert(row.Id, row);
        _tally = _tally.Plus(row.Kind, 1);
        _saved = new SalvagedRows(_saved.Rows + 1, _saved.Rows == 0 ? row.Id : _saved.FirstId, row.Id);
        if (_saved.Rows % RowsPerTransaction == 0)
        {
            _connection.Execute("COMMIT; BEGIN IMMEDIATE"u8);
        }
    }
}
