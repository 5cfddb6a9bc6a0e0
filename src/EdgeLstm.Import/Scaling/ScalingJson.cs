// Scaling of channels as JSON: {"mean": […], "scale": […]} of a StandardScaler, {"scale_": […], "min_": […]} of a MinMaxScaler,
// {"center_": […], "scale_": […]} of a RobustScaler, {"inputs": …, "outputs": …} of two of them, or of lists of channels
// {"name", "unit", "offset", "scale", "minimum", "maximum"}, of outputs also "horizon", "quantile", "relativeTo".

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Scaling;

/// <summary>Reads the scaling that travels beside the weights: the file of <c>--norm</c>, or a text of a file's
/// metadata.</summary>
/// <remarks>Limits: texts of 1 MiB, 4096 channels. An unknown, doubled or ambiguous key refuses the text, by its name.</remarks>
internal static class ScalingJson
{
    /// <summary>The key such a text has in the metadata of a safetensors or ONNX file.</summary>
    public const string MetadataKey = "edgelstm_norm";

    /// <summary>The longest text that is read.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxDepth = 8;

    /// <summary>Reads a scaling.</summary>
    /// <param name="file">The file it stands in; messages start with it.</param>
    /// <param name="source">Where it comes from, for a person: the file's name, or <c>metadata 'edgelstm_norm'</c>.</param>
    /// <param name="json">The text, UTF-8.</param>
    /// <exception cref="ModelFileException">It is no such text; the message says what is accepted.</exception>
    public static ChannelScaling Parse(string file, string source, ReadOnlyMemory<byte> json)
    {
        var fault = new ScalingFault(file, source);
        if (ScalerAdvice.IsPickle(json.Span))
        {
            throw fault.Of($"is no JSON but looks like a pickled scaler. {ScalerAdvice.Text}");
        }

        if (json.Length > MaxBytes)
        {
            throw fault.Of($"has {json.Length} bytes; the limit is {MaxBytes}");
        }

        try
        {
            ReadOnlyMemory<byte> text = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Read(fault, source, document.RootElement);
        }
        catch (Exception found) when (found is JsonException or InvalidOperationException)
        {
            // The second is thrown for texts that are no UTF-8.
            throw ModelFileException.In(file, $"{fault.Item}is no JSON: {found.Message}", found);
        }
    }

    private static ChannelScaling Read(ScalingFault fault, string source, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw fault.Of($"is {Word(root)}; expected an object. {ScalerJson.Accepted}");
        }

        if (!root.TryGetProperty("inputs", out _) && !root.TryGetProperty("outputs", out _))
        {
            IReadOnlyList<ScaledChannel> channels = ScalerJson.Read(fault, "", root, out string kind);
            return new ChannelScaling($"{source} ({kind})", channels);
        }

        (IReadOnlyList<ScaledChannel>? inputs, IReadOnlyList<ScaledChannel>? outputs) = (null, null);
        List<string> kinds = [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty side in root.EnumerateObject())
        {
            if (side.Name is not ("inputs" or "outputs") || !names.Add(side.Name))
            {
                throw fault.Of($"has the key '{QuotedText.Of(side.Name)}'"
                    + $"{(names.Contains(side.Name) ? " twice" : " beside 'inputs' and 'outputs'")}. {ScalerJson.Accepted}");
            }

            if (side.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            IReadOnlyList<ScaledChannel> channels = ReadSide(fault, side, out string kind);
            kinds.Add($"{side.Name}: {kind}");
            (inputs, outputs) = side.Name == "inputs" ? (channels, outputs) : (inputs, channels);
        }

        return inputs is null && outputs is null
            ? throw fault.Of($"scales nothing. {ScalerJson.Accepted}")
            : new ChannelScaling($"{source} ({string.Join(", ", kinds)})", inputs, outputs);
    }

    private static IReadOnlyList<ScaledChannel> ReadSide(ScalingFault fault, JsonProperty side, out string kind)
    {
        if (side.Value.ValueKind == JsonValueKind.Array)
        {
            kind = "channels";
            return ChannelJson.Read(fault, side.Name, side.Value);
        }

        return side.Value.ValueKind == JsonValueKind.Object
            ? ScalerJson.Read(fault, $"{side.Name}.", side.Value, out kind)
            : throw fault.Of($"'{side.Name}' is {Word(side.Value)}; expected an object or a list. {ScalerJson.Accepted}");
    }

    /// <summary>What a value is, for a message.</summary>
    internal static string Word(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"the text '{QuotedText.Of(value.GetString() ?? "")}'",
        JsonValueKind.Number => $"the number {QuotedText.Of(value.GetRawText())}",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}

/// <summary>Makes the refusals of one scaling: they name the file and, where it is another, the place in it.</summary>
internal sealed record ScalingFault(string File, string Source)
{
    /// <summary>The place and a colon; empty where the file is all there is.</summary>
    public string Item => Source == File || Source == Path.GetFileName(File) ? "" : $"{Source}: ";

    public ModelFileException Of(string text) => ModelFileException.In(File, Item + text);
}
