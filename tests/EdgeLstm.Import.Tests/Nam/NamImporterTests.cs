// Neural Amp Modeler: published models against their engine's numbers, and files written here for each fault.

using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Nam;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.Nam;

public sealed class NamImporterTests
{
    [SkippableTheory]
    [InlineData("lstm.nam", 1, 3, "48000 Hz, a period of 20.8333 µs")]
    [InlineData("BossLSTM-2x8.nam", 2, 8, "does not say the sample rate")]
    public void A_published_model_gives_its_engines_outputs(string name, int layers, int hidden, string warning)
    {
        ImportedModel model = Read(Fixture.Open($"models/nam-json/{name}"));
        JsonElement io = Fixture.Json($"io/{name}.io.json");
        Conformance.AssertEqual(model, TimeFirst(io.GetProperty("x")), TimeFirst(io.GetProperty("y")), isBatchFirst: false);
        Assert.Equal(layers + 1, model.Layers.Count);
        Assert.Equal(hidden, model.Layers[0].Manifest.OutputSize);
        Assert.True(model.Layers[0].Manifest.InitialState);
        Assert.Equal(new SequenceUse(true, null, true), model.Sequence);
        Assert.Contains(warning, Assert.Single(model.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void The_flat_weights_are_taken_apart_in_order()
    {
        // One layer, I = 2, H = 1: rows of W and R, b, h0, c0, head weight, head bias.
        ImportedModel model = Read(Model("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 21, 22, 23, 24, 31, 41, 51, 61"));
        ImportedLayer lstm = model.Layers[0];
        Assert.Equal([1f, 2f, 4f, 5f, 7f, 8f, 10f, 11f], lstm.Values("weight_ih")!);
        Assert.Equal([3f, 6f, 9f, 12f], lstm.Values("weight_hh")!);
        Assert.Equal([21f, 22f, 23f, 24f], lstm.Values("bias")!);
        Assert.Equal([31, 41], new ReferenceNetwork(model.Layers).ReadState());
        Assert.Equal([51f], model.Layers[1].Values("weight")!);
        Assert.Equal([61f], model.Layers[1].Values("bias")!);
        Assert.Equal("Neural Amp Modeler 0.5, LSTM", model.Format);
    }

    [Fact]
    public void Several_outputs_have_a_row_of_the_head_each()
    {
        string weights = string.Join(", ", Enumerable.Range(1, 22));
        ImportedModel model = Read(Model(weights, more: ", \"out_channels\": 2, \"in_channels\": 2"));
        Assert.Equal((2, 2), (model.InputSize, model.OutputSize));
    }

    [Theory]
    [InlineData("1, 2, 3", "", "tensor 'weights' has shape [3]; expected [20]")]
    [InlineData("[1, 2], [3, 4]", "", "has shape [2, 2]; expected [20]")]
    [InlineData("1", ", \"in_channels\": 1", "1 in_channels and an input_size of 2")]
    [InlineData("1", ", \"num_layers\": 65", "'num_layers' is 65; expected a whole number from 1 to 64")]
    [InlineData("1", ", \"num_layers\": 64, \"hidden_size\": 4096, \"input_size\": 4096", "expected [8591511553]")]
    [InlineData("1", ", \"hidden_size\": -3", "'hidden_size' is -3; expected a whole number from 1 to 4096")]
    public void What_does_not_fit_is_refused(string weights, string more, string expected) =>
        Assert.Contains(expected, Refusal(Model(weights, more)), StringComparison.Ordinal);

    [Theory]
    [InlineData("WaveNet")]
    [InlineData("ConvNet")]
    [InlineData("Linear")]
    public void Another_architecture_is_refused_by_name(string name) => Assert.Contains(
        $"architecture '{name}'; expected LSTM", Refusal(Model("1", architecture: name)), StringComparison.Ordinal);

    [Fact]
    public void A_sample_rate_that_is_none_is_refused()
    {
        string weights = string.Join(", ", Enumerable.Range(1, 20));
        Assert.Contains("'sample_rate' is -1; expected Hz", Refusal(Model(weights, rate: "-1")), StringComparison.Ordinal);
        Assert.Contains("does not say", Assert.Single(Read(Model(weights, rate: "null")).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_are_refused_and_nothing_else() => DamagedCopies.AssertOnlyRefusals(
        Model(string.Join(", ", Enumerable.Range(1, 20).Select(k => (k / 8.0).ToString(CultureInfo.InvariantCulture)))).Bytes,
        seed: 7, count: 2000, bytes => Read(new SourceFile("m", bytes)));

    private static ImportedModel Read(SourceFile file)
    {
        using JsonDocument document = JsonSource.Open(file);
        return NamImporter.Recognises(document.RootElement)
            ? NamImporter.Read(file, document.RootElement)
            : throw file.Refuse("is no model");
    }

    // The later of two equal keys counts.
    private static SourceFile Model(string weights, string more = "", string architecture = "LSTM", string rate = "48000") =>
        new("m.nam", Encoding.UTF8.GetBytes(
            $$"""
            {"version": "0.5", "architecture": "{{architecture}}",
             "config": {"input_size": 2, "hidden_size": 1, "num_layers": 1{{more}}},
             "weights": [{{weights}}], "sample_rate": {{rate}}}
            """));

    private static string Refusal(SourceFile file) => Assert.Throws<ModelFileException>(() => Read(file)).Message;

    private static IoArray TimeFirst(JsonElement element)
    {
        IoArray array = IoArray.Of(element);
        return array with { Shape = [array.Shape[0], 1, array.Shape[1]] };
    }
}
