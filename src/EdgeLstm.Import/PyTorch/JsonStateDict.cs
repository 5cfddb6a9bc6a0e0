// A state_dict as JSON, as RTNeural's scripts write it:  {"lstm.weight_ih_l0": [[…], …], …}, or the same under "state_dict".

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Reads names and nested arrays of numbers.</summary>
/// <remarks>Arrays at most <see cref="MaxRank"/> deep; all rows of one as long as the first, or the file is refused.</remarks>
public static class JsonStateDict
{
    private const int MaxRank = 8;
    private const string InnerKey = "state_dict";

    /// <summary>Whether the JSON holds a state_dict: arrays by name, one of them a recurrent layer's.</summary>
    public static bool Recognises(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && (HoldsWeights(root) || Inner(root).ValueKind == JsonValueKind.Object);

    /// <summary>Reads the model.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="root">Its JSON.</param>
    /// <param name="options">What the file may leave open.</param>
    /// <exception cref="ModelFileException">The file is refused.</exception>
    public static ImportedModel Read(SourceFile file, JsonElement root, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        JsonElement inner = Inner(root);
        List<StateTensor> tensors = [];
        foreach (JsonProperty entry in (inner.ValueKind == JsonValueKind.Object ? inner : root).EnumerateObject())
        {
            // Names beside the tensors, such as a version, are no part of the network.
            if (entry.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
            {
                StateDictModel.RequireFew(file, tensors.Count + 1);
                tensors.Add(Tensor(file, entry.Name, entry.Value));
            }
        }

        return new StateDictModel("PyTorch state_dict, JSON", tensors, IsInOrder: true, null, []).Build(file, options);
    }

    private static JsonElement Inner(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(InnerKey, out JsonElement inner) ? inner : default;

    private static bool HoldsWeights(JsonElement root)
    {
        foreach (JsonProperty entry in root.EnumerateObject())
        {
            if (entry.Value.ValueKind == JsonValueKind.Array && entry.Name.Contains("weight_ih", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static StateTensor Tensor(SourceFile file, string name, JsonElement element)
    {
        List<int> shape = [];
        long count = 1;
        for (JsonElement level = element; level.ValueKind == JsonValueKind.Array && shape.Count < MaxRank; level = level[0])
        {
            int length = level.GetArrayLength();
            shape.Add(length);
            count = Math.Min(count * length, int.MaxValue);
            if (length == 0)
            {
                break;
            }
        }

        // Every number takes at least a digit and a comma, so that more cannot stand in the file.
        if (element.ValueKind != JsonValueKind.Array || count == 0 || count > file.Bytes.Length)
        {
            throw Fault(file, name, "is no array of numbers, or an empty one");
        }

        int[] sizes = [.. shape];
        return new StateTensor(name, sizes, IsReal: true, () => Values(file, name, element, sizes, (int)count));
    }

    private static float[] Values(SourceFile file, string name, JsonElement element, int[] shape, int count)
    {
        float[] values = new float[count];
        int at = 0;
        Fill(file, name, element, shape, values, ref at);
        return values;
    }

    private static void Fill(SourceFile file, string name, JsonElement array, ReadOnlySpan<int> shape, float[] values, ref int at)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() != shape[0])
        {
            throw Fault(file, name, $"is ragged: one of its rows does not have the {shape[0]} entries of the first one");
        }

        foreach (JsonElement item in array.EnumerateArray())
        {
            if (shape.Length > 1)
            {
                Fill(file, name, item, shape[1..], values, ref at);
            }
            else
            {
                values[at] = item.ValueKind == JsonValueKind.Number && item.TryGetSingle(out float value)
                    ? value
                    : throw Fault(file, name, $"has an entry that is no number, after {at} that are");
                at++;
            }
        }
    }

    private static ModelFileException Fault(SourceFile file, string name, string fault) =>
        file.Refuse($"tensor '{QuotedText.Of(name)}' {fault}");
}
