// What check says of the outbox on disk: missing, in use, with records, of no use.

using System.Runtime.Versioning;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Verbs;

public sealed class OutboxFindingsTests : IDisposable
{
    private static readonly OutboxLimits Limits = new(1 << 20, TimeSpan.FromDays(7));

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-outbox-check-").FullName;

    private string File => Path.Combine(_folder, "outbox.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_place_it_is_in_memory()
    {
        Finding finding = Find(new OutboxSettings(), null);

        Assert.StartsWith("in memory alone, 4,096 records a stream", finding.Message, StringComparison.Ordinal);
        Assert.True(finding is { Passed: true, IsWarning: false });
    }

    [Fact]
    public void A_file_that_is_not_there_will_be_made_and_is_not_by_the_check()
    {
        Finding finding = Find(new OutboxSettings(Path.Combine(_folder, "new", "outbox.db")));

        Assert.EndsWith("outbox.db: will be made; at most 268.4 MB and 7 days", finding.Message, StringComparison.Ordinal);
        Assert.True(finding.Passed);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [SkippableFact, SupportedOSPlatform("linux")]
    public void A_folder_that_may_not_be_written_is_a_fault()
    {
        Skip.If(Environment.IsPrivilegedProcess, "root may write everywhere");
        System.IO.File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal(ExitCode.Environment, Find(new OutboxSettings(File)).Code);
    }

    [SkippableFact]
    public void Records_are_counted_while_another_has_the_file_and_after()
    {
        using (OutboxStore store = Open())
        {
            Append(store, OutboxKind.Sample, OutboxKind.Event, OutboxKind.Sample);
            Assert.Contains("3 records wait, 1 of them events", Find(new OutboxSettings(File)).Message, StringComparison.Ordinal);

            Append(store, OutboxKind.Event);
            Assert.Contains("4 records wait, 2 of them events", Find(new OutboxSettings(File)).Message, StringComparison.Ordinal);
        }

        Finding finding = Find(new OutboxSettings(File));
        Assert.Contains("4 records wait, 2 of them events", finding.Message, StringComparison.Ordinal);
        Assert.True(finding is { Passed: true, IsWarning: false });
        using OutboxStore again = Open();
        Assert.Equal((4, 2), (again.Rows, again.Events));
        Assert.Null(again.Salvage);
    }

    [SkippableFact]
    public void A_large_outbox_is_counted_by_its_first_pages()
    {
        using (OutboxStore store = Open())
        {
            OutboxKind[] many = new OutboxKind[500];
            for (int i = 0; i < 6; i++)
            {
                Append(store, many);
            }
        }

        Assert.InRange(new FileInfo(File).Length, 300_000, 1 << 20);
        Assert.Contains("3,000 records wait, 0 of them events", Find(new OutboxSettings(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_outbox_is_a_warning_and_stays_as_it_is()
    {
        System.IO.File.WriteAllText(File, "no database");

        Finding finding = Find(new OutboxSettings(File));

        Assert.True(finding is { Passed: true, IsWarning: true });
        Assert.Contains("holds no outbox that can be read", finding.Message, StringComparison.Ordinal);
        Assert.Equal("no database", System.IO.File.ReadAllText(File));
    }

    private static Finding Find(OutboxSettings settings, string? stateDirectory = null)
    {
        DevicePlan plan = new(
            new Settings("pi", new MqttSettings("localhost"), [], StateDirectory: stateDirectory, Outbox: settings), []);
        List<Finding> findings = [];
        OutboxFindings.Add(plan, findings);
        return Assert.Single(findings);
    }

    private OutboxStore Open()
    {
        try
        {
            return OutboxStore.Open(File, Limits, TimeProvider.System);
        }
        catch (OutboxException failure) when (failure.Fault == OutboxFault.NoLibrary)
        {
            throw new SkipException(failure.Message);
        }
    }

    private static void Append(OutboxStore store, params OutboxKind[] kinds)
    {
        store.Begin();
        foreach (OutboxKind kind in kinds)
        {
            store.Append(new OutboxRow("oven", kind, 1, store.Rows + 1, 1_763_700_000_000, new byte[100]));
        }

        store.Commit();
    }
}
