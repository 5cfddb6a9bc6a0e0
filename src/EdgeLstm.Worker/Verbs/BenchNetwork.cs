// The network that edgelstm bench steps: random weights of the sizes asked for, or a model file; and the inputs it reads.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Worker.Verbs;

/// <summary>A network to measure and what there is to say about it.</summary>
/// <param name="Network">A network, or a sliding window over one; its state is carried all through the measurement.</param>
/// <param name="Streams">Streams that it steps together.</param>
/// <param name="Cell">lstm, gru or rnn; of a model, the kind of its first recurrent layer, without any that of its first.</param>
/// <param name="HiddenSize">Hidden units; of a model, those of the layer that <paramref name="Cell"/> is of.</param>
/// <param name="Layers">Recurrent layers.</param>
/// <param name="Precision">How the weights are held.</param>
/// <param name="Width">Vector width of the kernel.</param>
/// <param name="InputValues">Values the inputs are taken from, in turn.</param>
/// <param name="Model">The model, if it is one.</param>
/// <param name="Deviation">How far this network is off the model's golden vectors.</param>
internal sealed record BenchNetwork(
    ISequenceModel Network,
    int Streams,
    string Cell,
    int HiddenSize,
    int Layers,
    WeightPrecision Precision,
    VectorWidth Width,
    float[] InputValues,
    Model? Model = null,
    GoldenDeviation? Deviation = null)
{
    private const int RandomInputs = 4096;

    /// <summary>Makes the network; <paramref name="options"/> have no problem.</summary>
    public static BenchNetwork Create(BenchOptions options, Model? model) =>
        model is null ? OfRandomWeights(options) : OfModel(options, model);

    private static BenchNetwork OfModel(BenchOptions options, Model model)
    {
        LayerManifest[] recurrent = [.. model.Manifest.Layers.Where(layer => layer.Kind.IsRecurrent())];
        LayerManifest shown = recurrent.FirstOrDefault() ?? model.Manifest.Layers[0];
        WeightPrecision precision = options.Precision ?? model.Precision;
        ISequenceModel network = model.CreateNetwork(options.Width, precision);
        GoldenDeviation deviation = model.Golden.Measure(network);
        return new BenchNetwork(
            network is Network carried ? carried.ForStreams(options.Streams) : network,
            options.Streams,
            LayerKinds.NameOf(shown.Kind),
            shown.HiddenSize ?? shown.OutputSize,
            recurrent.Length,
            precision,
            options.Width,
            model.Golden.Inputs,
            model,
            deviation);
    }

    private static BenchNetwork OfRandomWeights(BenchOptions options)
    {
        Random random = new(1);
        WeightPrecision precision = options.Precision ?? WeightPrecision.Float32;
        Layer[] layers = new Layer[options.Layers];
        for (int k = 0; k < layers.Length; k++)
        {
            layers[k] = CreateLayer(options, precision, k, random);
        }

        return new BenchNetwork(
            new Network(layers).ForStreams(options.Streams),
            options.Streams,
            options.Cell,
            options.HiddenSize,
            options.Layers,
            precision,
            options.Width,
            Values(random, RandomInputs, 1));
    }

    // Uniform in ±1/√HiddenSize, as torch.nn initialises them.
    private static Layer CreateLayer(BenchOptions options, WeightPrecision precision, int index, Random random)
    {
        (int hidden, int gates, string name) = (options.HiddenSize, options.Gates, $"layer{index}");
        int inputs = index == 0 ? options.InputSize : hidden;
        float range = 1 / MathF.Sqrt(hidden);
        float[] w = Values(random, gates * hidden * inputs, range);
        float[] r = Values(random, gates * hidden * hidden, range);
        float[] b = Values(random, gates * hidden, range);
        return options.Cell switch
        {
            "lstm" => LstmLayer.Create(new LstmWeights(name, inputs, hidden, w, r, b), options.Width, precision),
            "gru" => GruLayer.Create(
                new GruWeights(name, inputs, hidden, w, r, b, Values(random, hidden, range), GruReset.After),
                options.Width,
                precision),
            _ => RnnLayer.Create(new RnnWeights(name, inputs, hidden, w, r, b, Activation.Tanh), options.Width, precision),
        };
    }

    private static float[] Values(Random random, int count, float range)
    {
        float[] values = new float[count];
        for (int k = 0; k < count; k++)
        {
            values[k] = ((random.NextSingle() * 2) - 1) * range;
        }

        return values;
    }
}
