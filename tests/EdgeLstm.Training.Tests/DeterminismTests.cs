// The same seed gives the same bits, however many threads there are.

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;

namespace EdgeLstm.Training.Tests;

public class DeterminismTests
{
    [Theory]
    [InlineData(CellKind.LstmPeepholes)]
    [InlineData(CellKind.Gru)]
    public void Weights_do_not_depend_on_the_number_of_threads(CellKind cell)
    {
        float[] one = Train(cell, threads: 1, seed: 1);

        Assert.Equal(one, Train(cell, threads: 2, seed: 1));
        Assert.Equal(one, Train(cell, threads: 5, seed: 1));
        Assert.NotEqual(one, Train(cell, threads: 1, seed: 2));
    }

    private static float[] Train(CellKind cell, int threads, long seed)
    {
        const int rows = 1200;
        RandomStream random = new(4);
        float[] x = [.. Enumerable.Range(0, rows + 1).Select(_ => (float)random.NextNormal())];
        ExampleSet examples = new(1, 1, x[..rows], x[1..], [.. Enumerable.Repeat(1f, rows)], [new RowRange(0, rows)]);
        TrainingNetwork<float> network = new NetworkPlan(cell, 2, 9, [], Dropout: 0.2).Create(1, 1);
        network.Initialise(seed);
        TrainingSettings settings = TrainingSettings.Default with
        {
            Lanes = 70,
            Steps = 12,
            MaxEpochs = 3,
            Seed = seed,
            Threads = threads,
        };
        new Trainer(network, [new OutputLoss(0, LossKind.Squared)], examples, new(0, 900), new(900, rows), settings).Fit();
        return network.Parameters.ToArray();
    }
}
