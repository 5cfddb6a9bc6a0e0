// Every gradient against central differences, in double precision:  (L(p + ε) − L(p − ε)) / 2ε.

using EdgeLstm.Core.Layers;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Layers;
using EdgeLstm.Training.Losses;

namespace EdgeLstm.Training.Tests;

public class GradientTests
{
    private const int Steps = 6;
    private const int Chunks = 2;
    private const int LaneCount = 19;   // a whole group and a part of another
    private const double RelativeError = 1e-6;

    // Differences carry a rounding of about 1e-11: below this a relative error compares nothing else.
    private const double Noise = 1e-4;

    public static TheoryData<string> Cells => ["lstm", "peephole", "gru-after", "gru-before", "rnn-tanh", "rnn-relu"];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Gradients_of_every_parameter_of_a_cell_agree_with_central_differences(string cell) =>
        AssertGradients([Cell(cell, 3, 7), new DenseTraining<double>("head", 7, 3)], Squared(3));

    [Theory]
    [MemberData(nameof(Cells))]
    public void Gradients_pass_through_a_stack(string cell) => AssertGradients(
        [
            Cell(cell, 2, 5), Cell(cell, 5, 4),
            new DenseTraining<double>("hidden", 4, 6, Activation.Tanh), new DenseTraining<double>("head", 6, 2),
        ],
        Squared(2));

    [Theory]
    [InlineData(LossKind.Huber, 0.3)]
    [InlineData(LossKind.Pinball, 0.1)]
    [InlineData(LossKind.Pinball, 0.9)]
    [InlineData(LossKind.Absolute, 0)]
    public void Gradients_of_every_loss_agree_with_central_differences(LossKind kind, double parameter) => AssertGradients(
        [Cell("lstm", 2, 4), new DenseTraining<double>("head", 4, 3)],
        [new(0, kind, parameter), new(1, kind, parameter, Weight: 2), new(1, LossKind.Squared)]);

    [Fact]
    public void Gradients_agree_with_dropout_between_layers() => AssertGradients(
        [
            Cell("gru-after", 2, 6), new DropoutTraining<double>(6, 0.4),
            Cell("lstm", 6, 4), new DenseTraining<double>("head", 4, 1),
        ],
        Squared(1),
        group => new RandomStream(5, group));

    private static OutputLoss[] Squared(int outputs) =>
        [.. Enumerable.Range(0, outputs).Select(k => new OutputLoss(k, LossKind.Squared))];

    private static TrainingLayer<double> Cell(string cell, int inputs, int units) => cell switch
    {
        "lstm" => new LstmTraining<double>("cell", inputs, units),
        "peephole" => new LstmTraining<double>("cell", inputs, units, hasPeepholes: true),
        "gru-after" => new GruTraining<double>("cell", inputs, units, GruReset.After),
        "gru-before" => new GruTraining<double>("cell", inputs, units, GruReset.Before),
        "rnn-tanh" => new RnnTraining<double>("cell", inputs, units),
        _ => new RnnTraining<double>("cell", inputs, units, Activation.Relu),
    };

    // Over the second of two chunks: the state of the first is carried in, its gradient is cut.
    private static void AssertGradients(
        TrainingLayer<double>[] layers, OutputLoss[] losses, Func<int, RandomStream>? dropout = null)
    {
        TrainingNetwork<double> network = new(layers);
        network.Initialise(3);
        RandomStream random = new(11);
        foreach (ref double parameter in network.Parameters)
        {
            parameter += 0.2 * random.NextNormal();   // biases and peepholes too
        }

        LossFunction<double> loss = new(losses);
        ExampleSet examples = Examples(random, network.InputSize, loss.Targets);
        ChunkTrainer<double> trainer = new(network, loss, examples, LaneCount, Steps, threads: 2);
        LaneChunk[][] chunks = Plan();
        // The state that the second chunk begins with must not move with the parameters.
        double LossOf(int index, double step, double[] own)
        {
            own.CopyTo(network.Parameters);
            _ = trainer.Learn(chunks[0], Steps, dropout);
            network.Parameters[index] += step;
            ChunkLoss found = trainer.Learn(chunks[1], Steps, dropout);
            return found.Sum / found.Weight;
        }

        double[] before = network.Parameters.ToArray();
        _ = LossOf(0, 0, before);
        double[] gradients = trainer.Gradients.ToArray();
        for (int i = 0; i < before.Length; i++)
        {
            const double step = 1e-5;
            double difference = (LossOf(i, step, before) - LossOf(i, -step, before)) / (2 * step);
            double error = Math.Abs(difference - gradients[i]) / Math.Max(Noise, Math.Abs(difference) + Math.Abs(gradients[i]));
            Assert.True(error < RelativeError, $"parameter {i}: {gradients[i]:G10}, by differences {difference:G10}: {error:G3}");
        }

        Assert.Contains(gradients, gradient => Math.Abs(gradient) > 1e-3);
    }

    private static ExampleSet Examples(RandomStream random, int inputs, int targets)
    {
        int rows = LaneCount * Steps * Chunks;
        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
        float[] weights = [.. Enumerable.Range(0, rows * targets).Select(_ => random.NextDouble() < 0.2 ? 0f : 1f)];
        return new ExampleSet(inputs, targets, Normal(rows * inputs), Normal(rows * targets), weights, [new RowRange(0, rows)]);
    }

    // Lanes of unequal length, the last of which has nothing to do in the second chunk.
    private static LaneChunk[][] Plan()
    {
        LaneChunk[][] chunks = [new LaneChunk[LaneCount], new LaneChunk[LaneCount]];
        for (int lane = 0; lane < LaneCount; lane++)
        {
            int row = lane * Steps * Chunks;
            chunks[0][lane] = new LaneChunk(row, Steps, Reset: true);
            int count = lane == LaneCount - 1 ? 0 : Steps - (lane % 3);
            chunks[1][lane] = new LaneChunk(row + Steps, count, Reset: lane == 4, Lead: lane % 2);
        }

        return chunks;
    }
}
