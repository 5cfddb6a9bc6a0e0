// Model files from saving to loading: every layer kind against the reference, and every way a file can be wrong.

using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Models;

public sealed class ModelFileTests : IDisposable
{
    private static readonly Dictionary<string, LayerManifest[]> Stacks = new()
    {
        ["lstm"] = [new("a", LayerKind.Lstm, 1, 5)],
        ["lstm with peepholes"] = [new("a", LayerKind.Lstm, 1, 5, Peepholes: true)],
        ["gru, reset after"] = [new("a", LayerKind.Gru, 1, 5, Reset: GruReset.After)],
        ["gru, reset before"] = [new("a", LayerKind.Gru, 1, 5, Reset: GruReset.Before)],
        ["rnn, tanh"] = [new("a", LayerKind.Rnn, 1, 5, Activation: Activation.Tanh)],
        ["rnn, relu"] = [new("a", LayerKind.Rnn, 1, 3, Activation: Activation.Relu)],
        ["dense only"] = [new("a", LayerKind.Dense, 1, 5, Activation: Activation.Relu)],
        ["stack"] =
        [
            new("a", LayerKind.Lstm, 1, 9), new("b", LayerKind.Gru, 9, 17, Reset: GruReset.After),
            new("c", LayerKind.Dense, 17, 3, Activation: Activation.Sigmoid),
            new("d", LayerKind.Dense, 3, 4, Activation: Activation.Softmax),
            new("e", LayerKind.Dense, 4, 4, Activation: Activation.Tanh),
        ],
        ["conv1d"] = [new("a", LayerKind.Conv1d, 1, 5, Activation: Activation.Relu, KernelSize: 3)],
        ["dilated"] =
        [
            new("a", LayerKind.Conv1d, 1, 5, Activation: new ActivationFunction(Activation.LeakyRelu, 0.2f), KernelSize: 2),
            new("b", LayerKind.Conv1d, 5, 3, Activation: Activation.Tanh, KernelSize: 3, Dilation: 4),
        ],
        ["all kinds without recurrence"] =
        [
            new("a", LayerKind.Scale, 1, 1), new("b", LayerKind.Conv1d, 1, 9, Activation: Activation.Linear, KernelSize: 4),
            new("c", LayerKind.Activation, 9, 9, Activation: Activation.Gelu), new("d", LayerKind.LayerNorm, 9, 9, Epsilon: 1e-3),
            new("e", LayerKind.Dense, 9, 3, Activation: new ActivationFunction(Activation.HardSigmoid, 0.2f, 0.5f)),
            new("f", LayerKind.Activation, 3, 3, Activation: Activation.Softmax),
        ],
        ["before and after a cell"] =
        [
            new("a", LayerKind.Conv1d, 1, 4, Activation: Activation.Silu, KernelSize: 2, Dilation: 3),
            new("b", LayerKind.Lstm, 4, 9), new("c", LayerKind.LayerNorm, 9, 9, Epsilon: 0.01),
            new("d", LayerKind.Gru, 9, 5, Reset: GruReset.Before), new("e", LayerKind.Scale, 5, 5),
        ],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-models").FullName;

    public static TheoryData<string> StackNames => [.. Stacks.Keys];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(StackNames))]
    public void Every_kind_of_layer_computes_what_the_reference_computes_from_the_same_file(string name)
    {
        ModelManifest manifest = SmallModel.With(Stacks[name]);
        byte[] bytes = ModelFile.ToBytes(manifest, SmallModel.Tensors(manifest));
        foreach (VectorWidth width in VectorWidths.Supported)
        {
            Model model = ModelFile.Load("x", bytes, width);
            Assert.InRange(model.GoldenDeviation.MaxScaled, 0, 1e-5);
            Assert.Equal(SmallModel.GoldenSteps, model.GoldenDeviation.Steps);
        }
    }

    [Fact]
    public void A_saved_model_is_loaded_as_it_was()
    {
        string path = Path.Combine(_folder, "small.safetensors");
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        Model saved = ModelFile.Save(path, SmallModel.Manifest, tensors);
        Model loaded = ModelFile.Load(path);
        byte[] bytes = File.ReadAllBytes(path);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), loaded.Sha256);
        Assert.Equal(saved.Sha256, loaded.Sha256);
        Assert.Equal(bytes.Length, loaded.SizeBytes);
        Assert.Equal(path, loaded.Path);
        Assert.Equal(ManifestJson.Write(SmallModel.Manifest), ManifestJson.Write(loaded.Manifest));
        Assert.Equal(tensors.Single(t => t.Name == "golden.inputs").Values, loaded.Golden.Inputs);
        Assert.Equal(tensors.Single(t => t.Name == "golden.outputs").Values, loaded.Golden.Outputs);
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Networks_of_one_model_do_not_share_their_state()
    {
        Model model = ModelFile.Load("x", SmallModel.Bytes());
        ISequenceModel one = model.CreateNetwork(VectorWidths.Best);
        ISequenceModel other = model.CreateNetwork(VectorWidth.Bits128);
        float[] first = new float[2];
        float[] second = new float[2];
        one.Step([1], first);
        one.Step([1], first);
        one.ResetState();
        one.Step([1], first);
        other.Step([1], second);
        Assert.All(first.Zip(second), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void A_model_that_would_be_refused_is_not_saved()
    {
        string path = Path.Combine(_folder, "bad.safetensors");
        ModelManifest nameless = SmallModel.Manifest with { Name = "" };
        Assert.Throws<ModelFileException>(() => ModelFile.Save(path, nameless, SmallModel.Tensors(nameless)));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_of_the_file()
    {
        string path = Path.Combine(_folder, "none", "x.safetensors");
        var refused = Assert.Throws<ModelFileException>(
            () => ModelFile.Save(path, SmallModel.Manifest, SmallModel.Tensors(SmallModel.Manifest)));
        Assert.StartsWith(path + ": cannot be written: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_manifest_is_refused()
    {
        byte[] bytes = SafetensorsWriter.Write(new Dictionary<string, string> { ["format"] = "pt" }, []);
        Assert.StartsWith("x: has no manifest (metadata key 'edgelstm')", Refusal(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_missing_tensor_is_named()
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        foreach (Tensor missing in tensors)
        {
            byte[] bytes = ModelFile.ToBytes(SmallModel.Manifest, [.. tensors.Where(t => t != missing)]);
            Assert.StartsWith($"x: tensor '{missing.Name}' is missing; expected [", Refusal(bytes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_tensor_of_another_shape_is_named()
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        foreach (Tensor wrong in tensors)
        {
            var reshaped = new Tensor(wrong.Name, [1, .. wrong.Shape], wrong.Values);
            byte[] bytes = ModelFile.ToBytes(SmallModel.Manifest, [.. tensors.Select(t => t == wrong ? reshaped : t)]);
            Assert.StartsWith(
                $"x: tensor '{wrong.Name}' has shape [1, {string.Join(", ", wrong.Shape)}]; expected [", Refusal(bytes),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_tensor_with_a_value_that_is_not_finite_is_named()
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        foreach (Tensor tensor in tensors)
        {
            float kept = tensor.Values[^1];
            tensor.Values[^1] = float.NaN;
            Assert.Equal(
                $"x: tensor '{tensor.Name}' has the value NaN at index {tensor.Values.Length - 1}; "
                    + "every value must be a finite float32.",
                Refusal(ModelFile.ToBytes(SmallModel.Manifest, tensors)));
            tensor.Values[^1] = kept;
        }
    }

    [Fact]
    public void A_shape_message_reads_like_this()
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        tensors[0] = new Tensor("gru0.weight_ih", [6, 2], new float[12]);
        Assert.Equal(
            "x: tensor 'gru0.weight_ih' has shape [6, 2]; expected [3·HiddenSize, InputSize] = [6, 1].",
            Refusal(ModelFile.ToBytes(SmallModel.Manifest, tensors)));
    }

    [Fact]
    public void A_tensor_no_layer_uses_is_refused()
    {
        List<Tensor> tensors = [.. SmallModel.Tensors(SmallModel.Manifest), new Tensor("gru1.bias", [1], [0])];
        string message = Refusal(ModelFile.ToBytes(SmallModel.Manifest, tensors));
        Assert.StartsWith("x: no layer uses tensor 'gru1.bias'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(1025)]
    public void Golden_vectors_of_too_few_or_too_many_steps_are_refused(int steps)
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        tensors[^2] = new Tensor("golden.inputs", [steps, 1], new float[steps]);
        Assert.Equal(
            $"x: tensor 'golden.inputs' has {steps} steps; expected 16 to 1024.",
            Refusal(ModelFile.ToBytes(SmallModel.Manifest, tensors)));
    }

    [Fact]
    public void A_golden_deviation_names_step_output_and_how_far_off_it_is()
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        tensors[^1].Values[(5 * 2) + 1] += 0.001f;
        string message = Refusal(ModelFile.ToBytes(SmallModel.Manifest, tensors));
        Assert.StartsWith("x: golden vectors: output 1 ('temperature') of step 5 is ", message, StringComparison.Ordinal);
        Assert.Contains("within 1E-05, off by 0.001", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Swapped_gates_are_found_by_the_golden_vectors()
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        (tensors[0].Values[0], tensors[0].Values[2]) = (tensors[0].Values[2], tensors[0].Values[0]);
        Assert.Contains("golden vectors", Refusal(ModelFile.ToBytes(SmallModel.Manifest, tensors)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_overflows_is_refused()
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        tensors.Single(t => t.Name == "head.weight").Values.AsSpan().Fill(float.MaxValue);
        tensors.Single(t => t.Name == "head.bias").Values.AsSpan().Fill(float.MaxValue);
        Assert.Contains("golden vectors", Refusal(ModelFile.ToBytes(SmallModel.Manifest, tensors)), StringComparison.Ordinal);
    }

    [Fact]
    public void Golden_deviation_keeps_what_is_not_a_number()
    {
        GoldenDeviation worst = new GoldenDeviation(3, 0, -1, 0, 0, 0, 0).Or(0, 0, 5, 1).Or(1, 0, float.NaN, 1).Or(2, 0, 9, 1);
        Assert.Equal(1, worst.Step);
        Assert.False(worst.IsWithin(0.01));
        Assert.True(double.IsNaN(worst.MaxAbsolute));
    }

    [Fact]
    public void A_model_cut_short_at_any_byte_is_refused()
    {
        byte[] bytes = SmallModel.Bytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<ModelFileException>(() => ModelFile.Load("x", bytes[..length]));
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_refused_or_harmless()
    {
        byte[] bytes = SmallModel.Bytes();
        int refusals = 0;
        foreach (int bit in new[] { 0, 2, 5, 7 })
        {
            for (int k = 0; k < bytes.Length; k++)
            {
                bytes[k] ^= (byte)(1 << bit);
                refusals += IsRefused(bytes) ? 1 : 0;
                bytes[k] ^= (byte)(1 << bit);
            }
        }

        Assert.True(refusals > bytes.Length);
    }

    [Fact]
    public void Weights_stored_as_doubles_are_read()
    {
        byte[] bytes = SmallModel.Bytes();
        SafetensorsFile single = SafetensorsFile.Parse("x", bytes);
        var header = new List<string>();
        var data = new List<byte>();
        foreach (TensorInfo tensor in single.Tensors.Values)
        {
            float[] values = single.Take(tensor.Name, "", [.. tensor.Shape]);
            header.Add(RawSafetensors.Entry(tensor.Name, "F64", tensor.ShapeText, data.Count, data.Count + (8 * values.Length)));
            byte[] stored = new byte[8];
            foreach (float value in values)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(stored, value);
                data.AddRange(stored);
            }
        }

        string manifest = System.Text.Json.JsonEncodedText.Encode(single.Metadata["edgelstm"]).ToString();
        string text = $"{{\"__metadata__\":{{\"edgelstm\":\"{manifest}\"}},{string.Join(",", header)}}}";
        Model model = ModelFile.Load("x", RawSafetensors.Bytes(text, [.. data]));
        Assert.Equal(ModelFile.Load("x", bytes).GoldenDeviation, model.GoldenDeviation);
    }

    [SkippableFact]
    public void Every_shipped_model_proves_itself_at_every_width()
    {
        string folder = Path.Combine(RepositoryFolders.Root, "models");
        Skip.IfNot(Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(), $"{folder} is not there yet");
        string[] models = Directory.GetFiles(folder, "*.safetensors", SearchOption.AllDirectories);
        Assert.NotEmpty(models);
        foreach (string path in models)
        {
            foreach (VectorWidth width in VectorWidths.Supported)
            {
                Model model = ModelFile.Load(path, width);
                Assert.True(model.GoldenDeviation.IsWithin(model.Manifest.Golden.Tolerance));
            }
        }
    }

    private static string Refusal(byte[] bytes) => Assert.Throws<ModelFileException>(() => ModelFile.Load("x", bytes)).Message;

    private static bool IsRefused(byte[] bytes)
    {
        try
        {
            ModelFile.Load("x", bytes);
            return false;
        }
        catch (ModelFileException)
        {
            return true;
        }
    }
}
