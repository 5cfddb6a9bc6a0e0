// Saved state on disk: whole, recent and of this stream, or not used.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class StateFileTests : IDisposable
{
    private const long NowMs = 1_700_000_000_000;
    private const double MaxAgeMs = 60_000;

    private static readonly StateMoment Now = new(NowMs);

    private static readonly byte[] State = [.. Enumerable.Range(0, 50).Select(i => (byte)(i * 7))];

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-state-").FullName;

    private string FilePath => Path.Combine(_folder, "oven.state");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_saved_state_is_read_back_whole_and_no_other_file_is_left()
    {
        StateFile file = Saved();
        Assert.Equal(StateVerdict.Usable, file.Load(Now, MaxAgeMs, out byte[] state, out _));
        Assert.Equal(State, state);
        Assert.Equal([FilePath], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_second_save_replaces_the_first()
    {
        StateFile file = Saved();
        file.Save([1, 2], new(NowMs + 1));
        Assert.Equal(StateVerdict.Usable, file.Load(Now, MaxAgeMs, out byte[] state, out _));
        Assert.Equal([1, 2], state);
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void No_file_is_no_state()
    {
        Assert.Equal(StateVerdict.Absent, File().Load(Now, MaxAgeMs, out byte[] state, out _));
        Assert.Empty(state);
    }

    [Fact]
    public void A_file_cut_short_anywhere_or_grown_is_damaged()
    {
        StateFile file = Saved();
        byte[] whole = System.IO.File.ReadAllBytes(FilePath);
        for (int length = 0; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(FilePath, whole[..length]);
            AssertRefused(StateVerdict.Damaged, file);
        }

        System.IO.File.WriteAllBytes(FilePath, [.. whole, 0]);
        AssertRefused(StateVerdict.Damaged, file);
    }

    [Fact]
    public void A_file_with_any_byte_changed_is_damaged()
    {
        StateFile file = Saved();
        byte[] whole = System.IO.File.ReadAllBytes(FilePath);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= 0x10;
            System.IO.File.WriteAllBytes(FilePath, changed);
            AssertRefused(StateVerdict.Damaged, file);
        }
    }

    [Fact]
    public void State_of_another_model_or_configuration_is_foreign()
    {
        Saved();
        AssertRefused(StateVerdict.Foreign, new StateFile(FilePath, [.. Enumerable.Repeat((byte)6, 32)]));
    }

    [Theory]
    [InlineData(0, StateVerdict.Usable)]
    [InlineData(60_000, StateVerdict.Usable)]
    [InlineData(60_001, StateVerdict.Old)]
    [InlineData(-1000, StateVerdict.Usable)]
    [InlineData(-1001, StateVerdict.Old)]
    [InlineData(-1_000_000_000, StateVerdict.Old)]
    public void State_that_is_too_old_or_from_the_future_is_given_as_such(long ageMs, StateVerdict expected)
    {
        Assert.Equal(expected, Saved().Load(new(NowMs + ageMs), MaxAgeMs, out byte[] state, out _));
        Assert.Equal(State, state);
    }

    [Fact]
    public void The_clocks_of_the_moment_it_was_saved_at_are_read_back()
    {
        StateFile file = File();
        Guid boot = Guid.NewGuid();
        file.Save(State, new StateMoment(5, 7_000_000, boot, IsTimeKnown: false));
        Assert.Equal(StateVerdict.Usable,
            file.Load(new StateMoment(NowMs, 9_500_000, boot, IsTimeKnown: true), MaxAgeMs, out _, out double ageMs));
        Assert.Equal(2.5, ageMs);
    }

    [Fact]
    public void State_whose_age_cannot_be_told_is_given_as_old()
    {
        Assert.Equal(StateVerdict.Old,
            Saved().Load(Now with { IsTimeKnown = false }, MaxAgeMs, out byte[] state, out double ageMs));
        Assert.Equal(double.NaN, ageMs);
        Assert.Equal(State, state);
    }

    [Fact]
    public void A_state_larger_than_would_be_read_back_is_not_written()
    {
        StateFile file = Saved();
        const int limit = (64 << 20) - 109;
        file.Save(new byte[limit], Now);
        Assert.Equal(StateVerdict.Usable, file.Load(Now, MaxAgeMs, out byte[] state, out _));
        Assert.Equal(limit, state.Length);
        Assert.Equal(
            $"the state has {limit + 1} bytes; at most {limit} are kept",
            Assert.Throws<IOException>(() => file.Save(new byte[limit + 1], Now)).Message);
        Assert.Equal([FilePath], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_half_written_file_beside_it_is_ignored_and_replaced()
    {
        StateFile file = Saved();
        System.IO.File.WriteAllText(FilePath + ".new", "half");
        Assert.Equal(StateVerdict.Usable, file.Load(Now, MaxAgeMs, out _, out _));
        file.Save(State, Now);
        Assert.Equal([FilePath], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_no_state_and_no_fault()
    {
        StateFile file = Saved();
        using FileStream locked = new(FilePath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        AssertRefused(StateVerdict.Damaged, file);
    }

    [Fact]
    public void The_state_of_a_stream_belongs_to_its_model_its_period_and_its_clock()
    {
        byte[] one = StreamBuilder.Identity(TestStream.MachineTemperature());
        Assert.Equal(32, one.Length);
        Assert.Equal(one, StreamBuilder.Identity(TestStream.MachineTemperature()));
        Assert.NotEqual(one, StreamBuilder.Identity(TestStream.MachineTemperature(periodMs: 1000)));
        Assert.NotEqual(one, StreamBuilder.Identity(TestStream.MachineTemperature(new(Resample: "hold", FillSamples: 4))));
        Assert.NotEqual(one, StreamBuilder.Identity(TestStream.RunOn(6)));
    }

    [Fact]
    public void The_state_of_a_stream_belongs_to_its_model_at_every_precision()
    {
        StreamPlan plan = TestStream.MachineTemperature();
        StreamPlan narrow = plan with { Settings = plan.Settings with { Precision = "int8" } };
        Assert.Equal(StreamBuilder.Identity(plan), StreamBuilder.Identity(narrow));
    }

    private static void AssertRefused(StateVerdict expected, StateFile file)
    {
        Assert.Equal(expected, file.Load(Now, MaxAgeMs, out byte[] state, out _));
        Assert.Empty(state);
    }

    private StateFile File() => new(FilePath, [.. Enumerable.Repeat((byte)5, 32)]);

    private StateFile Saved()
    {
        StateFile file = File();
        file.Save(State, Now);
        return file;
    }
}
