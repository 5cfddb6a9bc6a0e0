// Which input of a graph holds the samples: the one that reaches the X of a recurrent node. What only reaches initial_h,
// initial_c or sequence_lens is a state.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Onnx;

/// <summary>Finds the input of samples.</summary>
internal static class SampleInput
{
    private const int MaxInputs = 64;

    /// <summary>The one input whose values the layers read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="graph">Its graph.</param>
    /// <param name="inputs">Inputs that have no stored value.</param>
    public static OnnxValueInfo Find(SourceFile file, OnnxGraph graph, List<OnnxValueInfo> inputs)
    {
        if (inputs.Count is 0 or > MaxInputs)
        {
            throw file.Refuse($"has {inputs.Count} inputs; expected one of samples, and states");
        }

        if (inputs.Count == 1)
        {
            return inputs[0];
        }

        ulong reached = Reached(graph, inputs);
        List<OnnxValueInfo> samples = [.. inputs.Where((_, k) => (reached >> k & 1) != 0)];
        return samples.Count == 1
            ? samples[0]
            : throw file.Refuse($"has {samples.Count} inputs of samples among {Names(inputs)}; expected one, the others "
                + "states. Put all channels into one input");
    }

    public static string Names(IEnumerable<OnnxValueInfo> values) =>
        string.Join(", ", values.Take(8).Select(value => $"'{QuotedText.Of(value.Name)}'"));

    // A bit for each input: what it reaches is marked, through every node; of a recurrent node only X counts.
    private static ulong Reached(OnnxGraph graph, List<OnnxValueInfo> inputs)
    {
        var marks = new Dictionary<string, ulong>(StringComparer.Ordinal);
        for (int k = 0; k < inputs.Count; k++)
        {
            marks[inputs[k].Name] = 1UL << k;
        }

        ulong reached = 0;
        foreach (OnnxNode node in graph.Nodes)
        {
            ulong mark = 0;
            int count = node.IsRecurrent ? Math.Min(1, node.Inputs.Count) : node.OpType == "Shape" ? 0 : node.Inputs.Count;
            for (int k = 0; k < count; k++)
            {
                mark |= marks.GetValueOrDefault(node.Inputs[k]);
            }

            reached |= node.IsRecurrent ? mark : 0;
            foreach (string output in node.Outputs)
            {
                marks[output] = mark;
            }
        }

        // Without a recurrent node the outputs say it.
        return reached != 0 ? reached : graph.Outputs.Aggregate(0UL, (all, output) => all | marks.GetValueOrDefault(output.Name));
    }
}
