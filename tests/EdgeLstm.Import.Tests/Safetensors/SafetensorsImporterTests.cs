// Weights in safetensors: the order of layers is not in the file; whole numbers are skipped; metadata may carry the scaling.

using System.Text;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Safetensors;

namespace EdgeLstm.Import.Tests.Safetensors;

public sealed class SafetensorsImporterTests
{
    [Fact]
    public void Layers_are_put_in_the_order_in_which_their_sizes_chain()
    {
        ImportedModel model = Read(Lstm("body", 3, 4), Linear("a_head", 4, 2), Lstm("zz", 7, 3), ["input.weight:7,5"]);
        Assert.Equal(["input", "zz", "body", "a_head"], Names(model));
        Assert.DoesNotContain(model.Warnings, warning => warning.Contains("order"));
    }

    [Fact]
    public void Layers_of_like_sizes_are_put_in_the_order_of_their_numbers_with_a_warning()
    {
        ImportedModel model = Read(Linear("fc", 4, 4), Lstm("lstm10", 4, 4), Lstm("lstm2", 4, 4), Lstm("lstm1", 4, 4));
        Assert.Equal(["lstm1", "lstm2", "lstm10", "fc"], Names(model));
        Assert.Contains("'lstm1', 'lstm2', 'lstm10', 'fc' was assumed", model.Warnings[0]);
    }

    [Fact]
    public void An_order_that_nothing_decides_is_refused() =>
        Assert.Contains(
            "whether 'decoder' (4 → 4) or 'encoder' (4 → 4) comes first", Refusal(Lstm("decoder", 4, 4), Lstm("encoder", 4, 4)));

    [Fact]
    public void Many_layers_of_one_size_do_not_hold_up_the_search()
    {
        string[][] layers = [.. Enumerable.Range(0, 24).Select(k => Lstm($"cell{(char)('a' + k)}", 2, 2))];
        Assert.Contains("their sizes do not tell", Refusal(layers));
        string[][] unfinished = [.. layers, Lstm("x", 9, 9)];
        Assert.Contains("do not tell", Refusal(unfinished));
    }

    [Fact]
    public void Whole_numbers_are_skipped_and_checked()
    {
        ImportedModel model = Read(
            Lstm("lstm", 3, 4),
            ["bn.weight:4", "bn.bias:4", "bn.running_mean:4", "bn.running_var:4", "bn.num_batches_tracked:I64"]);
        Assert.Equal([LayerKind.Lstm, LayerKind.Scale], model.Layers.Select(layer => layer.Manifest.Kind));
        byte[] wrong = Build("", Lstm("lstm", 3, 4), ["bn.num_batches_tracked:I64"]);
        int at = wrong.AsSpan().IndexOf("I64"u8);
        "I32"u8.CopyTo(wrong.AsSpan(at));
        Assert.Contains("takes 4 bytes; its offsets span 8", Fault(wrong));
    }

    [Fact]
    public void Scaling_in_the_metadata_is_taken()
    {
        string json = JsonSerializer.Serialize("""{"mean": [1, 2, 3], "scale": [2, 4, 5]}""");
        SourceFile file = new("made.safetensors", Build($"\"__metadata__\":{{\"edgelstm_norm\":{json}}},", Lstm("lstm", 3, 4)));
        ChannelScaling scaling = SafetensorsImporter.Read(file, ImportOptions.None).Scaling!;
        Assert.Equal([0.5, 0.25, 0.2], scaling.Inputs!.Select(channel => channel.Scale));
        Assert.Contains("edgelstm_norm", scaling.Source);
    }

    [Fact]
    public void A_model_of_EdgeLstm_is_refused_as_one() =>
        Assert.Contains("EdgeLstm already", Fault(Build("\"__metadata__\":{\"edgelstm\":\"{}\"},", Lstm("lstm", 3, 4))));

    [Fact]
    public void JSON_is_not_taken_for_safetensors()
    {
        Assert.False(SafetensorsImporter.Recognises("""{"cfgs": {"a": 1}}"""u8));
        Assert.False(SafetensorsImporter.Recognises("{"u8));
        Assert.True(SafetensorsImporter.Recognises(Build("", Lstm("lstm", 3, 4))));
    }

    private static string[] Names(ImportedModel model) => [.. model.Layers.Select(layer => layer.Manifest.Name)];

    private static string[] Lstm(string name, int inputs, int hidden) =>
        [$"{name}.weight_ih_l0:{4 * hidden},{inputs}", $"{name}.weight_hh_l0:{4 * hidden},{hidden}"];

    private static string[] Linear(string name, int inputs, int outputs) =>
        [$"{name}.weight:{outputs},{inputs}", $"{name}.bias:{outputs}"];

    private static ImportedModel Read(params string[][] layers) =>
        SafetensorsImporter.Read(new SourceFile("made.safetensors", Build("", layers)), ImportOptions.None);

    private static string Refusal(params string[][] layers) => Fault(Build("", layers));

    private static string Fault(byte[] bytes) => Assert.Throws<ModelFileException>(
        () => SafetensorsImporter.Read(new SourceFile("made.safetensors", bytes), ImportOptions.None)).Message;

    // Tensors as "name:sizes", or "name:I64" of a single whole number; sorted by name as torch's writer sorts them.
    private static byte[] Build(string metadata, params string[][] layers)
    {
        var header = new StringBuilder("{" + metadata);
        int at = 0;
        IEnumerable<string[]> tensors = layers.SelectMany(layer => layer).Select(text => text.Split(':'));
        foreach (string[] tensor in tensors.OrderBy(parts => parts[0], StringComparer.Ordinal))
        {
            bool isInteger = tensor[1] == "I64";
            string shape = isInteger ? "" : tensor[1];
            int bytes = isInteger ? 8 : 4 * shape.Split(',').Select(int.Parse).Aggregate(1, (product, size) => product * size);
            string type = isInteger ? "I64" : "F32";
            header.Append($"\"{tensor[0]}\":{{\"dtype\":\"{type}\",\"shape\":[{shape}],\"data_offsets\":[{at},{at + bytes}]}},");
            at += bytes;
        }

        byte[] json = Encoding.UTF8.GetBytes(header.ToString().TrimEnd(',') + "}");
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[at]];
    }
}
