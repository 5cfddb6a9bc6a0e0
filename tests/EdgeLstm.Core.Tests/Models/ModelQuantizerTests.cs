// The quantizer's files: rounded as they should be, proved by golden vectors of their own, and never in place of the source.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Models;

public sealed class ModelQuantizerTests : IDisposable
{
    private static readonly Dictionary<string, LayerManifest[]> Stacks = new()
    {
        ["lstm with peepholes"] = [new("a", LayerKind.Lstm, 1, 5, Peepholes: true)],
        ["gru, reset after"] = [new("a", LayerKind.Gru, 1, 5, Reset: GruReset.After)],
        ["gru, reset before"] = [new("a", LayerKind.Gru, 1, 5, Reset: GruReset.Before)],
        ["rnn"] = [new("a", LayerKind.Rnn, 1, 5, Activation: Activation.Tanh)],
        ["stack"] =
        [
            new("a", LayerKind.Lstm, 1, 9), new("b", LayerKind.Dense, 9, 3, Activation: Activation.Tanh),
            new("c", LayerKind.Gru, 3, 17, Reset: GruReset.After),
        ],
        ["other kinds"] =
        [
            new("a", LayerKind.Scale, 1, 1), new("b", LayerKind.Conv1d, 1, 4, Activation: Activation.Relu, KernelSize: 3),
            new("c", LayerKind.Lstm, 4, 9), new("d", LayerKind.LayerNorm, 9, 9, Epsilon: 0.01),
            new("e", LayerKind.Activation, 9, 9, Activation: Activation.Softsign),
        ],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-quantize-").FullName;

    public static TheoryData<string, WeightPrecision> Cases
    {
        get
        {
            var cases = new TheoryData<string, WeightPrecision>();
            foreach (string stack in Stacks.Keys)
            {
                cases.Add(stack, WeightPrecision.BFloat16);
                cases.Add(stack, WeightPrecision.Int8);
            }

            return cases;
        }
    }

    private string Source => Path.Combine(_folder, "wide.safetensors");

    private string Output => Path.Combine(_folder, "narrow.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_kind_of_layer_is_narrowed_and_proves_itself_at_every_width(string stack, WeightPrecision precision)
    {
        ModelManifest manifest = SmallModel.With(Stacks[stack]);
        ModelFile.Save(Source, manifest, SmallModel.Tensors(manifest));
        QuantizedModel quantized = ModelQuantizer.Save(Source, precision, Output);
        Assert.Equal(precision, quantized.Written.Precision);
        Assert.InRange(quantized.Loss.MaxScaled, 1e-6, 0.1);
        foreach (VectorWidth width in VectorWidths.Supported)
        {
            Model model = ModelFile.Load(Output, width);
            Assert.Equal(precision, model.Precision);
            Assert.Equal(precision, model.Manifest.Precision);
            Assert.Equal(quantized.Written.Sha256, model.Sha256);
        }

        Assert.Equal([Output, Source], Directory.GetFiles(_folder).Order());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Golden_outputs_are_those_of_the_narrow_weights(string stack, WeightPrecision precision)
    {
        ModelManifest manifest = SmallModel.With(Stacks[stack]);
        ModelFile.Save(Source, manifest, SmallModel.Tensors(manifest));
        Model written = ModelQuantizer.Save(Source, precision, Output).Written;
        float[] expected = ReferenceNetwork.Run(manifest, Widened(manifest), written.Golden.Inputs);
        AssertClose(expected, written.Golden.Outputs, precision);
    }

    [Theory]
    [InlineData(WeightPrecision.BFloat16)]
    [InlineData(WeightPrecision.Int8)]
    public void A_network_that_is_run_over_windows_stays_one(WeightPrecision precision)
    {
        ModelManifest manifest = SmallModel.With(Stacks["lstm with peepholes"]) with { Window = 8 };
        ModelFile.Save(Source, manifest, SmallModel.Tensors(manifest));
        Model written = ModelQuantizer.Save(Source, precision, Output).Written;
        float[] expected = ReferenceNetwork.Run(manifest, Widened(manifest), written.Golden.Inputs);
        Assert.Equal(8, written.Manifest.Window);
        AssertClose(expected, written.Golden.Outputs, precision);
    }

    [Theory]
    [InlineData(WeightPrecision.BFloat16, 1e-5)]
    [InlineData(WeightPrecision.Int8, ModelQuantizer.Int8GoldenTolerance)]
    public void The_rest_of_the_model_stays_as_it_was(WeightPrecision precision, double tolerance)
    {
        SaveSmall();
        QuantizedModel quantized = ModelQuantizer.Save(Source, precision, Output);
        ModelManifest expected = SmallModel.Manifest with
        {
            Precision = precision,
            Golden = new GoldenManifest(tolerance),
            Provenance = SmallModel.Manifest.Provenance with { Tool = "SmallModel; edgelstm quantize" },
        };
        Assert.Equal(ManifestJson.Write(expected), ManifestJson.Write(quantized.Written.Manifest));
        (SafetensorsFile before, SafetensorsFile after) = (SafetensorsFile.Open(Source), SafetensorsFile.Open(Output));
        string[] kept = ["gru0.bias", "gru0.bias_hn", "head.weight", "head.bias", "golden.inputs"];
        Assert.All(kept, name => Assert.Equal(Values(before, name), Values(after, name)));
        Assert.All(kept, name => Assert.Equal(TensorType.F32, after.Tensors[name].Type));
    }

    [Theory]
    [InlineData(WeightPrecision.BFloat16, TensorType.BF16, 2)]
    [InlineData(WeightPrecision.Int8, TensorType.I8, 1)]
    public void Weights_take_two_bytes_or_one_and_a_scale_for_each_row(WeightPrecision precision, TensorType type, int bytes)
    {
        SaveSmall();
        ModelQuantizer.Save(Source, precision, Output);
        SafetensorsFile file = SafetensorsFile.Open(Output);
        foreach ((string name, int count) in new[] { ("gru0.weight_ih", 6), ("gru0.weight_hh", 12) })
        {
            TensorInfo matrix = file.Tensors[name];
            Assert.Equal(type, matrix.Type);
            Assert.Equal(count * bytes, matrix.EndByte - matrix.BeginByte);
            Assert.Equal(type == TensorType.I8, file.Tensors.ContainsKey(name + "_scale"));
        }

        Assert.Equal(type == TensorType.I8 ? 10 : 8, file.Tensors.Count);
    }

    [Fact]
    public void Int8_rows_are_scaled_to_127_and_rounded_half_to_even()
    {
        // One row of each kind: half of a step, all zero, ±greatest, subnormal, near the greatest float32, one and a half steps.
        float[] rows = [127, 0.5f, 0, 0, -3, 3, 2e-43f, -1e-43f, 3e38f, -1e38f, 254, 3];
        Model model = Quantized(rows);
        SafetensorsFile file = SafetensorsFile.Open(model.Path);
        float[] scales = Values(file, "gru0.weight_hh_scale");
        float[] q = file.TakeUnscaled("gru0.weight_hh", "", 6, 2);
        Assert.Equal([127, 0, 0, 0, -127, 127], q[..6]);
        Assert.Equal([127, -42, 127, 2], q[8..]);
        Assert.Equal([1, 0, 3 / 127f, 3e38f / 127, 2], [.. scales[..3], .. scales[4..]]);

        // Subnormal numbers have few digits, as have their scales: what is left of such a row is as good as zero.
        Assert.All(q[6..8], value => Assert.InRange(value, -127, 127));
        Assert.All(rows[6..8].Zip(q[6..8]), pair => Assert.InRange(Math.Abs(pair.First - (pair.Second * scales[3])), 0, 2e-43f));
    }

    [Fact]
    public void Integers_come_back_when_a_row_that_reaches_127_is_narrowed_again()
    {
        var random = new Random(5);
        sbyte[] again = new sbyte[16];
        for (int round = 0; round < 2000; round++)
        {
            float scale = MathF.Exp((random.NextSingle() * 60) - 40);
            sbyte[] q = [127, .. Enumerable.Range(0, 15).Select(_ => (sbyte)random.Next(-127, 128))];
            float[] row = [.. q.Select(value => value * scale)];
            float found = Int8Rows.Quantize(row, again);
            Assert.Equal(q, again);
            Assert.Equal(scale, found, scale * 1.3e-7f);
        }
    }

    [Fact]
    public void A_row_of_another_tool_that_stays_below_127_moves_by_at_most_half_a_step()
    {
        sbyte[] again = new sbyte[101];
        sbyte[] q = [.. Enumerable.Range(-50, 101).Select(value => (sbyte)value)];
        float found = Int8Rows.Quantize([.. q.Select(value => value * 0.02f)], again);
        Assert.Equal(50 * 0.02f / 127, found, 1e-8f);
        Assert.All(
            q.Zip(again),
            pair => Assert.InRange(Math.Abs((pair.First * 0.02) - (pair.Second * found)), 0, found * 0.5001));
    }

    [Fact]
    public void A_narrow_file_is_not_narrowed_again()
    {
        SaveSmall();
        ModelQuantizer.Save(Source, WeightPrecision.BFloat16, Output);
        Assert.Equal(
            $"{Output}: its weights are bfloat16 already; start from the float32 file: narrowing twice loses twice.",
            Refusal(() => ModelQuantizer.Save(Output, WeightPrecision.Int8, Path.Combine(_folder, "third.safetensors"))));
    }

    [Fact]
    public void A_network_without_recurrent_layer_has_nothing_to_narrow()
    {
        ModelManifest manifest = SmallModel.With(
            new LayerManifest("a", LayerKind.Conv1d, 1, 5, Activation: Activation.Relu, KernelSize: 2),
            new LayerManifest("b", LayerKind.LayerNorm, 5, 5, Epsilon: 0.01),
            new LayerManifest("c", LayerKind.Dense, 5, 5, Activation: Activation.Relu));
        ModelFile.Save(Source, manifest, SmallModel.Tensors(manifest));
        Assert.Contains(
            "has no recurrent layer", Refusal(() => ModelQuantizer.Save(Source, WeightPrecision.Int8, Output)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_source_is_not_overwritten_under_whatever_name()
    {
        SaveSmall();
        byte[] before = File.ReadAllBytes(Source);
        string folder = Path.Combine(_folder, "link");
        Directory.CreateSymbolicLink(folder, _folder);
        string[] names = [Source, Path.Combine(_folder, ".", "wide.safetensors"), Path.Combine(folder, "wide.safetensors")];
        foreach (string name in names)
        {
            Assert.Equal(
                $"{name}: is the model that is read, or a copy of it; name another file to write.",
                Refusal(() => ModelQuantizer.Save(Source, WeightPrecision.Int8, name)));
        }

        Assert.Equal(before, File.ReadAllBytes(Source));
    }

    [Fact]
    public void Another_file_is_replaced_and_one_that_cannot_be_written_is_an_error()
    {
        SaveSmall();
        File.WriteAllText(Output, "an older file");
        ModelQuantizer.Save(Source, WeightPrecision.Int8, Output);
        Assert.Equal(WeightPrecision.Int8, ModelFile.Load(Output).Precision);
        string nowhere = Path.Combine(_folder, "none", "x.safetensors");
        Assert.StartsWith(
            $"{nowhere}: cannot be written: ", Refusal(() => ModelQuantizer.Save(Source, WeightPrecision.Int8, nowhere)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WeightPrecision.BFloat16)]
    [InlineData(WeightPrecision.Int8)]
    public void A_narrow_file_that_was_damaged_anywhere_is_refused_or_harmless(WeightPrecision precision)
    {
        SaveSmall();
        ModelQuantizer.Save(Source, precision, Output);
        byte[] bytes = File.ReadAllBytes(Output);
        int refusals = 0;
        for (int k = 0; k < bytes.Length; k++)
        {
            Assert.Throws<ModelFileException>(() => ModelFile.Load("x", bytes[..k]));
            bytes[k] ^= 0x40;
            refusals += IsRefused(bytes) ? 1 : 0;
            bytes[k] ^= 0x40;
        }

        Assert.True(refusals > bytes.Length / 2);
    }

    [Fact]
    public void Float32_is_no_narrow_precision() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelQuantizer.Save(Source, WeightPrecision.Float32, Output));

    private void SaveSmall() => ModelFile.Save(Source, SmallModel.Manifest, SmallModel.Tensors(SmallModel.Manifest));

    // A model whose recurrent weights are given, but read by a head of zeros, so that no weight is too large to run.
    private Model Quantized(float[] recurrent)
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        int matrix = tensors.FindIndex(tensor => tensor.Name == "gru0.weight_hh");
        tensors[matrix] = tensors[matrix] with { Values = recurrent };
        foreach (Tensor zero in tensors.Where(t => t.Name is "gru0.weight_ih" or "gru0.bias" or "gru0.bias_hn" or "head.weight"))
        {
            zero.Values.AsSpan().Clear();
        }

        int outputs = tensors.FindIndex(tensor => tensor.Name == "golden.outputs");
        float[] inputs = tensors.Single(tensor => tensor.Name == "golden.inputs").Values;
        float[] golden = ReferenceNetwork.Run(SmallModel.Manifest, tensors, inputs);
        tensors[outputs] = tensors[outputs] with { Values = golden };
        ModelFile.Save(Source, SmallModel.Manifest, tensors);
        return ModelQuantizer.Save(Source, WeightPrecision.Int8, Output).Written;
    }

    // The tensors of the narrow file as float32, under the names of a wide one.
    private List<Tensor> Widened(ModelManifest manifest)
    {
        SafetensorsFile file = SafetensorsFile.Open(Output);
        List<Tensor> tensors = [];
        foreach (TensorInfo info in file.Tensors.Values.Where(info => !info.Name.EndsWith("_scale", StringComparison.Ordinal)))
        {
            float[] values = file.TakeUnscaled(info.Name, "", [.. info.Shape]);
            if (info.Type == TensorType.I8)
            {
                float[] scales = Values(file, info.Name + "_scale");
                values = [.. values.Select((q, k) => q * scales[k / info.Shape[1]])];
            }

            tensors.Add(new Tensor(info.Name, info.Shape, values));
        }

        Assert.All(
            manifest.Layers.Where(layer => layer.Kind != LayerKind.Activation),
            layer => Assert.Contains(tensors, tensor => tensor.Name == $"{layer.Name}.bias"));
        return tensors;
    }

    private static float[] Values(SafetensorsFile file, string name) => file.Take(name, "", [.. file.Tensors[name].Shape]);

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

    // The reference knows the narrow weights; int8 kernels round h to 127ths besides.
    private static void AssertClose(float[] expected, IReadOnlyList<float> found, WeightPrecision precision)
    {
        float tolerance = precision == WeightPrecision.Int8 ? 5e-2f : 1e-5f;
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    private static string Refusal(Action save) => Assert.Throws<ModelFileException>(save).Message;
}
