// Losses, gradients and updates against PyTorch's on the same weights and data, in double precision.

using EdgeLstm.Core.Layers;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Layers;
using EdgeLstm.Training.Losses;
using EdgeLstm.Training.Optimisation;

namespace EdgeLstm.Training.Tests;

public class PyTorchTests
{
    private const double RelativeError = 1e-9;

    // Sums of some hundred terms of about 1 are rounded to this: below it a relative error compares nothing else.
    private const double Noise = 1e-6;

    public static TheoryData<string> Cases => [.. ReferenceFile.Instance.Cases.Select(one => one.Name)];

    public static TheoryData<string> Trajectories => [.. ReferenceFile.Instance.Trajectories.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Loss_and_every_gradient_agree_with_PyTorch(string name)
    {
        ReferenceCase wanted = ReferenceFile.Instance.Cases.Single(one => one.Name == name);
        TrainingNetwork<double> network = Create(wanted);
        ChunkTrainer<double> trainer = CreateTrainer(wanted, network);

        ChunkLoss loss = trainer.Learn(Chunk(wanted), wanted.Steps);

        AssertClose(wanted.Value, loss.Sum / loss.Weight, "loss");
        AssertClose(wanted.Gradients, network, trainer.Gradients);
        Assert.Contains(trainer.Gradients.ToArray(), gradient => Math.Abs(gradient) > 1e-3);
    }

    [Theory]
    [MemberData(nameof(Trajectories))]
    public void Updates_agree_with_torch_optim(string name)
    {
        ReferenceCase wanted = ReferenceFile.Instance.Trajectories.Single(one => one.Name == name);
        TrainingNetwork<double> network = Create(wanted);
        ChunkTrainer<double> trainer = CreateTrainer(wanted, network);
        OptimiserSettings settings = Settings(name) with { ClipNorm = wanted.Clip };
        Optimiser<double> optimiser = new(network, settings);
        foreach (ReferenceUpdate update in wanted.Updates)
        {
            _ = trainer.Learn(Chunk(wanted), wanted.Steps);
            double norm = optimiser.Update(trainer.Gradients, settings.LearningRate);

            AssertClose(update.Norm, norm, "norm");
            AssertClose(update.Weights, network, network.Parameters);
        }

        Assert.Equal(6, wanted.Updates.Length);
    }

    private static OptimiserSettings Settings(string name)
    {
        OptimiserSettings adam = OptimiserSettings.Default with { LearningRate = 0.01 };
        OptimiserSettings sgd = adam with { Kind = OptimiserKind.Sgd, LearningRate = 0.05, Momentum = 0.9 };
        return name switch
        {
            "adam" => adam,
            "adam clipped and decayed" =>
                adam with { LearningRate = 0.02, WeightDecay = 0.05, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6 },
            "sgd with momentum" => sgd,
            "sgd clipped" => sgd with { LearningRate = 0.5, Momentum = 0 },
            _ => throw new ArgumentException($"no settings for '{name}'", nameof(name)),
        };
    }

    private static TrainingNetwork<double> Create(ReferenceCase wanted)
    {
        TrainingNetwork<double> network = new([.. wanted.Layers.Select(Layer)]);
        for (int i = 0; i < wanted.Layers.Length; i++)
        {
            Assert.Equal(wanted.Layers[i].Tensors.Count, network.Layers[i].Blocks.Count);
            foreach (ParameterBlock block in network.Layers[i].Blocks)
            {
                wanted.Layers[i].Tensors[block.Name].CopyTo(network.Block(i, block));
            }
        }

        return network;
    }

    private static TrainingLayer<double> Layer(ReferenceLayer layer) => layer.Kind switch
    {
        "lstm" => new LstmTraining<double>("cell", layer.Inputs, layer.Units),
        "peephole" => new LstmTraining<double>("cell", layer.Inputs, layer.Units, hasPeepholes: true),
        "gru-after" => new GruTraining<double>("cell", layer.Inputs, layer.Units, GruReset.After),
        "gru-before" => new GruTraining<double>("cell", layer.Inputs, layer.Units, GruReset.Before),
        "rnn-tanh" => new RnnTraining<double>("cell", layer.Inputs, layer.Units),
        "rnn-relu" => new RnnTraining<double>("cell", layer.Inputs, layer.Units, Activation.Relu),
        "dense-linear" => new DenseTraining<double>("head", layer.Inputs, layer.Units),
        "dense-tanh" => new DenseTraining<double>("head", layer.Inputs, layer.Units, Activation.Tanh),
        "dense-relu" => new DenseTraining<double>("head", layer.Inputs, layer.Units, Activation.Relu),
        _ => throw new ArgumentException($"no layer '{layer.Kind}'", nameof(layer)),
    };

    // Rows of a sequence follow each other here; PyTorch has [steps, batch, …].
    private static ChunkTrainer<double> CreateTrainer(ReferenceCase wanted, TrainingNetwork<double> network)
    {
        LossKind kind = Enum.Parse<LossKind>(wanted.Loss, ignoreCase: true);
        OutputLoss[] losses = [.. Enumerable.Range(0, network.OutputSize).Select(k => new OutputLoss(k, kind, wanted.Parameter))];
        ExampleSet examples = new(network.InputSize, network.OutputSize, BySequence(wanted, wanted.Inputs),
            BySequence(wanted, wanted.Targets), BySequence(wanted, wanted.Weights), [new(0, wanted.Steps * wanted.Batch)]);
        return new(network, new LossFunction<double>(losses), examples, wanted.Batch, wanted.Steps, threads: 2);
    }

    private static float[] BySequence(ReferenceCase wanted, float[] values)
    {
        int width = values.Length / (wanted.Steps * wanted.Batch);
        float[] sorted = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (int step, int sequence, int k) = (i / (width * wanted.Batch), i / width % wanted.Batch, i % width);
            sorted[(((sequence * wanted.Steps) + step) * width) + k] = values[i];
        }

        return sorted;
    }

    private static LaneChunk[] Chunk(ReferenceCase wanted) =>
        [.. Enumerable.Range(0, wanted.Batch).Select(lane => new LaneChunk(lane * wanted.Steps, wanted.Steps, Reset: true))];

    private static void AssertClose(
        Dictionary<string, double[]>[] wanted, TrainingNetwork<double> network, ReadOnlySpan<double> found)
    {
        for (int layer = 0; layer < wanted.Length; layer++)
        {
            foreach (ParameterBlock block in network.Layers[layer].Blocks)
            {
                double[] values = wanted[layer][block.Name];
                Assert.Equal(values.Length, block.Count);
                for (int i = 0; i < values.Length; i++)
                {
                    AssertClose(values[i], found[network.Offsets[layer] + block.Offset + i], $"layer {layer}, {block.Name}[{i}]");
                }
            }
        }
    }

    private static void AssertClose(double wanted, double found, string name)
    {
        double error = Math.Abs(wanted - found) / Math.Max(Noise, Math.Abs(wanted));
        Assert.True(error < RelativeError, $"{name}: {found:G17}, PyTorch has {wanted:G17}: {error:G3}");
    }
}
