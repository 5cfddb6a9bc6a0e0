// What the gates are for, in seconds; the whole table is `dotnet run -c Release --project tests/EdgeLstm.Benchmarks -- learning`.

namespace EdgeLstm.Training.Tests.Learning;

public class TextbookTests
{
    private static readonly TaskSettings Short = new(Units: 24, LearningRate: 0.01, MaxUpdates: 3000);

    [Theory]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Gru)]
    public void A_gated_cell_solves_the_adding_problem(CellKind cell)
    {
        TaskResult result = new TaskTraining(new AddingProblem(20), cell, Short).Run();

        Assert.True(result.IsSolved, $"mean squared error {result.Score:G3} after {result.Updates} updates");
    }

    [Theory]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Gru)]
    public void A_gated_cell_recalls_a_symbol_after_20_others(CellKind cell)
    {
        TaskResult result = new TaskTraining(new DelayedRecall(20), cell, Short).Run();

        Assert.True(result.IsSolved, $"{result.Score:P1} right after {result.Updates} updates");
    }

    [Theory]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Gru)]
    public void The_gradient_reaches_the_beginning_through_a_gated_cell_and_vanishes_in_a_vanilla_one(CellKind gated)
    {
        DelayedRecall task = new(50);
        double[] norms = new TaskTraining(task, gated, Short).Run(0).LastNorms;
        double[] vanilla = new TaskTraining(task, CellKind.Rnn, Short with { MaxUpdates = 500 }).Run(0).LastNorms;

        Assert.True(norms[0] > 100 * vanilla[0], $"{gated} {norms[0]:G3}, vanilla {vanilla[0]:G3} of the last");
    }

    [Theory]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.Rnn)]
    public void A_sine_is_forecast_through_its_noise(CellKind cell)
    {
        double error = NoisySine.Train(cell, units: 16, epochs: 40);

        // The noise of one sample is 0.2; persistence cannot do better than that.
        Assert.True(error < 0.1, $"root mean squared error {error:G3}, of persistence {NoisySine.OfPersistence():G3}");
    }
}
