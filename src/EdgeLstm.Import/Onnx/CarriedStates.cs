// Models that are stepped from outside take their states as inputs and give them back as outputs:  h' is output o at place p
// where h was input i at place p. Then the states are simply carried on here. Anything else would be carried wrongly and is
// refused.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Onnx;

/// <summary>Checks that states come back where they were taken from.</summary>
internal static class CarriedStates
{
    /// <summary>Whether every state input is handed back; a warning names one that is not.</summary>
    /// <param name="file">The file.</param>
    /// <param name="graph">Its graph.</param>
    /// <param name="chain">The recurrent layers on the way to the output.</param>
    /// <param name="outputs">The state outputs, by name.</param>
    /// <param name="warnings">Takes what is assumed.</param>
    public static bool Check(
        SourceFile file,
        OnnxGraph graph,
        IEnumerable<RecurrentStep> chain,
        IReadOnlyList<(string Name, Known State)> outputs,
        List<string> warnings)
    {
        // From an element of a last state to the element of an input where that state begins.
        var begins = new Dictionary<Item, Item>();
        var open = new SortedSet<int>();
        foreach (RecurrentStep step in chain)
        {
            Add(step.CarriedHidden, 2 * step.Id, begins, open);
            Add(step.CarriedCell, (2 * step.Id) + 1, begins, open);
        }

        foreach ((string name, Known state) in outputs)
        {
            if (HandedBack(file, name, state, begins, graph) is { } input)
            {
                open.Remove(input);
            }
        }

        foreach (int input in open)
        {
            warnings.Add($"input '{QuotedText.Of(graph.Inputs[input].Name)}' is an initial state that no output hands back: "
                + "it begins at zero");
        }

        return begins.Count > 0 && open.Count == 0;
    }

    private static void Add(Item[]? carried, int source, Dictionary<Item, Item> begins, SortedSet<int> open)
    {
        for (int k = 0; carried is not null && k < carried.Length; k++)
        {
            begins[new Item(k, ItemKind.StateOutput, source)] = carried[k];
            open.Add(carried[k].Source);
        }
    }

    // The input whose elements the output holds, each at its place; null where none of its layers begins at an input.
    private static int? HandedBack(SourceFile file, string name, Known state, Dictionary<Item, Item> begins, OnnxGraph graph)
    {
        int? input = null;
        int known = 0;
        bool isInPlace = true;
        for (int k = 0; k < state.Items!.Length; k++)
        {
            if (begins.TryGetValue(state.Items[k], out Item begin))
            {
                known++;
                input ??= begin.Source;
                isInPlace &= begin.Source == input && begin.Value == k;
            }
        }

        if (input is { } index && (!isInPlace || known != state.Items.Length))
        {
            throw file.Refuse($"output '{QuotedText.Of(name)}' hands the states back in another order than input "
                + $"'{QuotedText.Of(graph.Inputs[index].Name)}' takes them, so that they cannot be carried on");
        }

        return input;
    }
}
