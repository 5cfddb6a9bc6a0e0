// Corpora as they are read: NAB's layout, SKAB's, a recording of one's own, and what is said of broken ones.

using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Suites;

public sealed class CorpusTests : IDisposable
{
    private readonly TemporaryCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void A_corpus_in_nabs_layout_has_windows_as_rows_and_the_probation_of_nab()
    {
        _corpus.WriteMinutes("real/pump.csv", 200, i => i);
        _corpus.Write("combined_windows.json", """
            {"real/pump.csv": [
              ["2020-01-01 01:00:00.000000", "2020-01-01 01:09:00.000000"],
              ["2020-01-01 02:00:00", "2020-01-01 02:00:00"]]}
            """);

        SuiteFile file = Assert.Single(NabCorpus.Read(_corpus.Folder));

        Assert.Equal(("pump", "real", "real/pump", 30, 60.0), (
            file.Name, file.Category, file.Id, file.Probation, file.RowPeriodSeconds));
        Assert.Equal([new Window(60, 69), new Window(120, 120)], file.Windows);
        Assert.Equal(["value"], file.Columns);
        Assert.Equal((200, 199f), (file.Rows.Length, file.Rows[^1][0]));
        Assert.Equal(18262 * 86400.0 + 60, file.UnixSeconds[1]);
    }

    [Fact]
    public void Nabs_own_repository_with_data_and_labels_is_read_too()
    {
        _corpus.WriteMinutes("data/real/pump.csv", 10, i => i);
        _corpus.Write("labels/combined_windows.json", """{"real/pump.csv": []}""");

        Assert.Equal("real/pump", Assert.Single(NabCorpus.Read(_corpus.Folder)).Id);
    }

    [Fact]
    public void Labels_between_rows_mean_the_rows_between_them()
    {
        double[] times = [10, 20, 30, 40];

        Assert.Equal([new Window(1, 2)], WindowLabels.Place("x", [new LabelledTime(15, 39)], times));
        Assert.Equal([new Window(0, 0), new Window(3, 3)],
            WindowLabels.Place("x", [new LabelledTime(40, 40), new LabelledTime(1, 10)], times));
    }

    [Theory]
    [InlineData("2020-01-01 00:01:00,2020-01-01 00:02:00\n")]
    [InlineData("start;end\n2020-01-01 00:01:00;2020-01-01T00:02:00Z;burst\n")]
    [InlineData("[[\"2020-01-01 00:01:00\", \"2020-01-01 00:02:00\"]]")]
    [InlineData("[[1577836860, 1577836920]]")]
    [InlineData("{\"other.csv\": [], \"any/mine.csv\": [[\"2020-01-01 00:01\", \"2020-01-01 00:02\"]]}")]
    public void Labels_of_a_recording_may_be_written_in_several_ways(string labels)
    {
        string recording = _corpus.WriteMinutes("mine.csv", 5, i => i);

        SuiteFile file = Assert.Single(CsvCorpus.Read(recording, _corpus.Write("labels", labels)));

        Assert.Equal([new Window(1, 2)], file.Windows);
        Assert.Equal(("mine", ""), (file.Name, file.Category));
    }

    [Fact]
    public void A_recording_without_times_is_labelled_by_its_rows()
    {
        string recording = _corpus.Write("bare.csv", "1\n2\n3\n4\n");

        SuiteFile file = Assert.Single(CsvCorpus.Read(recording, _corpus.Write("labels", "1,2\n")));

        Assert.Equal([new Window(1, 2)], file.Windows);
        Assert.Equal([0.0, 1, 2, 3], file.UnixSeconds);
    }

    [Fact]
    public void A_recording_may_hold_its_labels_in_columns()
    {
        string recording = _corpus.Write(
            "own.csv", "time;a;anomaly;b;changepoint\n1600000000;1;0;5;0\n1600000001;2;1;6;1\n1600000002;;1.0;7;0\n");

        SuiteFile file = Assert.Single(CsvCorpus.Read(recording, null));

        Assert.Equal(["a", "b"], file.Columns);
        Assert.Equal([new Window(1, 2)], file.Windows);
        Assert.Equal([1], file.ChangePoints);
        Assert.Equal(7, file.Rows[2][1]);
        Assert.True(float.IsNaN(file.Rows[2][0]));
    }

    [Theory]
    [InlineData("timestamp,value\n2020-01-01 00:00:00,1\n2020-01-01 00:01:00,1,2\n", "row 2: has 3 fields; expected 2")]
    [InlineData("timestamp,value\n2020-01-01 00:00:00,1\nyesterday,1\n", "row 2: 'yesterday' is no time")]
    [InlineData("timestamp,value\n2020-01-01 00:00:00,abc\n", "row 1: value 'abc' is no number")]
    [InlineData("", "is empty")]
    [InlineData("timestamp,value\n", "has no rows")]
    public void A_broken_recording_is_refused_with_the_row_and_what_was_expected(string text, string expected)
    {
        string path = _corpus.Write("broken.csv", text);

        CorpusException failure = Assert.Throws<CorpusException>(() => Recording.Read(path));

        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[[\"2021-01-01 00:00:00\", \"2021-01-02 00:00:00\"]]", "no row lies in the window from 2021-01-01 00:00:00")]
    [InlineData("[[\"2020-01-01 00:02:00\", \"2020-01-01 00:01:00\"]]", "ends before it begins")]
    [InlineData("[[\"2020-01-01 00:01:00\"]]", "window 1: expected pairs of times")]
    [InlineData("{\"other.csv\": []}", "has no windows for 'mine.csv'")]
    [InlineData("[[\"soon\", \"later\"]]", "'soon' to 'later'")]
    [InlineData("{", "is not JSON")]
    [InlineData("start,end\n2020-01-01 00:01:00\n", "line 2: expected start,end")]
    [InlineData("0,90\n1577836860,1577836920\n1577836920,1577836980\n", "no row lies in the window from 1970-01-01 00:00:00")]
    [InlineData("1577836860,1577836920\n1577836920,1577836980\n", "the windows at rows 1 and 2 overlap")]
    public void Labels_that_fit_nothing_are_refused(string labels, string expected)
    {
        string recording = _corpus.WriteMinutes("mine.csv", 5, i => i);
        string path = _corpus.Write("labels", labels);

        CorpusException failure = Assert.Throws<CorpusException>(() => CsvCorpus.Read(recording, path));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        string bare = _corpus.WriteMinutes("bare.csv", 5, i => i);

        AssertRefused("--labels", () => CsvCorpus.Read(bare, null));
        AssertRefused("combined_windows.json", () => NabCorpus.Read(_corpus.Folder));
        AssertRefused("changepoint", () => SkabCorpus.Read(_corpus.Folder));
        _corpus.Write("combined_windows.json", """{"real/gone.csv": []}""");
        AssertRefused("gone.csv", () => NabCorpus.Read(_corpus.Folder));

        static void AssertRefused(string expected, Func<object> read) =>
            Assert.Contains(expected, Assert.Throws<CorpusException>(read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_period_of_rows_is_that_of_the_first_ones()
    {
        double[] times = [0, 60, 120, 190, 1000, 2000, 3000, 4000];
        Recording recording = new("x", times, [], new float[8][]);

        Assert.Equal(60, recording.PeriodSeconds(4));
        Assert.Equal(810, recording.PeriodSeconds(8));
        Assert.Equal(1, recording.PeriodSeconds(1));
        Assert.Equal(1, (recording with { UnixSeconds = [5, 5, 5] }).PeriodSeconds(3));
    }

    [SkippableFact]
    public void The_recorded_nab_has_58_files_116_windows_and_365558_rows()
    {
        IReadOnlyList<SuiteFile> files = NabCorpus.Read(SharedCorpus.Find("nab"));

        Assert.Equal((58, 116, 365_558), (
            files.Count, files.Sum(file => file.Windows.Count), files.Sum(file => file.Rows.Length)));
        SuiteFile taxi = Assert.Single(files, file => file.Name == "nyc_taxi");
        Assert.Equal(("realKnownCause", 750, 1800.0, 5), (
            taxi.Category, taxi.Probation, taxi.RowPeriodSeconds, taxi.Windows.Count));
    }

    [SkippableFact]
    public void The_recorded_skab_has_34_files_of_eight_sensors_with_change_points()
    {
        IReadOnlyList<SuiteFile> files = SkabCorpus.Read(SharedCorpus.Find("skab"));

        Assert.Equal(34, files.Count);
        Assert.All(files, file =>
        {
            Assert.Equal((8, 400, 1.0), (file.Columns.Length, file.Probation, file.RowPeriodSeconds));
            Assert.NotEmpty(file.Windows);
            Assert.NotEmpty(file.ChangePoints);
        });
        Assert.Equal(["other/1", "other/2", "other/3"], files.Take(3).Select(file => file.Id));
    }
}
