// Variants of every recurrent cell with random weights and trained initial states, as layers and as their textbook reference.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>One variant of one size.</summary>
/// <param name="Name">Cell, variant and size, for messages.</param>
/// <param name="Create">Makes the layer.</param>
/// <param name="CreateTextbook">Makes a reference that begins where the layer does.</param>
internal sealed record VariantCase(string Name, Func<VectorWidth, Layer> Create, Func<TextbookCell> CreateTextbook)
{
    private static readonly ActivationFunction HardSigmoid = new(Activation.HardSigmoid, 0.2f, 0.5f);

    /// <summary>Every part of every variant alone, and all of them together.</summary>
    public static IEnumerable<VariantCase> All(int inputSize, int hiddenSize)
    {
        string size = $"{inputSize} × {hiddenSize}";
        return LstmVariants(hiddenSize)
            .SelectMany(variant => new[] { false, true }.Select(peepholes => (variant, peepholes)))
            .Select(pair => Of(
                $"lstm {pair.variant.Name}{(pair.peepholes ? " peepholes" : "")} {size}",
                Lstm(inputSize, hiddenSize, pair.variant.Variant, pair.peepholes)))
            .Concat(GruVariants()
                .SelectMany(variant => Enum.GetValues<GruReset>().Select(reset => (variant, reset)))
                .Select(pair => Of(
                    $"gru {pair.variant} reset {pair.reset} {size}",
                    RandomWeights.Gru(inputSize, hiddenSize, pair.reset) with
                    {
                        Variant = pair.variant,
                        InitialState = Initial(hiddenSize),
                    })))
            .Concat(RnnVariants().Select(pair => Of(
                $"rnn {pair.Activation} clip {pair.Clip} {size}",
                RandomWeights.Rnn(inputSize, hiddenSize, Activation.Tanh) with
                {
                    Activation = pair.Activation,
                    Clip = pair.Clip,
                    InitialState = Initial(hiddenSize),
                })));
    }

    public static LstmWeights Lstm(int inputSize, int hiddenSize, LstmVariant variant, bool peepholes = false)
    {
        LstmWeights plain = RandomWeights.Lstm(inputSize, hiddenSize, peepholes);
        int outputs = variant.ProjectedSize ?? hiddenSize;
        Random random = new(hiddenSize);
        return plain with
        {
            RecurrentWeights = variant.ProjectedSize is null
                ? plain.RecurrentWeights
                : RandomWeights.Uniform(random, 4 * hiddenSize * outputs, 1 / Math.Sqrt(outputs)),
            Variant = variant,
            InitialState = Initial(outputs + hiddenSize),
        };
    }

    /// <summary>Projected to that many values.</summary>
    public static LstmVariant Projected(int hiddenSize, int outputs) => new()
    {
        ProjectedSize = outputs,
        Projection = RandomWeights.Uniform(new Random(outputs), outputs * hiddenSize, 1 / Math.Sqrt(hiddenSize)),
    };

    public static float[] Initial(int size) => RandomWeights.Uniform(new Random(size), size, 0.8);

    private static IEnumerable<(string Name, LstmVariant Variant)> LstmVariants(int hiddenSize)
    {
        yield return ("explicitly plain", new LstmVariant());
        yield return ("gates", new LstmVariant { GateActivation = HardSigmoid });
        yield return ("activation", new LstmVariant { Activation = Activation.Softsign });
        yield return ("output", new LstmVariant { OutputActivation = Activation.Linear });
        yield return ("clip", new LstmVariant { Clip = 0.7f });
        yield return ("cell clip", new LstmVariant { CellClip = 0.3f });
        yield return ("coupled", new LstmVariant { CoupledForget = true });
        yield return ("narrower", Projected(hiddenSize, (hiddenSize + 1) / 2));
        yield return ("wider", Projected(hiddenSize, hiddenSize + 3));
        yield return ("everything", Projected(hiddenSize, (hiddenSize / 2) + 1) with
        {
            GateActivation = HardSigmoid,
            Activation = new ActivationFunction(Activation.ScaledTanh, 1.7159f, 0.6667f),
            OutputActivation = new ActivationFunction(Activation.LeakyRelu, 0.3f),
            Clip = 1.5f,
            CellClip = 0.9f,
            CoupledForget = true,
        });
    }

    private static IEnumerable<GruVariant> GruVariants() =>
    [
        new(),
        new() { GateActivation = HardSigmoid },
        new() { Activation = Activation.Softsign },
        new() { Clip = 0.4f },
        new() { GateActivation = HardSigmoid, Activation = new ActivationFunction(Activation.Clamp, -0.6f, 0.8f), Clip = 1.1f },
    ];

    // Those that grow without bound have a clip, or the comparison would be of infinities.
    private static IEnumerable<(ActivationFunction Activation, float Clip)> RnnVariants() =>
        TextbookActivations.Elementwise.Select(activation => (activation, 0.8f))
            .Append((Activation.Sigmoid, float.PositiveInfinity));

    private static VariantCase Of(string name, LstmWeights weights) => new(
        name, width => LstmLayer.Create(weights, width), () =>
        {
            double[] initial = Array.ConvertAll(weights.InitialState!, value => (double)value);
            (double[] h, double[] c) = (initial[..weights.OutputSize], initial[weights.OutputSize..]);
            return new TextbookCell([h, c], x => TextbookVariants.StepLstm(weights, x, h, c));
        });

    private static VariantCase Of(string name, GruWeights weights) => new(
        name, width => GruLayer.Create(weights, width), () =>
        {
            double[] h = Array.ConvertAll(weights.InitialState!, value => (double)value);
            return new TextbookCell([h], x => TextbookVariants.StepGru(weights, x, h));
        });

    private static VariantCase Of(string name, RnnWeights weights) => new(
        name, width => RnnLayer.Create(weights, width), () =>
        {
            double[] h = Array.ConvertAll(weights.InitialState!, value => (double)value);
            return new TextbookCell([h], x => TextbookVariants.StepRnn(weights, x, h));
        });
}
