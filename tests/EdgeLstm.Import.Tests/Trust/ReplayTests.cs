// Replays of given outputs: what agrees, in which reading, and what is refused with the place of the worst difference.

using System.Text;
using System.Text.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Assembly;
using EdgeLstm.Import.Canonical;
using EdgeLstm.Import.Tests.Assembly;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.Trust;

public sealed class ReplayTests
{
    [Fact]
    public void Outputs_of_each_sample_agree_within_float_precision()
    {
        ImportedModel model = SmallNets.Lstm();
        double[][] x = SmallNets.Samples(40, 2);

        ReplayResult result = Run(model, null, Json(x, new ReferenceNetwork(model.Layers).Run(x, null)));

        Assert.InRange(result.Kernel.MaxAbsolute, 1e-12, 1e-6);
        Assert.InRange(result.Reference.MaxAbsolute, 0, 1e-12);
        Assert.Equal("1 sequence of 40 samples, 'outputs' of each sample", result.Reading);
    }

    [Fact]
    public void A_wrong_output_is_refused_with_its_place()
    {
        ImportedModel model = SmallNets.Lstm();
        double[][] x = SmallNets.Samples(12, 2);
        double[][] y = new ReferenceNetwork(model.Layers).Run(x, null);
        y[7][2] += 0.25;

        ModelFileException refused = Assert.Throws<ModelFileException>(() => Run(model, null, Json(x, y)));

        Assert.Contains("io.json: step 7 of sequence 0: output 2 ('y3') is ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("within 0.0001, off by 0.25", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing is written", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_person_allows_is_allowed()
    {
        ImportedModel model = SmallNets.Lstm();
        double[][] x = SmallNets.Samples(12, 2);
        double[][] y = new ReferenceNetwork(model.Layers).Run(x, null);
        y[3][1] += 5e-4;
        IoFile io = IoFile.Parse("io.json", Encoding.UTF8.GetBytes(Json(x, y)));

        ReplayResult result = new Replay(model, Manifest(model, null), 1e-3).Run(io, _ => Network(model, null));

        Assert.InRange(result.Kernel.MaxAbsolute, 4.9e-4, 5.1e-4);
        Assert.Equal((3, 1), (result.Kernel.Step, result.Kernel.Output));
    }

    [Fact]
    public void A_swapped_gate_is_refused()
    {
        ImportedModel model = SmallNets.Lstm();
        double[][] x = SmallNets.Samples(12, 2);
        double[][] y = new ReferenceNetwork(model.Layers).Run(x, null);
        Tensor[] tensors = [.. model.Layers[0].Tensors.Select(tensor => tensor with
        {
            Values = GateOrder.Reorder(
                new SourceTensor("t", [16, tensor.Values.Length / 16], tensor.Values), "ifgo", "ifog").Values,
        })];
        ImportedModel swapped = model with { Layers = [model.Layers[0] with { Tensors = tensors }, model.Layers[1]] };

        Assert.Throws<ModelFileException>(() => Run(swapped, null, Json(x, y)));
    }

    [Fact]
    public void Samples_in_physical_units_are_scaled_as_the_model_does()
    {
        ImportedModel model = SmallNets.Lstm();
        double[][] x = SmallNets.Samples(12, 2);
        double[][] physical = [.. x.Select(sample => sample.Select(value => (value * 4) + 10).ToArray())];
        double[][] y = new ReferenceNetwork(model.Layers).Run(x, null);
        double[][] physicalY = [.. y.Select(row => row.Select(value => (value / 2) + 1).ToArray())];
        ModelManifest manifest = Manifest(model, null) with
        {
            Inputs = [new InputManifest("a", "1", 10, 0.25), new InputManifest("b", "1", 10, 0.25)],
            Outputs = [.. Enumerable.Range(0, 3).Select(k => new OutputManifest($"y{k}", "1", 0, 1, 2))],
        };

        Assert.EndsWith("inputs in physical units", Run(model, manifest, Json(physical, y)).Reading, StringComparison.Ordinal);
        Assert.EndsWith(
            "inputs and outputs in physical units", Run(model, manifest, Json(physical, physicalY)).Reading,
            StringComparison.Ordinal);
        Assert.EndsWith("of each sample", Run(model, manifest, Json(x, y)).Reading, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_a_window_is_compared_as_it_answers_or_as_it_was_run()
    {
        ImportedModel model = SmallNets.Lstm();
        ModelManifest manifest = Manifest(model, 6);
        double[][] x = SmallNets.Samples(20, 2);
        var reference = new ReferenceNetwork(model.Layers);

        ReplayResult windows = Run(model, manifest, Json(x, reference.Run(x, 6)));
        ReplayResult carried = Run(model, manifest, Json(x, reference.Run(x, null)));
        ReplayResult whole = Run(model, manifest, Json(x[..6], reference.Run(x[..6], null)[^1..]));

        Assert.EndsWith("of each sample", windows.Reading, StringComparison.Ordinal);
        Assert.EndsWith("state carried over all samples, not windows of 6", carried.Reading, StringComparison.Ordinal);
        Assert.EndsWith("of the last sample", whole.Reading, StringComparison.Ordinal);
    }

    [Fact]
    public void A_given_state_is_written_into_every_recurrent_layer()
    {
        ImportedModel model = SmallNets.TwoGrus();
        double[][] x = SmallNets.Samples(9, 2);
        double[] state = SmallNets.Samples(1, 7)[0];
        var reference = new ReferenceNetwork(model.Layers);
        reference.WriteState(state);
        double[][] y = [.. x.Select(reference.Step)];
        string json = $$"""{"x":{{Text(x)}},"y":{{Text(y)}},"h0":{{Text([state[..4]])}}}""";

        // Layers of 4 and 3 units have no common array: such a file is refused, a state of one layer alone is not.
        Assert.Throws<ModelFileException>(() => Run(model, null, json));
        ImportedModel first = model with { Layers = [model.Layers[0]] };
        var one = new ReferenceNetwork(first.Layers);
        one.WriteState(state.AsSpan(0, 4));
        json = $$"""{"x":{{Text(x)}},"y":{{Text([.. x.Select(one.Step)])}},"h0":{{Text([state[..4]])}}}""";
        Assert.InRange(Run(first, null, json).Kernel.MaxAbsolute, 0, 1e-6);
        Assert.Throws<ModelFileException>(() => Run(first, null, json.Replace("\"h0\"", "\"note\"", StringComparison.Ordinal)));
    }

    [SkippableTheory]
    [InlineData("lstm_1")]
    [InlineData("lstm_2_state")]
    [InlineData("lstm_bf")]
    [InlineData("gru_1")]
    [InlineData("gru_3_state")]
    [InlineData("rnn_relu")]
    [InlineData("rnn_tanh2")]
    public void Layers_of_torch_agree_with_their_references(string name)
    {
        SafetensorsFile file = SafetensorsFile.Open(Fixture.Path($"gen/torch/{name}.safetensors"));
        ImportedModel model = Torch(file, name);
        IoFile io = IoFile.Open(Fixture.Path($"gen/torch/{name}.io.json"));

        ReplayResult result = Run(model, null, io);

        Assert.InRange(result.Kernel.MaxAbsolute, 0, 1e-5);
        Assert.InRange(result.Reference.MaxAbsolute, 0, 1e-5);
    }

    internal static ReplayResult Run(ImportedModel model, ModelManifest? manifest, string json) =>
        Run(model, manifest, IoFile.Parse("io.json", Encoding.UTF8.GetBytes(json)));

    private static ReplayResult Run(ImportedModel model, ModelManifest? manifest, IoFile io)
    {
        manifest ??= Manifest(model, null);
        return new Replay(model, manifest).Run(io, isCarried => Network(model, isCarried ? null : manifest.Window));
    }

    private static ISequenceModel Network(ImportedModel model, int? window)
    {
        IReadOnlyList<Tensor> golden = GoldenInputs.Make(SmallNets.File, model, window);
        byte[] bytes = ModelFile.ToBytes(
            Manifest(model, window), [.. model.Layers.SelectMany(layer => layer.Tensors), .. golden]);
        Model loaded = ModelFile.Load("made.safetensors", bytes);
        return loaded.CreateNetwork(loaded.GoldenWidth);
    }

    private static ModelManifest Manifest(ImportedModel model, int? window) => new(
        1, "made", ModelTask.Regress, 1000, 50,
        [.. Enumerable.Range(1, model.InputSize).Select(k => new InputManifest($"x{k}", "1", 0, 1))],
        [.. model.Layers.Select(layer => layer.Manifest)],
        [.. Enumerable.Range(1, model.OutputSize).Select(k => new OutputManifest($"y{k}", "1", 0, 0, 1))],
        new GoldenManifest(1e-3), new ProvenanceManifest("code", new string('a', 64), "test", "1", "2026-11-21"), window);

    private static ImportedModel Torch(SafetensorsFile file, string name)
    {
        var layers = new LayerBuilder(SmallNets.File);
        for (int k = 0; file.Tensors.ContainsKey($"weight_ih_l{k}"); k++)
        {
            SourceTensor[] t =
                [.. new[] { "weight_ih", "weight_hh", "bias_ih", "bias_hh" }.Select(key => Take(file, $"{key}_l{k}"))];
            switch (name[..3])
            {
                case "lst":
                    layers.AddLstm($"l{k}", "ifgo", t[0], t[1], t[2..]);
                    break;
                case "gru":
                    layers.AddGru($"l{k}", "rzn", t[0], t[1], t[2], t[3], GruReset.After);
                    break;
                default:
                    Activation activation = name == "rnn_relu" ? Activation.Relu : Activation.Tanh;
                    layers.AddRnn($"l{k}", t[0], t[1], t[2..], new CellVariant(Activation: activation));
                    break;
            }
        }

        return new ImportedModel(
            "safetensors", layers.Layers, new SequenceUse(), SampleAxes.TimeFirstOrSingleBatch, null, []);
    }

    private static SourceTensor Take(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGet(name, out TensorInfo? info, out float[] values), name);
        return new SourceTensor(name, [.. info!.Shape.Select(size => (int)size)], values);
    }

    internal static string Json(double[][] x, double[][] y) => $$"""{"inputs":{{Text(x)}},"outputs":{{Text(y)}}}""";

    private static string Text(double[][] rows) => JsonSerializer.Serialize(rows);
}
