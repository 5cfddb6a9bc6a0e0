// The test cases of Keras.js: attributes, weights, input and expected output of single layers, some fed twice with the state
// kept.

using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Keras;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.Keras;

public sealed class KerasJsCaseTests
{
    private const string Folder = "models/kerasjs-json";

    public static TheoryData<string, int> Cases
    {
        get
        {
            var rows = new TheoryData<string, int>();
            for (int k = 0; k < 9; k++)
            {
                rows.Add("LSTM", k);
                rows.Add("SimpleRNN", k);
            }

            return rows;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_the_expected_output_or_is_refused_for_going_backwards(string className, int number)
    {
        JsonElement item = Fixture.Json($"{Folder}/{className}_with_attrs.json")[number];
        JsonElement attributes = item.GetProperty("attrs");
        if (attributes.GetProperty("go_backwards").GetBoolean())
        {
            var refusal = Assert.Throws<ModelFileException>(() => Map(className, item));
            Assert.Contains("layer 'case': go_backwards=True reads a window from its "
                + "end", refusal.Message, StringComparison.Ordinal);
            return;
        }

        KerasLayerMapper mapper = Map(className, item);
        Assert.Equal(attributes.GetProperty("stateful").GetBoolean(), mapper.Sequence.IsStateful);
        Assert.Equal(attributes.GetProperty("return_sequences").GetBoolean(), mapper.Sequence.AnswersEachSample);
        var network = new ReferenceNetwork(mapper.Layers);
        IoArray x = IoArray.Of(item.GetProperty("input"));
        double[] expected = IoArray.Of(item.GetProperty("expected")).Data;
        List<double[]> outputs = [];
        for (int call = 0; call < item.GetProperty("calls").GetInt32(); call++)
        {
            outputs = [.. x.Data.Chunk(x.Shape[1]).Select(network.Step)];
        }

        double[] found = [.. expected.Length > outputs[^1].Length ? outputs.SelectMany(y => y) : outputs[^1]];
        Assert.Equal(expected.Length, found.Length);
        for (int k = 0; k < found.Length; k++)
        {
            Assert.Equal(expected[k], found[k], 1e-5);
        }
    }

    [SkippableTheory]
    [InlineData("LSTM_with_attrs.json")]
    [InlineData("SimpleRNN_with_attrs.json")]
    public void A_file_of_cases_is_refused_saying_what_it_is(string name)
    {
        JsonElement root = Fixture.Json($"{Folder}/{name}");
        Assert.True(KerasJson.Recognises(root));
        ModelFileException refusal = KerasJson.Refusal(Fixture.Open($"{Folder}/{name}"), root);
        Assert.Contains("is a list of test cases of Keras.js", refusal.Message, StringComparison.Ordinal);
    }

    private static KerasLayerMapper Map(string className, JsonElement item)
    {
        SourceTensor[] weights =
        [
            .. item.GetProperty("weights").EnumerateArray().Select(IoArray.Of)
                .Select((array, k) => new SourceTensor($"weight "
                    + $"{k}", array.Shape, [.. array.Data.Select(value => (float)value)])),
        ];
        var file = new SourceFile("cases.json", []);
        var mapper = new KerasLayerMapper(
            file, KerasVersion.Parse("2.1.0", false), new MemoryWeights { ["case"] = weights }, []);
        mapper.Map(new KerasLayer("case", className, new ConfigNode(file, "layer 'case'", item.GetProperty("attrs")), "case"));
        return mapper;
    }
}
