// A functional Keras model as a chain: from its one output back to its one input, every layer with one source.
//
//   Keras 1 and 2   "inbound_nodes": [[["lstm_1", 0, 0, {}]]]            a node; its connections; name, node index, tensor index
//   Keras 3         "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__",
//                                      "config": {"keras_history": ["lstm_1", 0, 0]}}], "kwargs": {}}]

using System.Text.Json;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Keras;

/// <summary>Orders the layers of a functional model.</summary>
internal static class FunctionalChain
{
    private const int MaxArgumentDepth = 8;

    /// <summary>The layers from input to output; refuses several inputs or outputs, merges, shared layers and loops.</summary>
    /// <param name="model">The model's configuration.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="items">Their JSON objects, as many.</param>
    public static IReadOnlyList<KerasLayer> Order(
        ConfigNode model, IReadOnlyList<KerasLayer> layers, IReadOnlyList<JsonElement> items)
    {
        string input = OnlyEnd(model, "input_layers", "input");
        string output = OnlyEnd(model, "output_layers", "output");
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int k = 0; k < layers.Count; k++)
        {
            if (!index.TryAdd(layers[k].Name, k))
            {
                throw layers[k].Config.Refuse("stands twice in the configuration");
            }
        }

        List<KerasLayer> chain = Walk(model, layers, items, index, output);
        chain.Reverse();
        if (chain[0].Name != input)
        {
            throw chain[0].Config.Refuse($"has no source, but the model's input is '{QuotedText.Of(input)}'");
        }

        KerasLayer? aside = layers.FirstOrDefault(layer => !chain.Contains(layer));
        return aside is null
            ? chain
            : throw aside.Config.Refuse("is not on the path from the input to the output; expected a chain of layers");
    }

    private static List<KerasLayer> Walk(
        ConfigNode model,
        IReadOnlyList<KerasLayer> layers,
        IReadOnlyList<JsonElement> items,
        Dictionary<string, int> index,
        string output)
    {
        var chain = new List<KerasLayer>();
        string? name = output;
        while (name is not null)
        {
            if (!index.TryGetValue(name, out int k))
            {
                throw model.Refuse($"names the layer '{QuotedText.Of(name)}', which it does not describe");
            }

            if (chain.Count == layers.Count)
            {
                throw layers[k].Config.Refuse("reads itself by way of other layers; expected a chain of layers");
            }

            chain.Add(layers[k]);
            name = SourceOf(layers[k], layers[k].Config with { Element = items[k] });
        }

        return chain;
    }

    // [["input_1", 0, 0]] or ["input_1", 0, 0].
    private static string OnlyEnd(ConfigNode model, string key, string what)
    {
        IReadOnlyList<JsonElement> ends = model.Items(key) ?? throw model.Refuse($"has no '{key}'");
        if (ends is [{ ValueKind: JsonValueKind.String } alone, ..])
        {
            return alone.GetString()!;
        }

        if (ends.Count != 1)
        {
            throw model.Refuse(
                $"has {ends.Count} {what}s: {string.Join(", ", FirstNames(ends))}; expected one. "
                + $"Save a model with one {what}");
        }

        return ends[0].ValueKind == JsonValueKind.Array && ends[0].GetArrayLength() > 0
            && ends[0][0] is { ValueKind: JsonValueKind.String } name
            ? name.GetString()!
            : throw model.Wrong(key, ends[0], "a layer's name and two indices");
    }

    private static string[] FirstNames(IReadOnlyList<JsonElement> ends) =>
        ArrayProjection.Of(Math.Min(ends.Count, 8), k => NameOf(ends[k]));

    private static string NameOf(JsonElement end) =>
        end.ValueKind == JsonValueKind.Array && end.GetArrayLength() > 0 && end[0].ValueKind == JsonValueKind.String
            ? $"'{QuotedText.Of(end[0].GetString()!)}'"
            : "?";

    private static string? SourceOf(KerasLayer layer, ConfigNode item)
    {
        IReadOnlyList<JsonElement> nodes = item.Items("inbound_nodes") ?? [];
        if (nodes.Count == 0)
        {
            return null;
        }

        if (nodes.Count > 1)
        {
            throw layer.Config.Refuse($"is used {nodes.Count} times (shared weights); expected a chain of layers");
        }

        var sources = new List<JsonElement>();
        if (nodes[0].ValueKind == JsonValueKind.Object)
        {
            CollectHistories(layer, nodes[0], sources, 0);
        }
        else
        {
            CollectConnections(layer, nodes[0], sources);
        }

        if (sources.Count != 1)
        {
            throw layer.Config.Refuse(
                $"(class {QuotedText.Of(layer.ClassName)}) reads {sources.Count} tensors; expected one: branches, merges and "
                    + "states "
                + "given from outside cannot be imported");
        }

        return NameOfSource(layer, sources[0]);
    }

    private static void CollectConnections(KerasLayer layer, JsonElement node, List<JsonElement> sources)
    {
        if (node.ValueKind != JsonValueKind.Array || node.GetArrayLength() == 0)
        {
            throw layer.Config.Wrong("inbound_nodes", node, "connections");
        }

        if (node[0].ValueKind == JsonValueKind.String)
        {
            sources.Add(node);
            return;
        }

        sources.AddRange(node.EnumerateArray());
    }

    // Every keras_history anywhere in the arguments is a tensor that the layer reads.
    private static void CollectHistories(KerasLayer layer, JsonElement argument, List<JsonElement> sources, int depth)
    {
        if (depth > MaxArgumentDepth)
        {
            throw layer.Config.Refuse($"'inbound_nodes' nests its arguments more than {MaxArgumentDepth} levels deep");
        }

        if (argument.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in argument.EnumerateArray())
            {
                CollectHistories(layer, item, sources, depth + 1);
            }
        }

        if (argument.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty property in argument.EnumerateObject())
        {
            if (property.NameEquals("keras_history"u8))
            {
                sources.Add(property.Value);
            }
            else
            {
                CollectHistories(layer, property.Value, sources, depth + 1);
            }
        }
    }

    // ["lstm_1", node index, tensor index, {further arguments}]: tensor 0 is the output, the others are states.
    private static string NameOfSource(KerasLayer layer, JsonElement source)
    {
        bool isSource = source.ValueKind == JsonValueKind.Array && source.GetArrayLength() >= 3
            && source[0].ValueKind == JsonValueKind.String;
        if (!isSource)
        {
            throw layer.Config.Wrong("inbound_nodes", source, "a layer's name and two indices");
        }

        string name = source[0].GetString()!;
        bool isOutput = source[2].ValueKind == JsonValueKind.Number && source[2].TryGetInt32(out int tensor) && tensor == 0;
        bool hasState = source.GetArrayLength() > 3 && source[3].ValueKind == JsonValueKind.Object
            && source[3].TryGetProperty("initial_state", out JsonElement state) && state.ValueKind != JsonValueKind.Null;
        return isOutput && !hasState
            ? name
            : throw layer.Config.Refuse(
                $"reads a state of or beside '{QuotedText.Of(name)}' (return_state, initial_state); expected its output alone");
    }
}
