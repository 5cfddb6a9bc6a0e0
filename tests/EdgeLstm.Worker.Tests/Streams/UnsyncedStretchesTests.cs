// What was stamped before the clock was synchronised, over restarts of the program and of the machine.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class UnsyncedStretchesTests : IDisposable
{
    private static readonly Guid Machine = Guid.NewGuid();

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-stretches-").FullName;

    private string FilePath => Path.Combine(_folder, "clock-stretches");

    // What is written aside may still be on its way.
    public void Dispose() => Waiting.Until(TryDelete, "the folder is deleted");

    [Fact]
    public void A_program_killed_before_the_clock_was_set_is_corrected_by_the_next()
    {
        Create("00000001").Begin(1_000_000_000);
        UnsyncedStretches second = Create("00000002");
        second.Begin(3_000_000_000);
        second.Settle(10_000_000_000);
        Assert.Equal([("00000001", 9000L), ("00000002", 7000L)], Corrections(second));
    }

    [Fact]
    public void A_program_that_starts_with_the_clock_set_corrects_the_one_before()
    {
        Create("00000001").Begin(1_000_000_000);
        UnsyncedStretches second = Create("00000002");
        second.Settle(500_000_000);
        Assert.Equal([("00000001", -500L)], Corrections(second));
    }

    [Fact]
    public void A_machine_switched_off_before_its_clock_was_set_leaves_no_correction()
    {
        Create("00000001").Begin(1_000_000_000);
        UnsyncedStretches second = Create("00000002", Guid.NewGuid());
        second.Settle(10_000_000_000);
        Assert.Equal([("00000001", null)], Corrections(second));
    }

    [Fact]
    public void Corrections_are_kept_on_disk()
    {
        UnsyncedStretches first = Create("00000001");
        first.Begin(1_000_000_000);
        first.Settle(1_002_500_000);
        Waiting.Until(() => Corrections(Create("00000002")) is [("00000001", 2L)], "the correction is on the disk");
        Assert.Equal([FilePath], Directory.GetFiles(_folder));
        UnsyncedStretches afterBoot = Create("00000003", Guid.NewGuid());
        afterBoot.Settle(99);
        Assert.Equal([("00000001", 2L)], Corrections(afterBoot));
    }

    [Fact]
    public void The_oldest_goes_when_there_are_too_many()
    {
        for (int i = 0; i < UnsyncedStretches.Limit + 3; i++)
        {
            Create($"{i:x8}").Begin(i);
        }

        UnsyncedStretches last = Create("ffffffff");
        Assert.Equal(UnsyncedStretches.Limit, last.All.Count);
        Assert.Equal("00000003", last.All[0].Boot);
    }

    [Fact]
    public void Lines_that_are_damaged_are_left_out()
    {
        Create("00000001").Begin(5);
        string good = File.ReadAllText(FilePath);
        File.WriteAllText(FilePath, $"\0\0\n{good}x{good}00000002 y 1 -\n00000003 {Machine} 1e9 -\n");
        Assert.Equal([("00000001", null)], Corrections(Create("00000004")));
    }

    [Fact]
    public void Without_a_folder_that_can_be_written_they_last_as_long_as_the_program()
    {
        UnsyncedStretches nowhere = new(Path.Combine(_folder, "gone", "clock-stretches"), "00000001", Machine);
        nowhere.Begin(1_000_000);
        nowhere.Settle(3_000_000);
        Assert.Equal([("00000001", 2L)], Corrections(nowhere));
    }

    [Fact]
    public void Without_the_name_of_the_machine_s_boot_a_program_knows_its_own()
    {
        Create("00000001", Guid.Empty).Begin(1_000_000);
        UnsyncedStretches second = Create("00000002", Guid.Empty);
        second.Begin(1_000_000);
        second.Settle(3_000_000);
        Assert.Equal([("00000001", null), ("00000002", 2L)], Corrections(second));
    }

    private static (string Boot, long? Ms)[] Corrections(UnsyncedStretches stretches) =>
        [.. stretches.All.Select(stretch => (stretch.Boot, stretch.CorrectionMs))];

    private UnsyncedStretches Create(string boot, Guid? machine = null) => new(FilePath, boot, machine ?? Machine);

    private bool TryDelete()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(_folder);
        }
    }
}
