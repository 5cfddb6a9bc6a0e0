// Channels one by one:  [{"name": "flow", "unit": "m³/h", "offset": 12.5, "scale": 0.31, "minimum": 0, "maximum": 40}, …].

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Scaling;

/// <summary>Reads the full form of a scaling, which says everything a manifest can hold: network = (physical − offset) ·
/// scale.</summary>
internal static class ChannelJson
{
    private const string InputKeys = "name, unit, offset, scale, minimum, maximum";
    private const string OutputKeys = InputKeys + ", horizon, quantile, relativeTo";

    /// <summary>Reads the channels of one side.</summary>
    public static IReadOnlyList<ScaledChannel> Read(ScalingFault fault, string side, JsonElement list)
    {
        int count = list.GetArrayLength();
        if (count is 0 or > Layer.MaxSize)
        {
            throw fault.Of($"'{side}' has {count} entries; expected 1 to {Layer.MaxSize}");
        }

        var channels = new List<ScaledChannel>(count);
        foreach (JsonElement entry in list.EnumerateArray())
        {
            channels.Add(ReadOne(fault, $"{side}[{channels.Count}]", entry, side == "outputs"));
        }

        return channels;
    }

    private static ScaledChannel ReadOne(ScalingFault fault, string place, JsonElement entry, bool isOutput)
    {
        string known = isOutput ? OutputKeys : InputKeys;
        if (entry.ValueKind != JsonValueKind.Object)
        {
            throw fault.Of($"'{place}' is {ScalingJson.Word(entry)}; expected an object with {known}");
        }

        (double? offset, double? scale, ScaledChannel channel) = (null, null, new ScaledChannel(0, 1));
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in entry.EnumerateObject())
        {
            string path = $"{place}.{QuotedText.Of(property.Name)}";
            if (!names.Add(property.Name))
            {
                throw fault.Of($"'{path}' is given twice");
            }

            JsonElement value = property.Value;
            switch (property.Name)
            {
                case var _ when value.ValueKind == JsonValueKind.Null:
                    break;
                case "offset":
                    offset = Number(fault, path, value);
                    break;
                case "scale":
                    scale = Number(fault, path, value);
                    break;
                default:
                    channel = With(fault, path, channel, property, isOutput)
                        ?? throw fault.Of($"'{path}' is unknown; known are {known}");
                    break;
            }
        }

        return offset is null || scale is null or 0
            ? throw fault.Of(
                $"'{place}' needs an offset and a scale that is not 0: network value = (physical value − offset) · scale")
            : channel with { Offset = offset.Value, Scale = scale.Value };
    }

    private static ScaledChannel? With(
        ScalingFault fault, string path, ScaledChannel channel, JsonProperty property, bool isOutput) => property.Name switch
        {
            "name" => channel with { Name = Text(fault, path, property.Value) },
            "unit" => channel with { Unit = Text(fault, path, property.Value) },
            "minimum" => channel with { Minimum = Number(fault, path, property.Value) },
            "maximum" => channel with { Maximum = Number(fault, path, property.Value) },
            "horizon" when isOutput => channel with { Horizon = Whole(fault, path, property.Value) },
            "quantile" when isOutput => channel with { Quantile = Number(fault, path, property.Value) },
            "relativeTo" when isOutput => channel with { RelativeTo = Text(fault, path, property.Value) },
            _ => null,
        };

    private static double Number(ScalingFault fault, string path, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw fault.Of($"'{path}' is {ScalingJson.Word(value)}; expected a finite number");

    private static int Whole(ScalingFault fault, string path, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0
            ? number
            : throw fault.Of($"'{path}' is {ScalingJson.Word(value)}; expected a whole number of sample periods");

    private static string Text(ScalingFault fault, string path, JsonElement value) =>
        value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw fault.Of($"'{path}' is {ScalingJson.Word(value)}; expected a text");
}
