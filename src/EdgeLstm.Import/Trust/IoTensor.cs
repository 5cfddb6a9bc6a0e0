// An array of numbers in an io.json:  {"shape": [T, B, I], "data": […]},  or nested lists,  or a list of such objects, one a
// sample.

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Trust;

/// <summary>An array and its shape.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Shape">Sizes, slowest first; 1 to 4 axes.</param>
/// <param name="Values">As many as the product of the shape, all finite.</param>
internal sealed record IoTensor(string Name, int[] Shape, double[] Values)
{
    private const int MaxAxes = 4;

    /// <summary>The shape as a message shows it.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>Whether a value looks like an array at all: an object with shape and data, or a list of lists, objects or
    /// numbers.</summary>
    public static bool IsArray(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.TryGetProperty("shape", out _) && value.TryGetProperty("data", out _),
        JsonValueKind.Array => value.GetArrayLength() > 0
            && value[0].ValueKind is JsonValueKind.Number or JsonValueKind.Array or JsonValueKind.Object,
        _ => false,
    };

    /// <summary>Reads an array.</summary>
    /// <exception cref="ModelFileException">It is none; the message names file and key.</exception>
    public static IoTensor Read(string file, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return ReadShaped(file, name, value);
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw Refuse(file, name, "is no array of numbers; expected {\"shape\", \"data\"} or nested lists");
        }

        return value[0].ValueKind == JsonValueKind.Object ? ReadSamples(file, name, value) : ReadNested(file, name, value);
    }

    private static IoTensor ReadShaped(string file, string name, JsonElement value)
    {
        if (!value.TryGetProperty("shape", out JsonElement sizes) || sizes.ValueKind != JsonValueKind.Array
            || sizes.GetArrayLength() is 0 or > MaxAxes
            || !value.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Array)
        {
            throw Refuse(file, name, $"needs a shape of 1 to {MaxAxes} sizes and data");
        }

        double[] values = ReadNested(file, name, data).Values;
        var shape = new List<int>(MaxAxes);
        long product = 1;
        foreach (JsonElement size in sizes.EnumerateArray())
        {
            // No product can overflow: each is at most the number of values, or the loop has ended.
            if (size.ValueKind != JsonValueKind.Number || !size.TryGetInt32(out int length) || length < 1
                || (product *= length) > values.Length)
            {
                throw Refuse(file, name, $"has the shape {QuotedText.Of(sizes.GetRawText())} and {values.Length} values");
            }

            shape.Add(length);
        }

        return product == values.Length
            ? new IoTensor(name, [.. shape], values)
            : throw Refuse(file, name, $"has the shape {QuotedText.Of(sizes.GetRawText())} and {values.Length} values");
    }

    // Frames that were fed one at a time, each [1, 1, I]: a sequence [T, I].
    private static IoTensor ReadSamples(string file, string name, JsonElement list)
    {
        var values = new List<double>();
        int size = 0;
        foreach (JsonElement entry in list.EnumerateArray())
        {
            IoTensor sample = entry.ValueKind == JsonValueKind.Object
                ? ReadShaped(file, $"{name}[{(size == 0 ? 0 : values.Count / size)}]", entry)
                : throw Refuse(file, name, "mixes objects and lists");
            size = size == 0 ? sample.Values.Length : size;
            if (sample.Values.Length != size || sample.Shape[^1] != size)
            {
                throw Refuse(file, sample.Name, $"has the shape {sample.ShapeText}; expected one sample of {size} values");
            }

            values.AddRange(sample.Values);
        }

        return new IoTensor(name, [values.Count / size, size], [.. values]);
    }

    private static IoTensor ReadNested(string file, string name, JsonElement list)
    {
        List<int> shape = [];
        for (JsonElement at = list; at.ValueKind == JsonValueKind.Array; at = at[0])
        {
            if (at.GetArrayLength() == 0 || shape.Count == MaxAxes)
            {
                throw Refuse(file, name, $"has an empty list or more than {MaxAxes} axes");
            }

            shape.Add(at.GetArrayLength());
        }

        var values = new List<double>();
        Flatten(file, name, list, shape, 0, values);
        return new IoTensor(name, [.. shape], [.. values]);
    }

    private static void Flatten(string file, string name, JsonElement list, List<int> shape, int axis, List<double> values)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != shape[axis])
        {
            throw Refuse(file, name, $"is ragged: a list on axis {axis} has not the {shape[axis]} entries of the first");
        }

        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (axis + 1 < shape.Count)
            {
                Flatten(file, name, entry, shape, axis + 1, values);
                continue;
            }

            if (entry.ValueKind != JsonValueKind.Number || !entry.TryGetDouble(out double value) || !double.IsFinite(value))
            {
                throw Refuse(
                    file, name, $"has the value {QuotedText.Of(entry.GetRawText())} at {values.Count}; expected a finite number");
            }

            values.Add(value);
        }
    }

    private static ModelFileException Refuse(string file, string name, string text) =>
        ModelFileException.In(file, $"'{QuotedText.Of(name)}' {text}");
}
