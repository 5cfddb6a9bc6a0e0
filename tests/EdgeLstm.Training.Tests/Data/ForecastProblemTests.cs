// A recording made ready: scaling by hand, order of the outputs, what counts, and forecasts in physical units.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;

namespace EdgeLstm.Training.Tests.Data;

public class ForecastProblemTests
{
    private static readonly SeriesTable Table = MadeSeries.Table(300);

    [Fact]
    public void Inputs_are_standardised_by_the_mean_and_standard_deviation_of_the_training_rows()
    {
        ForecastProblem problem = Create(Table, MadeSeries.Task);

        double[] level = [.. Enumerable.Range(0, 200).Select(row => (double)Table[row, 0])];
        double mean = level.Average();
        double deviation = Math.Sqrt(level.Average(value => (value - mean) * (value - mean)));
        InputManifest input = problem.Inputs[0];
        Assert.Equal(("level", "mm"), (input.Name, input.Unit));
        Assert.Equal(mean, input.Offset, 1e-12);
        Assert.Equal(1 / deviation, input.Scale, 1e-12);
        Assert.Equal((level.Min(), level.Max()), (input.Minimum, input.Maximum));
        Assert.Equal((float)((Table[250, 0] - mean) / deviation), problem.Examples.Inputs[500], 1e-6f);
    }

    [Fact]
    public void Relative_targets_are_changes_scaled_by_their_standard_deviation()
    {
        ForecastProblem problem = Create(Table, MadeSeries.Task);

        double[] changes = [.. Enumerable.Range(0, 196).Select(row => (double)Table[row + 4, 0] - Table[row, 0])];
        double mean = changes.Average();
        double deviation = Math.Sqrt(changes.Average(value => (value - mean) * (value - mean)));
        OutputManifest output = problem.Outputs[1];
        Assert.Equal(
            ("level", "mm", 4, "level", 0.0),
            (output.Name, output.Unit, output.Horizon, output.RelativeTo, output.Offset));
        Assert.Equal(1 / deviation, output.Scale, 1e-12);
        Assert.Equal((float)(changes[100] / deviation), problem.Examples.Targets[201], 1e-6f);
    }

    [Fact]
    public void Absolute_targets_are_values_with_their_own_mean()
    {
        ForecastProblem problem = Create(Table, MadeSeries.Task with { IsRelative = false });

        double mean = Enumerable.Range(1, 199).Average(row => (double)Table[row, 0]);
        Assert.Equal(mean, problem.Outputs[0].Offset, 1e-12);
        Assert.Null(problem.Outputs[0].RelativeTo);
        for (int row = 0; row < 199; row++)
        {
            Assert.Equal(Table[row + 1, 0], problem.Outputs[0].ToPhysical(problem.Examples.Targets[2 * row], 0), 1e-4f);
        }
    }

    [Fact]
    public void Outputs_are_ordered_by_target_then_horizon_then_quantile()
    {
        ForecastProblem problem = Create(
            Table, new(["load", "level"], ["level", "load"], [2, 3], [0.1, 0.5, 0.9]));

        Assert.Equal(
            from name in new[] { "level", "load" }
            from horizon in new[] { 2, 3 }
            from q in new[] { 0.1, 0.5, 0.9 }
            select (name, horizon, (double?)q),
            problem.Outputs.Select(output => (output.Name, output.Horizon, output.Quantile)));
        Assert.Equal(["load", "level"], problem.Inputs.Select(input => input.Name));
        Assert.Equal(4, problem.Examples.TargetCount);
        IReadOnlyList<OutputLoss> losses = problem.Losses(LossKind.Squared, 0);
        Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], losses.Select(loss => loss.Target));
        Assert.All(losses, loss => Assert.Equal(LossKind.Pinball, loss.Kind));
        Assert.Equal([0.1, 0.5, 0.9], losses.Take(3).Select(loss => loss.Parameter));
    }

    [Fact]
    public void Without_quantiles_every_output_has_the_loss_that_is_asked_for() =>
        Assert.Equal(
            [new OutputLoss(0, LossKind.Huber, 0.3), new OutputLoss(1, LossKind.Huber, 0.3)],
            Create(Table, MadeSeries.Task).Losses(LossKind.Huber, 0.3));

    [Fact]
    public void Nothing_is_learned_from_rows_with_a_missing_input_nor_about_missing_targets()
    {
        ForecastProblem problem = Create(Table.With((50, 0, float.NaN), (70, 1, float.NaN)), MadeSeries.Task);

        Assert.Equal([49, 50, 70], Unlearned(problem, 0, new RowRange(0, 100)));
        Assert.Equal([46, 50, 70], Unlearned(problem, 1, new RowRange(0, 100)));
        Assert.All(problem.Examples.Inputs, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Nothing_is_learned_across_a_gap()
    {
        ForecastProblem problem = Create(MadeSeries.Table(300, new(0, 80), new(80, 300)), MadeSeries.Task);

        Assert.Equal([79], Unlearned(problem, 0, new RowRange(0, 150)));
        Assert.Equal([76, 77, 78, 79], Unlearned(problem, 1, new RowRange(0, 150)));
    }

    [Fact]
    public void A_hole_at_the_beginning_of_a_stretch_is_the_mean_and_not_what_was_before_the_gap()
    {
        SeriesTable table = MadeSeries.Table(300, new(0, 80), new(80, 300)).With((80, 0, float.NaN));

        Assert.Equal(0, Create(table, MadeSeries.Task).Examples.Inputs[160]);
    }

    [Fact]
    public void Forecasts_that_touch_a_labelled_anomaly_are_not_learned()
    {
        SeriesTable table = Table.Labelled(new RowRange(60, 62));
        ForecastProblem clean = Create(table, MadeSeries.Task);

        Assert.Equal([59, 60, 61], Unlearned(clean, 0, new RowRange(0, 150)));
        Assert.Equal([56, 57, 58, 59, 60, 61], Unlearned(clean, 1, new RowRange(0, 150)));
        Assert.Empty(Unlearned(Create(table, MadeSeries.Task with { LearnsLabelled = true }), 1, new RowRange(0, 150)));
    }

    [Fact]
    public void Features_of_time_are_points_on_a_circle_from_the_time_of_the_row()
    {
        ForecastProblem problem = Create(
            Table, MadeSeries.Task with { TimeFeatures = TimeFeatures.Day | TimeFeatures.Week });

        Assert.Equal(
            ["level", "load", "time_day_sin", "time_day_cos", "time_week_sin", "time_week_cos"],
            problem.Inputs.Select(input => input.Name));
        Assert.All(problem.Inputs.Skip(2), input => Assert.Equal(("1", 0.0, 1.0), (input.Unit, input.Offset, input.Scale)));

        // 2023-11-14 22:13:20 UTC, a Tuesday.
        const double day = ((22 * 3600) + (13 * 60) + 20) / 86_400.0;
        float[] expected = [.. ((double[])[day, (1 + day) / 7]).SelectMany(turns => new[]
        {
            (float)Math.Sin(2 * Math.PI * turns), (float)Math.Cos(2 * Math.PI * turns),
        })];
        Assert.All(expected.Zip(problem.Examples.Inputs[2..6]), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void Forecasts_are_those_of_the_model_file_stepped_sample_by_sample()
    {
        ForecastProblem problem = Create(Table, MadeSeries.Task);
        TrainingNetwork<float> network = MadeSeries.Network(problem, 6, CellKind.Lstm);
        const int lead = 30;
        RowRange rows = new(240, 300);

        float[] forecasts = problem.Forecast(network, rows, lead);

        using StepperScope stepper = new(problem, network);
        for (int row = rows.Begin - lead; row < rows.End; row++)
        {
            float[] expected = stepper.Step(row);
            for (int k = 0; k < expected.Length && row >= rows.Begin; k++)
            {
                Assert.Equal(expected[k], forecasts[((row - rows.Begin) * 2) + k], 1e-3f);
            }
        }
    }

    [Fact]
    public void A_window_is_forecast_as_if_the_state_began_at_its_first_row()
    {
        ForecastProblem problem = Create(Table, MadeSeries.Task);
        TrainingNetwork<float> network = MadeSeries.Network(problem);
        RowRange rows = new(201, 260);

        float[] windows = problem.ForecastWindows(network, rows, 9);

        for (int row = rows.Begin; row < rows.End; row++)
        {
            float[] one = problem.Forecast(network, new RowRange(row, row + 1), 8);
            Assert.Equal(one, windows[((row - rows.Begin) * 2)..((row - rows.Begin + 1) * 2)]);
        }
    }

    [Fact]
    public void There_is_no_forecast_without_its_inputs_or_its_lead()
    {
        SeriesTable table = MadeSeries.Table(300, new(0, 220), new(220, 300)).With((250, 1, float.NaN));
        ForecastProblem problem = Create(table, MadeSeries.Task);
        TrainingNetwork<float> network = MadeSeries.Network(problem);

        float[] carried = problem.Forecast(network, new RowRange(0, 300), 10);
        float[] windows = problem.ForecastWindows(network, new RowRange(0, 300), 11);

        for (int row = 0; row < 300; row++)
        {
            bool isPossible = row != 250 && row >= 10 && row is not (>= 220 and < 230);
            Assert.Equal(isPossible, float.IsFinite(carried[2 * row]));
            Assert.Equal(isPossible, float.IsFinite(windows[2 * row]));
        }
    }

    [Theory]
    [InlineData("input 'levl' is not among the recording's channels; did you mean 'level'?", "levl", "level", "1")]
    [InlineData("target 'loat' is not among the inputs; did you mean 'load'?", "level,load", "loat", "1")]
    [InlineData("input 'level' is named twice", "level,level", "level", "1")]
    [InlineData("horizons must be at least 1 and ascend; got 4, 2", "level", "level", "4,2")]
    [InlineData("horizon 60 is longer than a part of the recording", "level", "level", "60")]
    [InlineData("there is no horizon", "level", "level", "")]
    [InlineData("quantiles must lie between 0 and 1 and ascend; got 0.5 after 0.9", "level", "level", "1", "0.9,0.5")]
    public void A_wrong_task_is_refused_by_name(
        string expected, string inputs, string targets, string horizons, string quantiles = "")
    {
        ForecastTask task = new(
            inputs.Split(','), targets.Split(','), [.. Numbers(horizons).Select(h => (int)h)], [.. Numbers(quantiles)]);

        ArgumentException refused = Assert.Throws<ArgumentException>(() => Create(Table, task));
        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_channel_that_is_constant_or_missing_in_training_is_refused()
    {
        SeriesTable constant = Table, missing = Table;
        for (int row = 0; row < 200; row++)
        {
            (constant, missing) = (constant.With((row, 1, 7)), missing.With((row, 1, float.NaN)));
        }

        Assert.Contains("channel 'load' is constant (7) in the 200 training rows",
            Assert.Throws<ArgumentException>(() => Create(constant, MadeSeries.Task)).Message, StringComparison.Ordinal);
        Assert.Contains("channel 'load' has no measured value in the 200 training rows",
            Assert.Throws<ArgumentException>(() => Create(missing, MadeSeries.Task)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_with_nothing_to_learn_is_refused()
    {
        SeriesTable labelled = Table.Labelled(new RowRange(200, 250));

        Assert.Contains("'level' 1 rows ahead: rows 200 to 250 have 0 pairs",
            Assert.Throws<ArgumentException>(() => Create(labelled, MadeSeries.Task)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_of_time_need_times() =>
        Assert.Contains("need a recording with times", Assert.Throws<ArgumentException>(() => Create(
            Table with { UnixSeconds = null }, MadeSeries.Task with { TimeFeatures = TimeFeatures.Day })).Message,
            StringComparison.Ordinal);

    private static ForecastProblem Create(SeriesTable table, ForecastTask task) =>
        ForecastProblem.Create(table, task, ChronologicalSplit.At(table.Rows, 200, 250));

    private static IEnumerable<double> Numbers(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(number => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture));

    private static int[] Unlearned(ForecastProblem problem, int target, RowRange rows) =>
        [.. Enumerable.Range(rows.Begin, rows.Count).Where(row => problem.Examples.Weights[(2 * row) + target] == 0)];

    /// <summary>The same weights as a network of the runtime.</summary>
    private sealed class StepperScope : IDisposable
    {
        private readonly ForecastProblem _problem;
        private readonly ISequenceModel _network;
        private readonly string _path = Path.Combine(Path.GetTempPath(), $"edgelstm-{Guid.NewGuid():N}.safetensors");

        public StepperScope(ForecastProblem problem, TrainingNetwork<float> network)
        {
            _problem = problem;
            List<Tensor> tensors = [];
            for (int layer = 0; layer < network.Layers.Count; layer++)
            {
                tensors.AddRange(NetworkExport.Tensors(network, layer));
            }

            // Golden vectors of the network itself: what is compared here is the rest.
            float[] inputs = problem.Examples.Inputs[..(16 * network.InputSize)];
            tensors.Add(new Tensor("golden.inputs", [16, network.InputSize], inputs));
            tensors.Add(new Tensor("golden.outputs", [16, network.OutputSize], Raw(problem, network)));
            ModelManifest manifest = new(
                1, "test", ModelTask.Forecast, 1000, 0, problem.Inputs, NetworkExport.Layers(network), problem.Outputs,
                new GoldenManifest(1e-5), new ProvenanceManifest("test", new string('0', 64), "test", "0", "2026-01-01"));
            _network = ModelFile.Save(_path, manifest, tensors).CreateNetwork(VectorWidths.Best);
        }

        public float[] Step(int row)
        {
            float[] x = [.. _problem.Inputs.Select((input, k) => input.Standardize(_problem.Table[row, k]))];
            float[] y = new float[_problem.Outputs.Count];
            _network.Step(x, y);
            return [.. _problem.Outputs.Select((output, k) => output.ToPhysical(y[k], _problem.Table[row, 0]))];
        }

        public void Dispose() => File.Delete(_path);

        private static float[] Raw(ForecastProblem problem, TrainingNetwork<float> network) =>
            NetworkSweep.Carried(network, problem.Examples, new RowRange(0, 16), 0);
    }
}
