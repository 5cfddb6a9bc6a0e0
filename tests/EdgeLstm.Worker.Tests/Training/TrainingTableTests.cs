// A recording as training sees it: columns, units, period, gaps, labels, and what is refused.

using EdgeLstm.Training.Data;
using EdgeLstm.Worker.Evaluation.Suites;
using EdgeLstm.Worker.Training;

namespace EdgeLstm.Worker.Tests.Training;

public sealed class TrainingTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-table-").FullName;
    private readonly List<string> _warnings = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Columns_times_and_period_are_those_of_the_file()
    {
        SeriesTable table = Read(new MadeRecording(200));

        Assert.Equal(["Level", "load"], table.Channels);
        Assert.Equal(["1", "1"], table.Units);
        Assert.Equal((60_000.0, 200), (table.SamplePeriodMs, table.Rows));
        Assert.Equal([new RowRange(0, 200)], table.Stretches);
        Assert.Equal(60, table.UnixSeconds![1] - table.UnixSeconds[0]);
        Assert.Null(table.Labelled);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_step_of_time_beyond_one_and_a_half_periods_begins_a_new_stretch()
    {
        SeriesTable table = Read(new MadeRecording(200).Without(150, 1).Without(40, 7));

        Assert.Equal([new RowRange(0, 40), new RowRange(40, 143), new RowRange(143, 192)], table.Stretches);
        Assert.Contains("2 times: nothing is learned across such a gap", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_steps_back_begins_a_new_stretch_too()
    {
        MadeRecording recording = new(200);
        string[] times = [.. recording.Rows.Select(row => row[0])];
        for (int row = 120; row < 200; row++)
        {
            _ = recording.Set(row, 0, times[row - 60]);
        }

        Assert.Equal([new RowRange(0, 120), new RowRange(120, 200)], Read(recording).Stretches);
        Assert.Contains("steps back once", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_are_not_in_the_order_of_time_are_refused()
    {
        MadeRecording recording = new(200);
        string[] times = [.. recording.Rows.Select(row => row[0])];
        for (int row = 0; row < 200; row++)
        {
            _ = recording.Set(row, 0, times[199 - row]);
        }

        Assert.Contains("expected rows in the order of time",
            Assert.Throws<CorpusException>(() => Read(recording)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_times_rows_are_a_second_apart_unless_somebody_says_otherwise()
    {
        MadeRecording recording = new MadeRecording(200).Remove(0);
        SeriesTable table = Read(recording);

        Assert.Equal((1000.0, null), (table.SamplePeriodMs, table.UnixSeconds));
        Assert.Contains("has no times", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal(4, Read(recording, periodMs: 4).SamplePeriodMs);
        Assert.Single(_warnings);
    }

    [Fact]
    public void A_period_that_is_not_that_of_the_times_is_refused() =>
        Assert.Contains("rows are 60000 ms apart, --period says 1000 ms",
            Assert.Throws<CorpusException>(() => Read(new MadeRecording(200), periodMs: 1000)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_column_that_never_changes_in_training_is_left_out()
    {
        SeriesTable table = Read(new MadeRecording(200).Add("mode", row => row < 150 ? "1" : "2"));

        Assert.Equal(["Level", "load"], table.Channels);
        Assert.Contains("column 'mode' never changes in the training rows", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_are_found_in_any_case_and_keep_the_order_they_are_asked_for()
    {
        SeriesTable table = Read(new MadeRecording(200), inputs: ["LOAD", "level"], units: new() { [""] = "mm", ["load"] = "%" });

        Assert.Equal(["load", "Level"], table.Channels);
        Assert.Equal(["%", "mm"], table.Units);
    }

    [Fact]
    public void A_column_that_does_not_exist_is_refused_with_the_nearest_name() =>
        Assert.EndsWith("has no column 'levl'; did you mean 'Level'?",
            Assert.Throws<CorpusException>(() => Read(new MadeRecording(200), inputs: ["levl"])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_unit_of_a_column_that_does_not_exist_is_refused() =>
        Assert.EndsWith("has no column 'lod'; did you mean 'load'?",
            Assert.Throws<CorpusException>(() => Read(new MadeRecording(200), units: new() { ["lod"] = "%" })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Missing_values_stay_missing()
    {
        SeriesTable table = Read(new MadeRecording(200).Set(10, 1, "").Set(11, 2, "nan"));

        Assert.True(float.IsNaN(table[10, 0]) && float.IsNaN(table[11, 1]));
        Assert.Equal(2, table.Values.Count(float.IsNaN));
    }

    [Fact]
    public void Labels_come_from_a_column_or_from_a_file_and_are_no_input()
    {
        SeriesTable fromColumn = Read(new MadeRecording(200).Add("anomaly", row => row is 30 or 31 ? "1" : "0"));
        string labels = Path.Combine(_folder, "labels.csv");
        File.WriteAllText(labels, "start,end\n2026-01-05 00:30:00,2026-01-05 00:31:00\n");
        SeriesTable fromFile = Read(new MadeRecording(200), labels: labels);

        Assert.Equal(["Level", "load"], fromColumn.Channels);
        Assert.Equal([30, 31], Enumerable.Range(0, 200).Where(row => fromColumn.Labelled![row]));
        Assert.Equal(fromColumn.Labelled, fromFile.Labelled);
    }

    [Fact]
    public void Too_few_rows_are_refused() =>
        Assert.EndsWith("has 63 rows; expected at least 64",
            Assert.Throws<CorpusException>(() => Read(new MadeRecording(63))).Message, StringComparison.Ordinal);

    private SeriesTable Read(
        MadeRecording recording,
        string? labels = null,
        IReadOnlyList<string>? inputs = null,
        Dictionary<string, string>? units = null,
        double? periodMs = null) => TrainingTable.Read(
            recording.Write(_folder), labels, inputs, units ?? [], periodMs, SplitChoice.Default.Cut, _warnings);
}
