// The outbox on disk as `edgelstm check` finds it: where it is, who has it, what waits in it.

using System.Globalization;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Reads the file's bytes beside a service that may have it, without SQLite and its locks, and writes nothing to
/// it.</summary>
internal static class OutboxFindings
{
    private const string Item = "outbox";

    // The tally is on one of the first pages, and in every transaction of the log.
    private const long HeadBytes = 64 * OutboxFile.PageBytes;

    /// <summary>Adds what was found.</summary>
    public static void Add(DevicePlan plan, List<Finding> findings)
    {
        if (plan.Outbox is not { } outbox)
        {
            findings.Add(Finding.Good(Item, $"in memory alone, {InspectText.Count(plan.Settings.Mqtt.BacklogRecords)} records a "
                + "stream: set stateDirectory or outbox.path to have it on disk"));
            return;
        }

        try
        {
            _ = SqliteConnection.Version;
            findings.Add(Find(outbox));
        }
        catch (DllNotFoundException)
        {
            findings.Add(new Finding(Item, LibSqlite.MissingText, ExitCode.Environment));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            findings.Add(new Finding(Item, $"{outbox.Path}: {failure.Message}", ExitCode.Environment));
        }
    }

    private static Finding Find(OutboxPlan outbox)
    {
        string path = Path.GetFullPath(outbox.Path);
        string most = string.Create(CultureInfo.InvariantCulture,
            $"at most {Megabytes(outbox.Limits.MaxBytes)} and {outbox.Limits.MaxAge.TotalDays:0.##} days");
        if (!File.Exists(path))
        {
            string folder = NearestFolder(path);
            return LibC.Access(folder, LibC.W_OK) == 0
                ? Finding.Good(Item, $"{path}: will be made; {most}")
                : new Finding(Item, $"{path}: folder {folder} may not be written by this user", ExitCode.Environment);
        }

        string? holder = PortHolder.Find(path);
        if (holder is null && LibC.Access(path, LibC.W_OK) != 0)
        {
            return new Finding(Item, $"{path}: may not be written by this user", ExitCode.Environment);
        }

        string log = OutboxFile.LogOf(path);
        long bytes = new FileInfo(path).Length + (File.Exists(log) ? new FileInfo(log).Length : 0);
        OutboxTally tally = OutboxTally.Newer(OutboxTally.FindNewest(path, HeadBytes), OutboxTally.FindNewest(log));
        string content = tally.Revision == 0 && bytes > 0
            ? "holds no outbox that can be read at a glance; the service looks closer and sets a damaged file aside"
            : $"{InspectText.Count(tally.Rows)} records wait, {InspectText.Count(tally.Events)} of them events";
        string message = $"{path}: {content}; {Megabytes(bytes)}, {most}{(holder is null ? "" : $"; in use by {holder}")}";
        return tally.Revision == 0 && bytes > 0 ? Finding.Warning(Item, message) : Finding.Good(Item, message);
    }

    private static string NearestFolder(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
        {
            folder = parent;
        }

        return folder;
    }

    private static string Megabytes(long bytes) => $"{(bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture)} MB";
}
