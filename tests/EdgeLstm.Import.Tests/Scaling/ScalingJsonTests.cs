// Scalers as people write them to JSON: what they mean, and what is refused by name.

using System.Text;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Scaling;

namespace EdgeLstm.Import.Tests.Scaling;

public sealed class ScalingJsonTests
{
    [Theory]
    [InlineData("""{"mean":[10,2],"scale":[4,0.5]}""", "StandardScaler")]
    [InlineData("""{"mean_":[10,2],"scale_":[4,0.5],"var_":[16,0.25],"feature_names_in_":["a","b"]}""", "StandardScaler")]
    [InlineData("""{"mean":[10,2],"std":[4,0.5],"min_":null,"n_samples_seen_":7}""", "StandardScaler")]
    [InlineData("""{"center_":[10,2],"scale_":[4,0.5]}""", "RobustScaler")]
    [InlineData("""{"scale_":[0.25,2],"min_":[-2.5,-4],"data_min_":[10,2],"data_max_":[14,2.5]}""", "MinMaxScaler")]
    [InlineData("\uFEFF{\"mean\":[10,2],\"scale\":[4,0.5]}", "StandardScaler")]
    public void Scalers_become_offset_and_scale(string json, string kind)
    {
        ChannelScaling scaling = Parse(json);

        Assert.Equal($"norm.json ({kind})", scaling.Source);
        Assert.Null(scaling.Outputs);
        Assert.Equal([10, 2], scaling.Inputs!.Select(channel => channel.Offset));
        Assert.Equal([0.25, 2], scaling.Inputs!.Select(channel => channel.Scale));
    }

    [Fact]
    public void Names_units_and_ranges_of_the_training_data_are_kept()
    {
        ChannelScaling scaling = Parse(
            """
            {"scale_":[0.25,2],"min_":[-2.5,-4],"data_min_":[10,2],"data_max_":[14,2],"feature_names":["flow","load"],
             "units":["m³/h","1"]}
            """);

        Assert.Equal(
            [new ScaledChannel(10, 0.25, "flow", "m³/h", 10, 14), new ScaledChannel(2, 2, "load", "1")], scaling.Inputs!);
    }

    [Fact]
    public void Inputs_and_outputs_have_a_scaler_each()
    {
        ChannelScaling scaling = Parse(
            """{"inputs":{"mean":[1,2],"scale":[1,1]},"outputs":{"scale_":[0.5],"min_":[-1],"feature_names":["y"]}}""");

        Assert.Equal("norm.json (inputs: StandardScaler, outputs: MinMaxScaler)", scaling.Source);
        Assert.Equal(2, scaling.Inputs!.Count);
        Assert.Equal([new ScaledChannel(2, 0.5, "y")], scaling.Outputs!);
    }

    [Fact]
    public void The_full_form_says_everything_a_manifest_holds()
    {
        ChannelScaling scaling = Parse(
            """
            {"inputs":[{"name":"t","unit":"°C","offset":20,"scale":0.1,"minimum":-5,"maximum":60}],
             "outputs":[{"name":"t","offset":0,"scale":0.2,"horizon":6,"quantile":0.9,"relativeTo":"t"}]}
            """);

        Assert.Equal([new ScaledChannel(20, 0.1, "t", "°C", -5, 60)], scaling.Inputs!);
        Assert.Equal([new ScaledChannel(0, 0.2, "t", Horizon: 6, Quantile: 0.9, RelativeTo: "t")], scaling.Outputs!);
    }

    [Theory]
    [InlineData("""{"mean":[1],"scale":[1],"mena":[1]}""", "'mena', which is unknown")]
    [InlineData("""{"min":[0],"max":[1]}""", "'max', which is unknown")]
    [InlineData("""{"mean":[1],"mean_":[1],"scale":[1]}""", "'mean_' beside 'mean'")]
    [InlineData("""{"mean":[1],"min_":[1],"scale":[1]}""", "both 'mean' and 'min_'")]
    [InlineData("""{"scale_":[1,2]}""", "whether it divides or multiplies is not said")]
    [InlineData("""{"mean":[1,2]}""", "has no 'scale'")]
    [InlineData("""{"mean":[1,2],"scale":[1,2,3]}""", "'mean' has 2 entries; expected 3")]
    [InlineData("""{"mean":[1,2],"scale":[1,0]}""", "'scale[1]' is 0")]
    [InlineData("""{"mean":[1,"x"],"scale":[1,1]}""", "'mean[1]' is the text 'x'; expected a finite number")]
    [InlineData("""{"mean":[1,1e999],"scale":[1,1]}""", "'mean[1]' is the number 1e999")]
    [InlineData("""{"mean":5,"scale":[1,1]}""", "'mean' is one number; expected 2")]
    [InlineData("""{"mean":{},"scale":[1]}""", "'mean' is an object; expected a list")]
    [InlineData("""{"mean":[1],"scale":[]}""", "'scale' has 0 entries")]
    [InlineData("""{"mean":[1],"scale":[1],"feature_names":[3]}""", "'feature_names[0]' is the number 3")]
    [InlineData("""{"inputs":{"mean":[1],"scale":[1]},"units":["m"]}""", "'units' beside 'inputs' and 'outputs'")]
    [InlineData("""{"inputs":{"scale":[1]}}""", "'inputs.scale' but none of")]
    [InlineData("""{"inputs":null}""", "scales nothing")]
    [InlineData("""{"inputs":7}""", "'inputs' is the number 7")]
    [InlineData("""{"inputs":[{"name":"a","offset":1}]}""", "'inputs[0]' needs an offset and a scale")]
    [InlineData("""{"inputs":[{"offset":1,"scale":1,"horizon":1}]}""", "'inputs[0].horizon' is unknown")]
    [InlineData("""{"inputs":[{"offset":1,"scale":1,"scale":2}]}""", "'inputs[0].scale' is given twice")]
    [InlineData("""{"outputs":[{"offset":1,"scale":1,"horizon":1.5}]}""", "expected a whole number")]
    [InlineData("""{"outputs":[3]}""", "'outputs[0]' is the number 3")]
    [InlineData("[1,2]", "is a list; expected an object")]
    [InlineData("{\"mean\":[NaN],\"scale\":[1]}", "is no JSON")]
    [InlineData("{\"mean\":[1]", "is no JSON")]
    [InlineData("""{"mean":[1],"scale":[1],"feature_names":["\ud800"]}""", "is no JSON")]
    [InlineData("", "is no JSON")]
    public void What_is_wrong_is_named(string json, string expected)
    {
        ModelFileException refused = Assert.Throws<ModelFileException>(() => Parse(json));

        Assert.StartsWith("norm.json: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_inside_another_file_is_named_with_its_place()
    {
        ModelFileException refused = Assert.Throws<ModelFileException>(
            () => ScalingJson.Parse("net.onnx", "metadata 'edgelstm_norm'", "{}"u8.ToArray()));

        Assert.StartsWith("net.onnx: metadata 'edgelstm_norm': has no 'scale'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 4, 0x95, 0x99 })]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0 })]
    [InlineData(new byte[] { 0x78, 0x9C, 1, 1 })]
    [InlineData(new byte[] { (byte)'c', (byte)'s', (byte)'k' })]
    public void A_pickled_scaler_is_refused_with_the_lines_that_write_it_as_json(byte[] bytes)
    {
        ModelFileException refused = Assert.Throws<ModelFileException>(() => ScalingJson.Parse("s.pkl", "s.pkl", bytes));

        Assert.Contains("import json, joblib", refused.Message, StringComparison.Ordinal);
        Assert.Contains("json.dump(", refused.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("models/keras-h5/ecowatt_scaler.pkl")]
    [InlineData("models/keras-v3/transformer_energy_scaler.gz")]
    [InlineData("models/pytorch/airquality_scaler.pkl")]
    public void Scalers_of_published_models_are_refused_with_advice(string fixture)
    {
        string path = Fixture.Path(fixture);

        ModelFileException refused = Assert.Throws<ModelFileException>(
            () => ScalingJson.Parse(path, Path.GetFileName(path), File.ReadAllBytes(path)));

        Assert.Contains(ScalerAdvice.Text, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_texts_are_refused_and_nothing_else_is_thrown()
    {
        byte[] whole = Encoding.UTF8.GetBytes(
            """{"inputs":[{"name":"t","unit":"°C","offset":20,"scale":0.1}],"outputs":{"mean":[1],"scale":[2],"units":["m"]}}""");
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = whole[..(seed % 5 == 0 ? random.Next(whole.Length) : whole.Length)];
            for (int k = 0; damaged.Length > 0 && k <= seed % 3; k++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            Exception? thrown = Record.Exception(() => ScalingJson.Parse("norm.json", "norm.json", damaged));
            Assert.True(thrown is null or ModelFileException, $"seed {seed}: {thrown}");
        }
    }

    private static ChannelScaling Parse(string json) =>
        ScalingJson.Parse("norm.json", "norm.json", Encoding.UTF8.GetBytes(json));
}
