// A sine in noise is forecast some samples ahead:  x(t) = sin(2πt/25) + 0.2·n(t).

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;
using EdgeLstm.Training.Optimisation;

namespace EdgeLstm.Training.Tests.Learning;

/// <summary>Trained as a service's model is: the state carried, early stopping on later rows. What is learned is the sine that
/// is to come, without its noise; nobody forecasts the noise, and so the error is that against the sine itself.</summary>
internal static class NoisySine
{
    public const int Ahead = 6;
    private const int Rows = 6000, TrainingRows = 4000, ValidationRows = 1000;
    private const double Period = 25, Noise = 0.2;

    /// <summary>Root mean squared error against the sine on the last rows.</summary>
    public static double Train(CellKind cell, int units, int epochs)
    {
        ExampleSet examples = CreateExamples();
        TrainingNetwork<float> network = new NetworkPlan(cell, 1, units, [], 0).Create(1, 1);
        network.Initialise(seed: 1);
        OutputLoss[] losses = [new(0, LossKind.Squared)];
        TrainingSettings settings = TrainingSettings.Default with
        {
            MaxEpochs = epochs,
            Optimiser = OptimiserSettings.Default with { LearningRate = 0.005 },
        };
        int validationEnd = TrainingRows + ValidationRows;
        new Trainer(network, losses, examples, new(0, TrainingRows), new(TrainingRows, validationEnd), settings).Fit();
        return Error(network, losses, examples, validationEnd);
    }

    /// <summary>The error of the last sample taken for the forecast.</summary>
    public static double OfPersistence()
    {
        ExampleSet examples = CreateExamples();
        return Rms(row => examples.Inputs[row] - Sine(row + Ahead));
    }

    // One lane over the last rows; the rows before them warm the state up.
    private static double Error(TrainingNetwork<float> network, OutputLoss[] losses, ExampleSet examples, int begin)
    {
        const int lead = 200;
        int count = Rows - Ahead - begin + lead;
        ChunkTrainer<float> judge = new(network, new LossFunction<float>(losses), examples, 1, count, threads: 1);
        judge.Evaluate([new LaneChunk(begin - lead, count, Reset: true)], count);
        return Rms(row => judge[0].Output.Span[(row - begin + lead) * Kernels.Lanes.Count] - Sine(row + Ahead));
    }

    private static double Rms(Func<int, double> error)
    {
        double sum = 0;
        const int begin = TrainingRows + ValidationRows, end = Rows - Ahead;
        for (int row = begin; row < end; row++)
        {
            sum += Math.Pow(error(row), 2);
        }

        return Math.Sqrt(sum / (end - begin));
    }

    private static ExampleSet CreateExamples()
    {
        RandomStream random = new(1);
        float[] x = [.. Enumerable.Range(0, Rows).Select(row => (float)(Sine(row) + (Noise * random.NextNormal())))];
        float[] targets = [.. Enumerable.Range(0, Rows).Select(row => row + Ahead < Rows ? x[row + Ahead] : 0)];
        float[] weights = [.. Enumerable.Range(0, Rows).Select(row => row + Ahead < Rows ? 1f : 0f)];
        weights.AsSpan(TrainingRows - Ahead, Ahead).Clear();                    // targets behind the training rows
        weights.AsSpan(TrainingRows + ValidationRows - Ahead, Ahead).Clear();
        return new ExampleSet(1, 1, x, targets, weights, [new RowRange(0, Rows)]);
    }

    private static double Sine(int row) => Math.Sin(2 * Math.PI * row / Period);
}
