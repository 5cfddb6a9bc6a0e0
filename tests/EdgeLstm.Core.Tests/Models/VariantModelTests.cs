// Model files with variants of recurrent layers and trained initial states: loaded, windowed, narrowed, and refused.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Models;

public sealed class VariantModelTests : IDisposable
{
    private const int Window = 7;
    private const int Hidden = 5;

    private static readonly ActivationFunction HardSigmoid = new(Activation.HardSigmoid, 0.2f, 0.5f);

    private static readonly Dictionary<string, LayerManifest> Layers = new LayerManifest[]
    {
        new("gates", LayerKind.Lstm, 1, Hidden, GateActivation: HardSigmoid),
        new("relu_lstm", LayerKind.Lstm, 1, Hidden, Activation: Activation.Softsign, OutputActivation: Activation.Linear),
        new("clipped", LayerKind.Lstm, 1, Hidden, Clip: 0.8, CellClip: 0.5),
        new("coupled", LayerKind.Lstm, 1, Hidden, CoupledForget: true, Peepholes: true),
        new("projected", LayerKind.Lstm, 1, 3, HiddenSize: Hidden),
        new("everything", LayerKind.Lstm, 1, 3, Activation: new ActivationFunction(Activation.ScaledTanh, 1.2f, 0.7f),
            Peepholes: true, GateActivation: HardSigmoid, OutputActivation: Activation.Softsign, Clip: 1.5, CellClip: 0.9,
            CoupledForget: true, HiddenSize: Hidden, InitialState: true),
        new("gru_after", LayerKind.Gru, 1, Hidden, GruReset.After, Activation.Softsign, GateActivation: HardSigmoid, Clip: 1),
        new("gru_before", LayerKind.Gru, 1, Hidden, GruReset.Before, Activation.Softsign, GateActivation: HardSigmoid,
            InitialState: true),
        new("rnn", LayerKind.Rnn, 1, Hidden, Activation: new ActivationFunction(Activation.LeakyRelu, 0.1f), Clip: 0.9),
    }.ToDictionary(layer => layer.Name);

    private static readonly Dictionary<string, LayerManifest> PlainLayers = new LayerManifest[]
    {
        new("lstm", LayerKind.Lstm, 1, Hidden, InitialState: true),
        new("said", LayerKind.Lstm, 1, Hidden, Activation: Activation.Tanh, Peepholes: true, GateActivation: Activation.Sigmoid,
            OutputActivation: Activation.Tanh, CoupledForget: false, InitialState: true),
        new("gru_after", LayerKind.Gru, 1, Hidden, GruReset.After, InitialState: true),
        new("gru_before", LayerKind.Gru, 1, Hidden, GruReset.Before, InitialState: true),
        new("rnn", LayerKind.Rnn, 1, Hidden, Activation: Activation.Relu, InitialState: true),
    }.ToDictionary(layer => layer.Name);

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-variants-").FullName;

    public static TheoryData<string> Names => [.. Layers.Keys];

    public static TheoryData<string> PlainNames => [.. PlainLayers.Keys];

    private string Source => Path.Combine(_folder, "wide.safetensors");

    private string Output => Path.Combine(_folder, "narrow.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_variant_loads_and_agrees_with_the_textbook(string name) => CheckGolden(Layers[name]);

    [Theory]
    [MemberData(nameof(PlainNames))]
    public void A_plain_layer_with_an_initial_state_loads_and_agrees_with_the_textbook(string name) =>
        CheckGolden(PlainLayers[name]);

    [Fact]
    public void What_is_said_but_plain_has_the_fast_kernel()
    {
        LayerManifest said = PlainLayers["said"];
        Model model = Load(Manifest(said));
        LayerManifest unsaid = new("said", LayerKind.Lstm, 1, Hidden, Peepholes: true, InitialState: true);
        Model plain = ModelFile.Load("x", ModelFile.ToBytes(Manifest(unsaid), Tensors(Manifest(said))));
        Assert.Equal(
            plain.CreateNetwork(VectorWidths.Best).Layers[0].GetType(),
            model.CreateNetwork(VectorWidths.Best).Layers[0].GetType());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_tensor_of_a_variant_is_needed_and_checked(string name)
    {
        ModelManifest manifest = Manifest(Layers[name]);
        List<Tensor> tensors = Tensors(manifest);
        foreach (Tensor tensor in tensors.Where(tensor => tensor.Name.StartsWith($"{name}.", StringComparison.Ordinal)))
        {
            Assert.Contains($"x: tensor '{tensor.Name}' is missing", Refusal(
                manifest, [.. tensors.Where(other => other != tensor)]), StringComparison.Ordinal);
            Tensor longer = tensor with { Shape = [tensor.Values.Length + 1], Values = [.. tensor.Values, 0] };
            Assert.Contains($"x: tensor '{tensor.Name}' has shape", Refusal(
                manifest, [.. tensors.Select(other => other == tensor ? longer : other)]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_variant_runs_in_float32_only(string name)
    {
        ModelManifest manifest = Manifest(Layers[name]);
        Model model = ModelFile.Save(Source, manifest, Tensors(manifest));
        Assert.Null(model.FindReasonAgainst(WeightPrecision.Float32));
        foreach (WeightPrecision precision in new[] { WeightPrecision.BFloat16, WeightPrecision.Int8 })
        {
            string reason = Assert.IsType<string>(model.FindReasonAgainst(precision));
            Assert.StartsWith(
                $"layer '{name}' cannot be held in {PrecisionNames.Of(precision)}: with ", reason, StringComparison.Ordinal);
            Assert.StartsWith(reason, Assert.Throws<ArgumentException>(
                () => model.CreateNetwork(VectorWidths.Best, precision)).Message, StringComparison.Ordinal);
            Assert.Equal($"{Source}: {reason}", Assert.Throws<ModelFileException>(
                () => ModelQuantizer.Save(Source, precision, Output)).Message);
            Assert.Equal($"x: {reason}", Refusal(manifest with { Precision = precision }, Tensors(manifest)));
        }

        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void The_reason_names_what_is_not_plain()
    {
        Model model = Load(Manifest(Layers["everything"]));
        Assert.Equal(
            "layer 'everything' cannot be held in int8: with gateActivation, activation, outputActivation, clip, cellClip, "
            + "coupledForget, a projection it is not the plain cell, which alone has narrow weights; keep float32.",
            model.FindReasonAgainst(WeightPrecision.Int8));
    }

    [Theory]
    [MemberData(nameof(PlainNames))]
    public void A_plain_layer_with_an_initial_state_is_narrowed(string name)
    {
        ModelManifest manifest = Manifest(PlainLayers[name]);
        List<Tensor> tensors = Tensors(manifest);
        foreach (WeightPrecision precision in new[] { WeightPrecision.BFloat16, WeightPrecision.Int8 })
        {
            ModelFile.Save(Source, manifest, tensors);
            QuantizedModel quantized = ModelQuantizer.Save(Source, precision, Output);
            Assert.InRange(quantized.Loss.MaxScaled, 1e-6, 0.1);
            SafetensorsFile written = SafetensorsFile.Open(Output);
            Assert.Equal(TensorType.F32, written.Tensors[$"{name}.initial_h"].Type);
            Assert.Equal(
                tensors.Single(tensor => tensor.Name == $"{name}.initial_h").Values,
                written.Take($"{name}.initial_h", "", Hidden));
        }
    }

    [Theory]
    [MemberData(nameof(PlainNames))]
    public void An_initial_h_beyond_one_is_not_rounded_to_int8_but_of_relu(string name)
    {
        ModelManifest manifest = Manifest(PlainLayers[name]);
        List<Tensor> tensors = Tensors(manifest, initialRange: 3);
        Model model = ModelFile.Save(Source, manifest, tensors);
        Assert.Null(model.FindReasonAgainst(WeightPrecision.BFloat16));
        string? reason = model.FindReasonAgainst(WeightPrecision.Int8);
        if (name == "rnn")
        {
            Assert.Null(reason);
            return;
        }

        Assert.Equal(
            $"layer '{name}' cannot be held in int8: tensor '{name}.initial_h' has values beyond ±1, and h is rounded to "
            + "127ths of 1; take bfloat16, or keep float32.", reason);
        Assert.Equal($"{Source}: {reason}", Assert.Throws<ModelFileException>(
            () => ModelQuantizer.Save(Source, WeightPrecision.Int8, Output)).Message);
    }

    private static void CheckGolden(LayerManifest layer)
    {
        foreach (int? window in new int?[] { null, Window })
        {
            ModelManifest manifest = Manifest(layer) with { Window = window };
            byte[] bytes = ModelFile.ToBytes(manifest, Tensors(manifest));
            foreach (VectorWidth width in VectorWidths.Supported)
            {
                Model model = ModelFile.Load("x", bytes, width);
                Assert.InRange(model.GoldenDeviation.MaxScaled, 0, 1e-5);
                ISequenceModel network = model.CreateNetwork(width);
                Assert.Equal(model.Golden.Run(network), model.Golden.Run(network));
            }
        }
    }

    private static ModelManifest Manifest(LayerManifest layer) => SmallModel.With(layer);

    private static Model Load(ModelManifest manifest) => ModelFile.Load("x", ModelFile.ToBytes(manifest, Tensors(manifest)));

    private static string Refusal(ModelManifest manifest, List<Tensor> tensors) =>
        Assert.Throws<ModelFileException>(() => ModelFile.Load("x", ModelFile.ToBytes(manifest, tensors))).Message;

    // Weights of the layer and the head, and golden vectors by the textbook.
    private static List<Tensor> Tensors(ModelManifest manifest, double initialRange = 0.9)
    {
        LayerManifest layer = manifest.Layers[0];
        Random random = new(11);
        List<Tensor> tensors = [];
        float[] Add(string name, double range, params long[] shape)
        {
            float[] values = RandomWeights.Uniform(random, (int)shape.Aggregate(1L, (product, size) => product * size), range);
            tensors.Add(new Tensor(name, shape, values));
            return values;
        }

        TextbookCell Begin() => VariantTextbook.Create(layer, tensors);
        int cells = layer.HiddenSize ?? layer.OutputSize;
        int rows = cells * (layer.Kind == LayerKind.Lstm ? 4 : layer.Kind == LayerKind.Gru ? 3 : 1);
        Add($"{layer.Name}.weight_ih", 1, rows, 1);
        Add($"{layer.Name}.weight_hh", 0.5, rows, layer.OutputSize);
        Add($"{layer.Name}.bias", 0.5, rows);
        if (layer.Peepholes == true)
        {
            Add($"{layer.Name}.weight_peephole", 0.2, 3 * cells);
        }

        if (layer.HiddenSize is not null)
        {
            Add($"{layer.Name}.weight_hr", 0.5, layer.OutputSize, cells);
        }

        if (layer.Reset == GruReset.After)
        {
            Add($"{layer.Name}.bias_hn", 0.5, cells);
        }

        if (layer.InitialState == true)
        {
            Add($"{layer.Name}.initial_h", initialRange, layer.OutputSize);
            if (layer.Kind == LayerKind.Lstm)
            {
                Add($"{layer.Name}.initial_c", initialRange, cells);
            }
        }

        float[] head = Add("head.weight", 0.7, 2, layer.OutputSize);
        float[] headBias = Add("head.bias", 0.7, 2);
        float[] inputs = Add("golden.inputs", 1.5, SmallModel.GoldenSteps, 1);
        List<float> outputs = [];
        TextbookCell cell = Begin();
        for (int step = 0; step < inputs.Length; step++)
        {
            int first = step;
            if (manifest.Window is { } window)
            {
                cell = Begin();
                first = Math.Max(0, step + 1 - window);
            }

            double[] h = [];
            foreach (float x in inputs[first..(step + 1)])
            {
                h = cell.Step([x]);
            }

            outputs.AddRange(Enumerable.Range(0, 2).Select(
                row => (float)(headBias[row] + h.Select((value, k) => value * head[(row * h.Length) + k]).Sum())));
        }

        tensors.Add(new Tensor("golden.outputs", [SmallModel.GoldenSteps, 2], [.. outputs]));
        return tensors;
    }
}
