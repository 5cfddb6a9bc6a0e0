// One scaler of scikit-learn as JSON:  Standard y = (x − mean) / scale;  Robust y = (x − center) / scale;  MinMax y = x · scale +
// min.

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Scaling;

/// <summary>Reads the attributes of a fitted scaler, with or without the underscore at their end.</summary>
internal static class ScalerJson
{
    /// <summary>What a scaling may be, for the end of a message.</summary>
    public const string Accepted =
        "Accepted are a StandardScaler {\"mean\", \"scale\"}, a MinMaxScaler {\"scale_\", \"min_\"}, a RobustScaler "
        + "{\"center_\", \"scale_\"}, each with \"feature_names\" and \"units\"; {\"inputs\": …, \"outputs\": …} of two of them, "
        + "or of lists of {\"name\", \"unit\", \"offset\", \"scale\"}";

    private static readonly string[] Centers = ["mean", "min", "center"];

    /// <summary>Reads a scaler.</summary>
    /// <param name="fault">Makes the refusals.</param>
    /// <param name="place">What stands before its keys in a message: <c>inputs.</c>, or nothing.</param>
    /// <param name="scaler">The object.</param>
    /// <param name="kind">Which scaler it is.</param>
    public static IReadOnlyList<ScaledChannel> Read(ScalingFault fault, string place, JsonElement scaler, out string kind)
    {
        Dictionary<string, JsonProperty> keys = Collect(fault, place, scaler);
        string[] centers = [.. Centers.Where(keys.ContainsKey)];
        if (centers.Length > 1)
        {
            throw fault.Of($"has both '{place}{keys[centers[0]].Name}' and '{place}{keys[centers[1]].Name}', "
                + $"which no scaler has. {Accepted}");
        }

        if (!keys.TryGetValue("scale", out JsonProperty factor))
        {
            throw fault.Of($"has no '{place}scale'. {Accepted}");
        }

        if (centers.Length == 0)
        {
            throw fault.Of($"has '{place}{factor.Name}' but none of 'mean', 'min_' and 'center_': whether it divides or "
                + $"multiplies is not said. {Accepted}");
        }

        double[] scale = Numbers(fault, place, factor, null);
        double[] center = Numbers(fault, place, keys[centers[0]], scale.Length);
        kind = centers[0] switch { "mean" => "StandardScaler", "min" => "MinMaxScaler", _ => "RobustScaler" };
        return Channels(fault, place, keys, scale, center, centers[0] == "min");
    }

    private static Dictionary<string, JsonProperty> Collect(ScalingFault fault, string place, JsonElement scaler)
    {
        var keys = new Dictionary<string, JsonProperty>(StringComparer.Ordinal);
        foreach (JsonProperty property in scaler.EnumerateObject())
        {
            string meaning = Meaning(property.Name)
                ?? throw fault.Of($"has the key '{place}{QuotedText.Of(property.Name)}', which is unknown. {Accepted}");
            if (meaning.Length == 0 || property.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (!keys.TryAdd(meaning, property))
            {
                throw fault.Of($"has '{place}{property.Name}' beside '{place}{keys[meaning].Name}', which mean the same: "
                    + "leave one out");
            }
        }

        return keys;
    }

    // Null: unknown; empty: known, and nothing that scales.
    private static string? Meaning(string key) => key.TrimEnd('_') switch
    {
        "mean" => "mean",
        "scale" or "std" => "scale",
        "min" => "min",
        "center" => "center",
        "data_min" => "data_min",
        "data_max" => "data_max",
        "feature_names" or "feature_names_in" or "names" => "names",
        "units" => "units",
        "var" or "n_samples_seen" or "n_features_in" or "data_range" or "feature_range" => "",
        _ => null,
    };

    private static ScaledChannel[] Channels(
        ScalingFault fault, string place, Dictionary<string, JsonProperty> keys, double[] scale, double[] center, bool multiplies)
    {
        string[]? names = Texts(fault, place, keys, "names", scale.Length);
        string[]? units = Texts(fault, place, keys, "units", scale.Length);
        double[]? least = keys.TryGetValue("data_min", out JsonProperty low) ? Numbers(fault, place, low, scale.Length) : null;
        double[]? most = keys.TryGetValue("data_max", out JsonProperty high) ? Numbers(fault, place, high, scale.Length) : null;
        var channels = new ScaledChannel[scale.Length];
        for (int k = 0; k < channels.Length; k++)
        {
            if (scale[k] == 0)
            {
                throw fault.Of($"'{place}{keys["scale"].Name}[{k}]' is 0, which scales nothing");
            }

            // A column that was constant in the training data has no range.
            bool hasRange = least is not null && most is not null && least[k] < most[k];
            channels[k] = new ScaledChannel(
                multiplies ? -center[k] / scale[k] : center[k], multiplies ? scale[k] : 1 / scale[k], names?[k], units?[k],
                hasRange ? least![k] : null, hasRange ? most![k] : null);
        }

        return channels;
    }

    private static double[] Numbers(ScalingFault fault, string place, JsonProperty property, int? count)
    {
        JsonElement list = property.Value;
        bool isNumber = list.ValueKind == JsonValueKind.Number;
        int length = isNumber ? 1 : Length(fault, place, property, count);
        double[] numbers = new double[length];
        for (int k = 0; k < length; k++)
        {
            JsonElement value = isNumber ? list : list[k];
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out numbers[k]) || !double.IsFinite(numbers[k]))
            {
                throw fault.Of($"'{place}{property.Name}[{k}]' is {ScalingJson.Word(value)}; expected a finite number");
            }
        }

        return isNumber && count is > 1
            ? throw fault.Of($"'{place}{property.Name}' is one number; expected {count}, as many as 'scale' has")
            : numbers;
    }

    private static string[]? Texts(
        ScalingFault fault, string place, Dictionary<string, JsonProperty> keys, string key, int count)
    {
        if (!keys.TryGetValue(key, out JsonProperty property))
        {
            return null;
        }

        string[] texts = new string[Length(fault, place, property, count)];
        for (int k = 0; k < texts.Length; k++)
        {
            JsonElement value = property.Value[k];
            texts[k] = value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw fault.Of($"'{place}{property.Name}[{k}]' is {ScalingJson.Word(value)}; expected a text");
        }

        return texts;
    }

    private static int Length(ScalingFault fault, string place, JsonProperty property, int? count)
    {
        if (property.Value.ValueKind != JsonValueKind.Array)
        {
            throw fault.Of($"'{place}{property.Name}' is {ScalingJson.Word(property.Value)}; expected a list");
        }

        int length = property.Value.GetArrayLength();
        if (length == 0 || length > Layer.MaxSize || (count is not null && length != count))
        {
            string expected = count is null ? $"1 to {Layer.MaxSize}" : $"{count}, as many as 'scale' has";
            throw fault.Of($"'{place}{property.Name}' has {length} entries; expected {expected}");
        }

        return length;
    }
}
