// Lanes that have nothing to do leave no trace.

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;

namespace EdgeLstm.Training.Tests;

public class ChunkTrainerTests
{
    private const int Steps = 9;

    [Theory]
    [InlineData(CellKind.LstmPeepholes)]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.GruResetBefore)]
    [InlineData(CellKind.Rnn)]
    public void Lanes_without_rows_change_neither_loss_nor_gradient(CellKind cell)
    {
        (ChunkTrainer<float> wide, ChunkTrainer<float> narrow) = (Create(cell, lanes: 40), Create(cell, lanes: 16));
        wide.Learn(Chunk(40, busy: 40), Steps);   // what is left of it must not show

        ChunkLoss found = wide.Learn(Chunk(40, busy: 16), Steps);
        ChunkLoss wanted = narrow.Learn(Chunk(16, busy: 16), Steps);

        Assert.Equal(wanted, found);
        Assert.Equal(narrow.Gradients.ToArray(), wide.Gradients.ToArray());
        Assert.Contains(narrow.Gradients.ToArray(), gradient => gradient != 0);
    }

    private static ChunkTrainer<float> Create(CellKind cell, int lanes)
    {
        const int rows = 40 * Steps;
        RandomStream random = new(1);
        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
        ExampleSet examples = new(2, 1, Normal(2 * rows), Normal(rows), [.. Enumerable.Repeat(1f, rows)], [new(0, rows)]);
        TrainingNetwork<float> network = new NetworkPlan(cell, 2, 6, [], 0).Create(2, 1);
        network.Initialise(seed: 1);
        return new(network, new LossFunction<float>([new OutputLoss(0, LossKind.Squared)]), examples, lanes, Steps, threads: 2);
    }

    private static LaneChunk[] Chunk(int lanes, int busy) =>
        [.. Enumerable.Range(0, lanes).Select(i => i < busy ? new LaneChunk(i * Steps, Steps - (i % 3), Reset: true) : default)];
}
