// Sorts the outputs of a graph: one answer, and the states that are handed back.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Onnx;

/// <summary>The outputs of a graph.</summary>
/// <param name="Answer">The signal the network answers with.</param>
/// <param name="States">Outputs that hold last states, by name.</param>
internal sealed record GraphOutputs(Flow Answer, IReadOnlyList<(string Name, Known State)> States)
{
    /// <summary>Finds the answer: the one output that is a signal, else the last h.</summary>
    public static GraphOutputs Sort(SourceFile file, OnnxGraph graph, GraphWalk walk)
    {
        List<(string Name, Flow Signal)> answers = [];
        List<(string Name, Known State)> states = [];
        foreach (OnnxValueInfo output in graph.Outputs)
        {
            switch (walk.Find(output.Name))
            {
                case Refused refused:
                    throw refused.Reason;
                case Flow { Last: not null } flow:
                    answers.Add((output.Name, flow));
                    break;
                case Known { IsStateOutput: true } state:
                    states.Add((output.Name, state));
                    break;
                default:
                    throw file.Refuse($"output '{QuotedText.Of(output.Name)}' is not computed from the samples by any layer");
            }
        }

        if (answers.Count == 0)
        {
            foreach ((string stateName, Known state) in states)
            {
                if (walk.AsHead(state) is { } head)
                {
                    answers.Add((stateName, head));
                }
            }
        }

        if (graph.Outputs.Count == 0)
        {
            throw file.Refuse("has no output; expected one of answers");
        }

        if (answers.Count != 1)
        {
            throw file.Refuse($"has {answers.Count} outputs of answers among {SampleInput.Names(graph.Outputs)}; expected "
                + "one, the others states. Export the model with the one output you need");
        }

        (string name, Flow answer) = answers[0];
        return answer is { Tail: 0, LeftPad: 0 }
            ? new GraphOutputs(answer, states)
            : throw file.Refuse($"output '{QuotedText.Of(name)}' has more time steps than the input: a convolution padded "
                + "both ends");
    }
}
