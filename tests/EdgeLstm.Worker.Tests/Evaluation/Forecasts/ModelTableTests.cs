// Recordings as models read them: columns, gaps, labels, periods, features of time.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Worker.Evaluation.Forecasts;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Forecasts;

public class ModelTableTests
{
    private const double Monday = 4 * 86_400;   // 1970-01-05

    [Fact]
    public void Columns_are_found_by_name_in_the_order_of_the_model()
    {
        List<string> notes = [];

        SeriesTable table = Make(["Speed", "other", "temp"], [[1, 2, 3], [4, 5, 6]], notes, "temp", "speed");

        Assert.Equal(["temp", "speed"], table.Channels);
        Assert.Equal([3, 1, 6, 4], table.Values);
        Assert.Empty(notes);
    }

    [Fact]
    public void Columns_of_other_names_are_taken_in_order_and_a_note_says_so()
    {
        List<string> notes = [];

        Assert.Equal([1, 2], Make(["a", "b"], [[1, 2]], notes, "temp", "speed").Values);
        Assert.Contains("a, b", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Contains("has no column 'speed'", Assert.Throws<CorpusException>(
            () => Make(["temp", "b"], [[1, 2]], notes, "temp", "speed")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_and_a_step_back_begin_new_stretches_and_a_late_row_does_not()
    {
        Recording recording = new("r.csv", [100, 101, 102.4, 103.4, 106, 107, 107, 108], ["temp"],
            [.. Enumerable.Range(0, 8).Select(row => new float[] { row })]);

        SeriesTable table = ModelTable.Make(recording, null, Manifest("temp"), []);

        Assert.Equal([new(0, 4), new(4, 6), new(6, 8)], table.Stretches);
        Assert.Equal(106, table.UnixSeconds![4]);
    }

    [Fact]
    public void A_recording_of_another_period_is_refused_and_one_without_times_is_taken()
    {
        Recording slow = new("r.csv", [0, 60, 120, 180], ["temp"], [[1], [2], [3], [4]]);
        Recording untimed = new("r.csv", [0, 1, 2, 3], ["temp"], [[1], [2], [3], [4]]);
        ModelManifest manifest = Manifest("temp") with { SamplePeriodMs = 4 };

        Assert.Contains("60000 ms apart; the model was trained at 4 ms", Assert.Throws<CorpusException>(
            () => ModelTable.Make(slow, null, manifest, [])).Message, StringComparison.Ordinal);
        Assert.Null(ModelTable.Make(untimed, null, manifest, []).UnixSeconds);
    }

    [Fact]
    public void Labels_come_from_a_column_or_from_times()
    {
        Recording recording = new("r.csv", [100, 101, 102, 103], ["temp", "anomaly"], [[1, 0], [2, 1], [3, 1], [4, 0]]);

        Assert.Equal([false, true, true, false], ModelTable.Make(recording, null, Manifest("temp"), []).Labelled!);
        Assert.Equal([false, false, false, true],
            ModelTable.Make(recording, [new LabelledTime(103, 104)], Manifest("temp"), []).Labelled!);
        Assert.Null(Make(["temp"], [[1], [2]], [], "temp").Labelled);
    }

    [Fact]
    public void Features_of_time_are_computed_where_no_column_has_them()
    {
        Recording recording = new("r.csv", [Monday + 21_600, Monday + 21_601], ["temp"], [[1], [2]]);

        SeriesTable table = ModelTable.Make(
            recording, null, Manifest("temp", "time_day_sin", "time_day_cos", "time_week_sin", "time_week_cos"), []);

        Assert.Equal(1, table[0, 1], 1e-6);
        Assert.Equal(0, table[0, 2], 1e-6);
        Assert.Equal(Math.Sin(2 * Math.PI / 28), table[0, 3], 1e-6);
        Assert.Equal(Math.Cos(2 * Math.PI / 28), table[0, 4], 1e-6);
    }

    private static SeriesTable Make(string[] columns, float[][] rows, List<string> notes, params string[] inputs) =>
        ModelTable.Make(
            new Recording("r.csv", [.. Enumerable.Range(0, rows.Length).Select(row => (double)row)], columns, rows), null,
            Manifest(inputs), notes);

    private static ModelManifest Manifest(params string[] inputs) => new(
        1, "made", ModelTask.Forecast, 1000, 1, [.. inputs.Select(name => new InputManifest(name, "1", 0, 1))], [],
        [new OutputManifest(inputs[0], "1", 1, 0, 1)], new GoldenManifest(1e-5), new ProvenanceManifest("", "", "", "", ""));
}
