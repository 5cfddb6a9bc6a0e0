// Every recurrent node test of the ONNX suite, and the single nodes with random weights that can see a wrong gate order.

using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Onnx;
using Xunit.Abstractions;

namespace EdgeLstm.Import.Tests.Onnx;

public class OnnxSuiteTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Nodes_of_the_suite_are_equal_with_their_weights_bound()
    {
        int equal = 0;
        foreach (string folder in Folders("onnx-node/opset22"))
        {
            SourceFile file = SourceFile.Open(Path.Combine(folder, "model.onnx"));
            OnnxModel model = OnnxModel.Read(file);
            Dictionary<string, SourceTensor> inputs = Tensors(folder, "input", model.Graph.Inputs);
            Dictionary<string, SourceTensor> bound = new(inputs.Where(pair => pair.Key is not ("X" or "sequence_lens")));
            ImportedModel imported = OnnxImporter.Read(file, ImportOptions.None, bound);
            int layout = Layout(model);
            List<ReplayedSequence> found = OnnxReplay.Run(
                imported, Io(inputs["X"]), layout, inputs.GetValueOrDefault("sequence_lens") is { } lens ? Io(lens).Data : null);
            Dictionary<string, SourceTensor> expected =
                Tensors(folder, "output", [.. model.Graph.Outputs.Where(value => value.Name.Length > 0)]);
            int compared = expected.Sum(pair => OnnxReplay.AssertOutput(pair.Key, Io(pair.Value), found, layout));
            Assert.True(compared > 0, folder);
            equal++;
        }

        output.WriteLine($"onnx-node: {equal} imported and equal");
        Assert.Equal(12, equal);
    }

    [SkippableFact]
    public void Nodes_with_random_weights_are_equal_or_refused_for_their_direction()
    {
        (int equal, int refused) = (0, 0);
        foreach (string folder in Folders("onnx-gen"))
        {
            SourceFile file = SourceFile.Open(Path.Combine(folder, "model.onnx"));
            string name = Path.GetFileName(folder);
            if (name.Contains("bidir", StringComparison.Ordinal) || name.Contains("reverse", StringComparison.Ordinal))
            {
                string direction = name.Contains("bidir", StringComparison.Ordinal) ? "bidirectional" : "reverse";
                ModelFileException fault = Assert.Throws<ModelFileException>(() => OnnxImporter.Read(file, ImportOptions.None));
                Assert.Contains($"runs {direction}", fault.Message, StringComparison.Ordinal);
                refused++;
                continue;
            }

            AssertEqual(file, JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "io.json"))).RootElement, name);
            equal++;
        }

        output.WriteLine($"onnx-gen: {equal} imported and equal, {refused} refused for their direction");
        Assert.Equal(Folders("onnx-gen").Length, equal + refused);
        Assert.Equal(7, refused);
    }

    [SkippableFact]
    public void Weights_that_are_inputs_are_refused()
    {
        SourceFile file = Fixture.Open("onnx-node/opset22/test_lstm_defaults/model.onnx");

        ModelFileException fault = Assert.Throws<ModelFileException>(() => OnnxImporter.Read(file, ImportOptions.None));

        Assert.Contains("weights W 'W' come from outside the file", fault.Message, StringComparison.Ordinal);
    }

    private static void AssertEqual(SourceFile file, JsonElement io, string name)
    {
        ImportedModel imported = OnnxImporter.Read(file, ImportOptions.None);
        int layout = Layout(OnnxModel.Read(file));
        JsonElement inputs = io.GetProperty("inputs");
        List<ReplayedSequence> found = OnnxReplay.Run(
            imported, IoArray.Of(inputs.GetProperty("X")), layout, Optional(inputs, "sequence_lens")?.Data,
            Optional(inputs, "initial_h"), Optional(inputs, "initial_c"));
        int compared = io.GetProperty("expected_float64").EnumerateObject()
            .Sum(expected => OnnxReplay.AssertOutput(expected.Name, IoArray.Of(expected.Value), found, layout));
        Assert.True(compared > 0, name);
        bool hasLengths = inputs.TryGetProperty("sequence_lens", out _);
        Assert.Equal(hasLengths, imported.Warnings.Any(warning => warning.Contains("sequence_lens", StringComparison.Ordinal)));
        Assert.Equal(layout == 0 ? SampleAxes.TimeFirst : SampleAxes.BatchFirst, imported.Axes);
    }

    private static IoArray? Optional(JsonElement inputs, string name) =>
        inputs.TryGetProperty(name, out JsonElement value) ? IoArray.Of(value) : null;

    private static int Layout(OnnxModel model) =>
        (int)(model.Graph.Nodes[0].Attributes.Find(attribute => attribute.Name == "layout")?.Integer ?? 0);

    private static string[] Folders(string name)
    {
        string folder = Path.Combine(Fixture.Folder, name);
        Skip.IfNot(Directory.Exists(folder), $"{folder} is not there: set EDGELSTM_SHARED to the folder that holds fixtures/");
        return [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)];
    }

    private static IoArray Io(SourceTensor tensor) => new(tensor.Shape, Array.ConvertAll(tensor.Values, value => (double)value));

    private static Dictionary<string, SourceTensor> Tensors(string folder, string prefix, List<OnnxValueInfo> names)
    {
        Dictionary<string, SourceTensor> tensors = [];
        for (int k = 0; k < names.Count; k++)
        {
            SourceFile file = SourceFile.Open(Path.Combine(folder, "test_data_set_0", $"{prefix}_{k}.pb"));
            Known known = new TensorReader(file, new FoldBudget(file)).Read(OnnxModel.ReadTensorFile(file), names[k].Name);
            float[] values = known.Floats ?? Array.ConvertAll(known.Items!, item => (float)item.Value);
            tensors.Add(names[k].Name, new SourceTensor(names[k].Name, known.Stored, values));
        }

        return tensors;
    }
}
