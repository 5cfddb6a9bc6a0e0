// Files that PyTorch wrote: each is imported and equals PyTorch's outputs, or is refused for the reason it should be.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.PyTorch;
using EdgeLstm.Import.Safetensors;

namespace EdgeLstm.Import.Tests.PyTorch;

public sealed class TorchFixtureTests
{
    // io files hold [time, batch, features], whatever batch_first says.
    public static TheoryData<string, string> Cells()
    {
        var data = new TheoryData<string, string>();
        foreach (string name in new[]
        {
            "gru_1", "gru_3_state", "gru_nobias", "lstm_1", "lstm_2_state", "lstm_bf", "lstm_nobias", "rnn_relu", "rnn_tanh2",
        })
        {
            data.Add(name, ".pt");
            data.Add(name, ".legacy.pth");
            data.Add(name, ".safetensors");
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Cells))]
    public void A_recurrent_module_equals_torch(string name, string extension)
    {
        ImportOptions options = name == "rnn_relu" ? Said("rnn", Activation.Relu) : ImportOptions.None;
        ImportedModel model = Import($"gen/torch/{name}{extension}", options);
        JsonElement io = Fixture.Json($"gen/torch/{name}.io.json");
        Func<int, double[]>? state = io.GetProperty("h0").ValueKind == JsonValueKind.Null ? null : Initial(io);
        (IoArray x, IoArray y) = (IoArray.Of(io.GetProperty("x")), IoArray.Of(io.GetProperty("y")));
        Conformance.AssertEqual(model, x, y, isBatchFirst: false, state);
        Assert.Equal(SampleAxes.TimeFirstOrSingleBatch, model.Axes);
        Assert.Equal(name == "rnn_tanh2", model.Warnings.Any(warning => warning.Contains("--activation rnn=relu")));
    }

    [SkippableTheory]
    [InlineData("net_state_dict.pt")]
    [InlineData("net_dataparallel.pt")]
    [InlineData("net_noncontiguous.pt")]
    [InlineData("net_shared_storage.pt")]
    [InlineData("net_checkpoint.tar")]
    [InlineData("net.safetensors")]
    public void The_network_equals_torch_in_each_container(string name)
    {
        ImportedModel model = Import($"gen/torch/{name}");
        JsonElement io = Fixture.Json("gen/torch/net.io.json");
        Conformance.AssertEqual(model, Scaled(model, io), IoArray.Of(io.GetProperty("y")), isBatchFirst: true);
    }

    [SkippableFact]
    public void A_network_in_float16_equals_the_rounded_one()
    {
        ImportedModel model = Import("gen/torch/net_fp16.pt");
        ImportedModel full = Import("gen/torch/net_state_dict.pt");
        foreach ((ImportedLayer half, ImportedLayer single) in model.Layers.Zip(full.Layers))
        {
            foreach ((Tensor found, Tensor expected) in half.Tensors.Zip(single.Tensors))
            {
                // A bias of ours is the sum of two of theirs, each rounded.
                bool isSum = found.Name.EndsWith(".bias") && half.Manifest.Kind == LayerKind.Lstm;
                Assert.True(isSum || expected.Values.Select(value => (float)(Half)value).SequenceEqual(found.Values), found.Name);
            }
        }
    }

    [SkippableTheory]
    [InlineData("lstm/model.pt")]
    [InlineData("lstm/model.legacy.pth")]
    [InlineData("lstm/model.safetensors")]
    [InlineData("lstm/model.state_dict.json")]
    [InlineData("gru/model.pt")]
    public void The_family_equals_its_reference(string name)
    {
        JsonElement io = Fixture.Json($"gen/family/{name[..name.IndexOf('/')]}/io.json");

        // The GRU's head ends in tanh, which a state_dict cannot say.
        ImportOptions options = name.StartsWith("gru") ? Said("fc", Activation.Tanh) : ImportOptions.None;
        Conformance.AssertEqual(
            Import($"gen/family/{name}", options), IoArray.Of(io.GetProperty("x_TBI")), IoArray.Of(io.GetProperty("y_TBO")),
            isBatchFirst: false);
    }

    [SkippableFact]
    public void What_a_state_dict_cannot_say_is_warned_of_with_the_option_that_says_it() =>
        Assert.Contains("--activation fc=relu", Assert.Single(Import("gen/family/gru/model.pt").Warnings));

    [SkippableTheory]
    [InlineData("airquality_lstm.pt")]
    [InlineData("energy_lstm.pt")]
    public void Published_models_equal_torch(string name)
    {
        JsonElement io = Fixture.Json($"io/{name}.io.json");
        ImportedModel model = Import($"models/pytorch/{name}");
        Conformance.AssertEqual(model, IoArray.Of(io.GetProperty("x")), IoArray.Of(io.GetProperty("out")), isBatchFirst: false);
    }

    [SkippableFact]
    public void RTNeurals_state_dict_in_JSON_equals_its_published_outputs()
    {
        ImportedModel model = Import("models/rtneural-json/lstm_torch.json");
        IoArray x = Column("models/rtneural-json/lstm_torch_x_python.csv");
        IoArray y = Column("models/rtneural-json/lstm_torch_y_python.csv");
        Conformance.AssertEqual(model, x, y, isBatchFirst: false);
    }

    [SkippableFact]
    public void Buffers_become_the_scaling()
    {
        ChannelScaling scaling = Import("gen/torch/net_state_dict.pt").Scaling!;
        Assert.Equal([1, -2, 0.5], scaling.Inputs!.Select(channel => channel.Offset));
        Assert.Equal([1 / 2.0, 1 / 0.25, 1 / 4.0], scaling.Inputs!.Select(channel => channel.Scale));
        Assert.Null(scaling.Outputs);
    }

    [SkippableTheory]
    [InlineData("gen/torch/net_whole_module.REFUSE.pt", "'__main__.Net', Python code that is not weights", "model.state_dict()")]
    [InlineData("gen/bad/pt_bigendian.pt", "entry 'byteorder'", "highest byte")]
    [InlineData("gen/bad/pt_billion_laughs.pt", "'archive/data.pkl' has opcode LIST", "state_dict")]
    [InlineData("gen/bad/pt_inst_opcode.pt", "opcode STRING at byte 3", "state_dict")]
    [InlineData("gen/bad/pt_neg_offset.pt", "'lstm.weight_ih_l0' has shape [2, 2]", "offset -1; none may be negative")]
    [InlineData("gen/bad/pt_neg_stride.pt", "'lstm.weight_ih_l0'", "strides [-2, 1]")]
    [InlineData("gen/bad/pt_no_stop.pt", "'archive/data.pkl' ends at byte 5", "cut short")]
    [InlineData("gen/bad/pt_oob_size.pt", "'lstm.weight_ih_l0' has shape [100, 100]", "the 4 numbers of its storage '0'")]
    [InlineData("gen/bad/pt_path_traversal.pt", "storage '../../etc/passwd'", "entry of the archive")]
    [InlineData("gen/bad/pt_stack_underflow.pt", "empty stack", "damaged")]
    [InlineData("gen/bad/pt_two_data_pkl.pt", "2 entries data.pkl", "has one")]
    [InlineData("gen/bad/pt_unknown_opcode.pt", "opcode 0xF7 at byte 2", "state_dict")]
    [InlineData("gen/bad/pt_zero_stride_bomb.pt", "shape [2147483648, 2147483648]", "4 numbers")]
    [InlineData("gen/bad/pt_zip_bomb.pt", "entry 'archive/data.pkl' is compressed", "save it again")]
    [InlineData("gen/bad/st_alias.safetensors", "tensor 'b'", "inside the tensor before it")]
    [InlineData("gen/bad/st_bad_dtype.safetensors", "data type 'Q99'", "expected")]
    [InlineData("gen/bad/st_deep_json.safetensors", "tensor 'a'", "must be an object")]
    [InlineData("gen/bad/st_dup_key.safetensors", "tensor 'a'", "twice")]
    [InlineData("gen/bad/st_empty.safetensors", "0 bytes", "at least 10")]
    [InlineData("gen/bad/st_float_offset.safetensors", "data_offsets", "whole numbers")]
    [InlineData("gen/bad/st_header_huge.safetensors", "says its header has", "cut short")]
    [InlineData("gen/bad/st_header_past_eof.safetensors", "says its header has", "cut short")]
    [InlineData("gen/bad/st_leading_space.safetensors", "does not start with '{'", "damaged")]
    [InlineData("gen/bad/st_nan_weights.safetensors", "NaN", "finite")]
    [InlineData("gen/bad/st_negative.safetensors", "data_offsets", "0 or more")]
    [InlineData("gen/bad/st_not_utf8.safetensors", "not valid UTF-8", "damaged")]
    [InlineData("gen/bad/st_overflow.safetensors", "larger than any file", "[4294967296, 4294967296]")]
    [InlineData("gen/bad/st_overlap.safetensors", "tensor 'b' begins at byte 4", "inside")]
    [InlineData("gen/bad/st_reversed.safetensors", "before its beginning", "byte 0")]
    [InlineData("gen/bad/st_trailing.safetensors", "4 bytes after the last tensor", "no tensor")]
    [InlineData("models/pytorch/airquality_scaler.pkl", "MinMaxScaler", "json.dump")]
    [InlineData("models/keras-h5/ecowatt_scaler.pkl", "MinMaxScaler", "json.dump")]
    [InlineData("models/keras-v3/transformer_energy_scaler.gz", "MinMaxScaler", "json.dump")]
    [InlineData("gen/bad/h5_is_pickle.h5", "bare pickle", "state_dict")]
    public void Refusals_name_the_fault_and_what_to_do(string name, string fault, string advice)
    {
        var refusal = Assert.Throws<ModelFileException>(() => Import(name));
        Assert.StartsWith(Fixture.Path(name), refusal.Message);
        Assert.Contains(fault, refusal.Message);
        Assert.Contains(advice, refusal.Message);
    }

    [SkippableFact]
    public void Every_fixture_is_recognised_as_what_it_is()
    {
        Fixture.Path("gen/torch/net.safetensors");
        string[] folders =
            ["gen/torch", "gen/bad", "gen/family/lstm", "gen/family/gru", "models/pytorch", "models/onnx", "gen/h5"];
        foreach (string folder in folders)
        {
            foreach (string path in Directory.EnumerateFiles(Path.Combine(Fixture.Folder, folder)))
            {
                byte[] bytes = File.ReadAllBytes(path);
                string extension = Path.GetExtension(path);
                bool isTorch = extension is ".pt" or ".pth" or ".tar" or ".pkl" || path.EndsWith("h5_is_pickle.h5");
                Assert.True(isTorch == TorchImporter.Recognises(bytes), path);
                Assert.True((extension == ".pkl") == PickledScaler.Recognises(bytes), path);
                bool isSafetensors = extension == ".safetensors" && bytes.Length > 0;
                Assert.True(isSafetensors == SafetensorsImporter.Recognises(bytes), path);
            }
        }
    }

    // Stands for the choice by content, which is another class's.
    internal static ImportedModel Import(string name, ImportOptions? options = null) => Import(Fixture.Open(name), options);

    internal static ImportedModel Import(SourceFile file, ImportOptions? options = null)
    {
        options ??= ImportOptions.None;
        switch (Path.GetExtension(file.Path))
        {
            case ".safetensors":
                return SafetensorsImporter.Read(file, options);
            case ".json":
                using (JsonDocument document = JsonDocument.Parse(file.Bytes))
                {
                    Assert.True(JsonStateDict.Recognises(document.RootElement));
                    return JsonStateDict.Read(file, document.RootElement, options);
                }

            case ".gz":
                Assert.True(PickledScaler.Recognises(file.Bytes));
                throw PickledScaler.Refuse(file);
            default:
                Assert.True(TorchImporter.Recognises(file.Bytes));
                return TorchImporter.Read(file, options);
        }
    }

    internal static ImportOptions Said(string name, ActivationFunction activation) =>
        new(Activations: new Dictionary<string, ActivationFunction> { [name] = activation });

    // [layers, batch, H] of h and of c become, layer after layer, [h, c].
    private static Func<int, double[]> Initial(JsonElement io) => sequence =>
    {
        IoArray h = IoArray.Of(io.GetProperty("h0"));
        IoArray? c = io.GetProperty("c0").ValueKind == JsonValueKind.Null ? null : IoArray.Of(io.GetProperty("c0"));
        (int layers, int batch, int size) = (h.Shape[0], h.Shape[1], h.Shape[2]);
        List<double> state = [];
        for (int layer = 0; layer < layers; layer++)
        {
            int at = ((layer * batch) + sequence) * size;
            state.AddRange(h.Data[at..(at + size)]);
            state.AddRange(c is null ? [] : c.Data[at..(at + size)]);
        }

        return [.. state];
    };

    private static IoArray Scaled(ImportedModel model, JsonElement io)
    {
        IoArray x = IoArray.Of(io.GetProperty("x"));
        IReadOnlyList<ScaledChannel> channels = model.Scaling!.Inputs!;
        return x with
        {
            Data = [.. x.Data.Select((value, k) => Scale(value, channels[k % channels.Count]))],
        };
    }

    private static double Scale(double value, ScaledChannel channel) => (value - channel.Offset) * channel.Scale;

    private static IoArray Column(string name)
    {
        string[] lines = File.ReadAllLines(Fixture.Path(name));
        double[] values = [.. lines.Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        return new IoArray([values.Length, 1, 1], values);
    }
}
