// The configuration of a whole model, Sequential or functional, as one chain of layers.
//
//   Sequential, Keras 1 and early 2   {"class_name": "Sequential", "config": [layer, …]}
//   Sequential, since                 {"class_name": "Sequential", "config": {"name": …, "layers": [layer, …]}}
//   functional                        {"class_name": "Model" or "Functional",
//                                      "config": {"layers": […], "input_layers": […], "output_layers": […]}}
//   layer                             {"class_name": "LSTM", "config": {"name": "lstm_1", …}, "inbound_nodes": […]}

using System.Text.Json;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Keras;

/// <summary>The layers of a model, first to last.</summary>
/// <param name="Layers">In the order of the data, the input layer among them where there is one.</param>
/// <param name="Version">What wrote it.</param>
internal sealed record KerasArchitecture(IReadOnlyList<KerasLayer> Layers, KerasVersion Version)
{
    private const int MaxLayers = 256;

    /// <summary>Reads a configuration.</summary>
    /// <param name="model">The object with <c>class_name</c> and <c>config</c>, or one that holds it as
    /// <c>model_config</c>.</param>
    /// <param name="version">The version the container names; null: the configuration may say it itself.</param>
    public static KerasArchitecture Read(ConfigNode model, string? version)
    {
        string? said = version ?? model.Text("keras_version");
        model = model.Object("model_config") ?? model;
        said ??= model.Text("keras_version");
        string className = model.Text("class_name") ?? throw model.Refuse("has no 'class_name'; expected a Keras configuration");
        bool isSequential = className == "Sequential";
        if (!isSequential && className is not ("Model" or "Functional"))
        {
            throw model.Refuse(
                $"is of class '{QuotedText.Of(className)}'; expected Sequential or Functional. A subclassed model is Python code "
                + "that the file does not hold: build the same layers as a Sequential model, load the weights into it and save "
                + "that");
        }

        ConfigNode config = LayersOf(model);
        var program = KerasVersion.Parse(said, LooksLikeKeras3(config));
        IReadOnlyList<JsonElement> items = config.Items("layers") ?? throw model.Refuse("has no 'layers'");
        if (items.Count > MaxLayers)
        {
            throw model.Refuse($"has {items.Count} layers; the limit is {MaxLayers}");
        }

        List<KerasLayer> layers = ReadLayers(config, items);
        return new KerasArchitecture(isSequential ? layers : FunctionalChain.Order(config, layers, items), program);
    }

    // The list of early Sequential models is put where later ones have it.
    private static ConfigNode LayersOf(ConfigNode model)
    {
        if (model.Find("config") is { ValueKind: JsonValueKind.Array })
        {
            return model with { Element = Renamed(model) };
        }

        return model.Object("config") ?? throw model.Refuse("has no 'config'; expected the layers");
    }

    private static JsonElement Renamed(ConfigNode model)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("layers");
            model.Element.GetProperty("config").WriteTo(writer);
            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.ToArray(), new JsonDocumentOptions { MaxDepth = 128 });
        return document.RootElement.Clone();
    }

    // Keras 3 renamed batch_input_shape to batch_shape and put it into an InputLayer of its own.
    private static bool LooksLikeKeras3(ConfigNode config)
    {
        foreach (JsonElement item in config.Items("layers") ?? [])
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("config", out JsonElement layer)
                && layer.ValueKind == JsonValueKind.Object && layer.TryGetProperty("batch_shape", out _))
            {
                return true;
            }
        }

        return false;
    }

    private static List<KerasLayer> ReadLayers(ConfigNode config, IReadOnlyList<JsonElement> items)
    {
        var layers = new List<KerasLayer>(items.Count);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int k = 0; k < items.Count; k++)
        {
            if (items[k].ValueKind != JsonValueKind.Object)
            {
                throw config.Refuse($"layer {k + 1} is {ConfigNode.Show(items[k])}; expected an object");
            }

            layers.Add(ReadLayer(config with { Where = $"layer {k + 1}", Element = items[k] }, counts));
        }

        return layers;
    }

    private static KerasLayer ReadLayer(ConfigNode item, Dictionary<string, int> counts)
    {
        string className = item.Text("class_name") ?? throw item.Refuse("has no 'class_name'");
        ConfigNode config = item.Object("config") ?? throw item.Refuse($"of class '{QuotedText.Of(className)}' has no 'config'");
        string name = item.Text("name") ?? config.Text("name") ?? className;
        config = config with { Where = $"layer '{QuotedText.Of(name)}'" };
        RefuseCustom(item with { Where = config.Where }, className);
        string stored = KerasLayer.SnakeCase(className);
        int number = counts.TryGetValue(stored, out int count) ? count + 1 : 0;
        counts[stored] = number;
        return new KerasLayer(name, className, config, number == 0 ? stored : $"{stored}_{number}");
    }

    private static void RefuseCustom(ConfigNode layer, string className)
    {
        string? module = layer.Text("module");
        bool isForeign = module is not null
            && !module.StartsWith("keras", StringComparison.Ordinal)
            && !module.StartsWith("tf_keras", StringComparison.Ordinal)
            && !module.StartsWith("tensorflow", StringComparison.Ordinal);
        if (isForeign || className.Contains('>', StringComparison.Ordinal))
        {
            throw layer.Refuse(
                $"is of the class '{QuotedText.Of(className)}'{(isForeign ? $" of module '{QuotedText.Of(module!)}'" : "")}, "
                    + "Python code "
                + "of its own that the file does not hold; replace it by layers of Keras and train or load the weights again");
        }
    }
}
