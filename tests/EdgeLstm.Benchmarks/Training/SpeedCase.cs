// A network and the data it is trained with in both programs.

using System.Runtime.InteropServices;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;

namespace EdgeLstm.Benchmarks.Training;

/// <summary>LSTM layers and a linear head; many to many, mean squared error.</summary>
internal sealed class SpeedCase
{
    public const int Steps = 48, Batch = 32, Batches = 32, Updates = 300;
    public const double LearningRate = 0.002;

    private readonly float[] _weights;

    public SpeedCase(int inputs, int units, int layers)
    {
        (Inputs, Units, Layers) = (inputs, units, layers);
        Examples = CreateExamples(inputs);
        _weights = CreateNetwork().Parameters.ToArray();
    }

    public int Inputs { get; }

    public int Units { get; }

    public int Layers { get; }

    public string Name => Layers == 1 ? $"({Inputs}, {Units})" : $"{Layers} × ({Inputs}, {Units})";

    public ExampleSet Examples { get; }

    /// <summary>A network with the weights that both begin with.</summary>
    public TrainingNetwork<float> CreateNetwork()
    {
        TrainingNetwork<float> network = new NetworkPlan(CellKind.Lstm, Layers, Units, [], 0).Create(Inputs, 1);
        network.Initialise(seed: 8);
        return network;
    }

    /// <summary>The sequences of an update.</summary>
    public static LaneChunk[] Chunk(int update)
    {
        LaneChunk[] lanes = new LaneChunk[Batch];
        for (int lane = 0; lane < Batch; lane++)
        {
            lanes[lane] = new LaneChunk((((update % Batches) * Batch) + lane) * Steps, Steps, Reset: true);
        }

        return lanes;
    }

    /// <summary>Writes what train.py reads.</summary>
    public void Write(string folder)
    {
        void WriteNumbers(string name, float[] numbers) =>
            File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes(numbers.AsSpan()));
        WriteNumbers("weights.f32", _weights);
        WriteNumbers("inputs.f32", Examples.Inputs);
        WriteNumbers("targets.f32", Examples.Targets);
    }

    // A nonlinear filter of the first two inputs, with some noise.
    private static ExampleSet CreateExamples(int inputs)
    {
        RandomStream random = new(8);
        int rows = Batches * Batch * Steps;
        (float[] x, float[] y, float[] weights) = (new float[rows * inputs], new float[rows], new float[rows]);
        double state = 0;
        for (int row = 0; row < rows; row++)
        {
            for (int k = 0; k < inputs; k++)
            {
                x[(row * inputs) + k] = (float)random.NextNormal();
            }

            state = row % Steps == 0 ? 0 : state;
            state = Math.Tanh((0.8 * state) + (0.7 * x[row * inputs]) + (0.3 * x[row * inputs] * x[(row * inputs) + 1]));
            y[row] = (float)(state + (0.05 * random.NextNormal()));
            weights[row] = 1;
        }

        return new ExampleSet(inputs, 1, x, y, weights, [new RowRange(0, rows)]);
    }
}
