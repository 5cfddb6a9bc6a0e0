// Leaks planted on purpose: what lies behind a border becomes nonsense, and nothing before it changes by a bit.

using System.Reflection;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;

namespace EdgeLstm.Training.Tests.Data;

public class LeakageTests
{
    private const int Rows = 600;
    private const int TrainingEnd = 360, ValidationEnd = 480;

    private static readonly SeriesTable Table = MadeSeries.Table(Rows);

    private static readonly ForecastTask Task = MadeSeries.Task with { TimeFeatures = TimeFeatures.Day | TimeFeatures.Week };

    private static readonly TrainingSettings Settings =
        TrainingSettings.Default with { Lanes = 20, Steps = 12, Lead = 8, MaxEpochs = 3, LevelShift = 0.2, Threads = 2 };

    public static TheoryData<bool> Windowed => [false, true];

    [Theory]
    [InlineData(TrainingEnd)]
    [InlineData(ValidationEnd)]
    public void Features_before_a_border_know_nothing_of_the_future(int border)
    {
        ForecastProblem honest = Problem(Table), planted = Problem(Table.Replaced(border));

        int inputs = honest.Inputs.Count;
        Assert.Equal(6, inputs);
        Assert.Equal(honest.Examples.Inputs[..(border * inputs)], planted.Examples.Inputs[..(border * inputs)]);
        Assert.NotEqual(honest.Examples.Inputs[(border * inputs)..], planted.Examples.Inputs[(border * inputs)..]);
    }

    [Fact]
    public void A_hole_is_filled_from_the_row_before_it_whatever_comes_after()
    {
        SeriesTable holed = Table.With((400, 0, float.NaN), (401, 0, float.NaN));
        ForecastProblem one = Problem(holed), other = Problem(holed.Replaced(402));

        int inputs = one.Inputs.Count;
        Assert.Equal(one.Examples.Inputs[..(402 * inputs)], other.Examples.Inputs[..(402 * inputs)]);
        Assert.Equal(one.Examples.Inputs[399 * inputs], one.Examples.Inputs[401 * inputs]);
    }

    [Fact]
    public void Scalers_are_those_of_the_training_rows_alone()
    {
        ForecastProblem honest = Problem(Table), planted = Problem(Table.Replaced(TrainingEnd));

        Assert.Equal(honest.Inputs, planted.Inputs);
        Assert.Equal(honest.Outputs, planted.Outputs);
        Assert.NotEqual(honest.Inputs, Problem(Table.Replaced(TrainingEnd - 1)).Inputs);
    }

    [Theory]
    [InlineData(TrainingEnd)]
    [InlineData(ValidationEnd)]
    public void Targets_and_weights_before_a_border_are_not_touched(int border)
    {
        SeriesTable changed = Table.Replaced(border);
        for (int row = border; row < Rows; row += 3)
        {
            changed = changed.With((row, 0, float.NaN));
        }

        ForecastProblem honest = Problem(Table), planted = Problem(changed);

        int targets = border * honest.Examples.TargetCount;
        Assert.Equal(honest.Examples.Targets[..targets], planted.Examples.Targets[..targets]);
        Assert.Equal(honest.Examples.Weights[..targets], planted.Examples.Weights[..targets]);
    }

    [Fact]
    public void Labels_behind_a_border_are_not_seen_before_it()
    {
        ForecastProblem honest = Problem(Table), labelled = Problem(Table.Labelled(new RowRange(TrainingEnd, TrainingEnd + 9)));

        int targets = TrainingEnd * honest.Examples.TargetCount;
        Assert.Equal(honest.Examples.Weights[..targets], labelled.Examples.Weights[..targets]);
        Assert.Equal(honest.Outputs, labelled.Outputs);
    }

    [Fact]
    public void No_target_of_a_part_lies_in_the_next_one()
    {
        ForecastProblem problem = Problem(Table);

        foreach (RowRange part in (RowRange[])[problem.Split.Training, problem.Split.Validation, problem.Split.Test])
        {
            for (int row = part.Begin; row < part.End; row++)
            {
                Assert.Equal(row + 1 < part.End ? 1 : 0, problem.Examples.Weights[2 * row]);
                Assert.Equal(row + 4 < part.End ? 1 : 0, problem.Examples.Weights[(2 * row) + 1]);
            }
        }
    }

    [Fact]
    public void Targets_lie_strictly_after_their_inputs()
    {
        // Only one row is changed: targets change where they are h rows before it, and where it is what they are relative to.
        ForecastProblem problem = Problem(Table), changed = Problem(Table.With((500, 0, 99)));

        List<int> touched = [];
        for (int i = 0; i < problem.Examples.Targets.Length; i++)
        {
            if (problem.Examples.Targets[i] != changed.Examples.Targets[i])
            {
                touched.Add(i);
            }
        }

        Assert.Equal([(2 * 496) + 1, 2 * 499, 2 * 500, (2 * 500) + 1], touched);
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => ForecastProblem.Create(Table, Task with { Horizons = [0, 1] }, Split()));
        Assert.Contains("at least 1", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Windowed))]
    public void Trained_weights_do_not_depend_on_a_bit_behind_the_training_rows(bool isWindowed)
    {
        RowRange none = new(TrainingEnd, TrainingEnd);

        Assert.Equal(
            Train(Problem(Table), none, isWindowed), Train(Problem(Table.Replaced(TrainingEnd)), none, isWindowed));
    }

    [Theory]
    [MemberData(nameof(Windowed))]
    public void Chosen_weights_do_not_depend_on_a_bit_of_the_test_rows(bool isWindowed)
    {
        RowRange validation = Split().Validation;
        float[] honest = Train(Problem(Table), validation, isWindowed);

        Assert.Equal(honest, Train(Problem(Table.Replaced(ValidationEnd)), validation, isWindowed));
        Assert.NotEqual(honest, Train(Problem(Table.Replaced(TrainingEnd - 2)), validation, isWindowed));
    }

    [Fact]
    public void Validation_that_begins_before_training_ends_is_refused()
    {
        ForecastProblem problem = Problem(Table);

        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => Train(problem, new RowRange(TrainingEnd - 1, ValidationEnd), isWindowed: false));
        Assert.Contains("it must come later", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forecasts_do_not_depend_on_what_comes_after_their_row()
    {
        ForecastProblem problem = Problem(Table);
        ForecastProblem planted = Problem(Table.Replaced(550));
        TrainingNetwork<float> network = MadeSeries.Network(problem);
        RowRange rows = new(ValidationEnd, 550);

        Assert.Equal(problem.Forecast(network, rows, 32), planted.Forecast(network, rows, 32));
        Assert.Equal(problem.ForecastWindows(network, rows, 12), planted.ForecastWindows(network, rows, 12));
    }

    [Fact]
    public void The_only_split_is_chronological_and_nobody_can_change_one()
    {
        Type split = typeof(ChronologicalSplit);
        Assert.Empty(split.GetConstructors());
        Assert.All(split.GetProperties(), property => Assert.False(property.CanWrite, property.Name));
        Assert.All(
            split.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(made => made.ReturnType == split),
            made => Assert.DoesNotContain(made.GetParameters(), parameter => parameter.ParameterType != typeof(int)
                && parameter.ParameterType != typeof(double)));

        for (int first = 1; first < 8; first++)
        {
            for (int second = first + 1; second < 9; second++)
            {
                ChronologicalSplit made = ChronologicalSplit.At(9, first, Math.Min(8, second));
                Assert.Equal((0, made.Validation.Begin, made.Test.Begin, 9), (
                    made.Training.Begin, made.Training.End, made.Validation.End, made.Test.End));
                if (second == 8)
                {
                    break;
                }
            }
        }

        Assert.Throws<ArgumentException>(() => ChronologicalSplit.At(9, 5, 4));
        Assert.Throws<ArgumentException>(() => ChronologicalSplit.At(9, 5, 9));
        Assert.Throws<ArgumentException>(() => ChronologicalSplit.ByShares(9, 0.8, 0.3));
        Assert.Throws<ArgumentException>(() => ChronologicalSplit.ByShares(9, 0, 0.3));
    }

    [Fact]
    public void A_part_cannot_be_given_to_a_problem_in_another_order()
    {
        // A split of another length would put borders elsewhere.
        Assert.Throws<ArgumentException>(() => ForecastProblem.Create(Table, Task, ChronologicalSplit.At(Rows + 1, 300, 400)));
    }

    private static ChronologicalSplit Split() => ChronologicalSplit.At(Rows, TrainingEnd, ValidationEnd);

    private static ForecastProblem Problem(SeriesTable table) => ForecastProblem.Create(table, Task, Split());

    private static float[] Train(ForecastProblem problem, RowRange validation, bool isWindowed)
    {
        TrainingNetwork<float> network = MadeSeries.Network(problem);
        TrainingSettings settings = Settings with { IsWindowed = isWindowed, WindowStride = isWindowed ? 3 : 1 };
        TrainingHistory history = new Trainer(
            network, problem.Losses(LossKind.Huber, 1), problem.Examples, problem.Split.Training, validation, settings).Fit();
        Assert.Equal(3, history.Epochs.Count);
        return network.Parameters.ToArray();
    }
}
