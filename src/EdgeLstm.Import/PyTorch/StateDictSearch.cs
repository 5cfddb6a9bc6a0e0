// Finds the state_dict, a dict of named tensors, in what was saved: the object itself, or a dict of a checkpoint inside it.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Looks for the tensors of a model; the optimizer's are none.</summary>
/// <remarks>Dicts are entered at most <see cref="MaxDepth"/> deep, and each is looked through once: shared or endless values
/// cannot hold it up.</remarks>
internal sealed class StateDictSearch
{
    private const int MaxDepth = 8;

    // What training scripts and frameworks call it, the most certain first.
    private static readonly string[] UsualKeys =
        ["state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "generator", "weights", "params"];

    private readonly SourceFile _file;
    private readonly Dictionary<PickleDict, bool> _holdsTensors = [];

    private StateDictSearch(SourceFile file) => _file = file;

    /// <summary>The named tensors, in order.</summary>
    /// <param name="file">The file.</param>
    /// <param name="saved">What its pickle holds.</param>
    /// <param name="place">Where they were found, for a person: <c>model_state_dict</c>; empty for the object itself.</param>
    public static List<KeyValuePair<string, PickledTensor>> Find(SourceFile file, object? saved, out string place) =>
        new StateDictSearch(file).Find(saved, out place);

    private List<KeyValuePair<string, PickledTensor>> Find(object? saved, out string place)
    {
        place = "";
        if (saved is not PickleDict dict)
        {
            throw _file.Refuse($"holds {Kind(saved)}; expected a dict of tensors. {PickleCalls.Advice}");
        }

        List<KeyValuePair<string, PickledTensor>> beside = [];
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            string? key = FindInner(dict);
            if (key is null)
            {
                List<KeyValuePair<string, PickledTensor>> found = [.. Tensors(dict), .. beside];
                return found.Count > 0
                    ? found
                    : throw _file.Refuse($"holds a dict without tensors{Keys(dict)}; expected a state_dict. "
                        + $"{PickleCalls.Advice}");
            }

            // Buffers of the scaling may stand beside the state_dict instead of in it.
            beside.AddRange(Tensors(dict).FindAll(tensor => BufferScaling.IsName(tensor.Key)));
            place = place.Length == 0 ? key : $"{place}.{key}";
            dict = (PickleDict)dict.Find(key)!;
        }

        throw _file.Refuse($"holds dicts within dicts, more than {MaxDepth} deep; expected a state_dict. {PickleCalls.Advice}");
    }

    // A dict under a usual name is the model; otherwise tensors here are, and otherwise the one dict that has any.
    private string? FindInner(PickleDict dict)
    {
        foreach (string key in UsualKeys)
        {
            if (dict.Find(key) is PickleDict inner && HoldsTensors(inner))
            {
                return key;
            }
        }

        if (Tensors(dict).Count > 0)
        {
            return null;
        }

        string[] candidates = [.. dict.Entries
            .FindAll(entry => entry is { Key: string key, Value: PickleDict inner } && !IsTraining(key) && HoldsTensors(inner))
            .ConvertAll(entry => (string)entry.Key!)
            .Distinct()];
        return candidates.Length switch
        {
            0 => null,
            1 => candidates[0],
            _ => throw _file.Refuse($"holds several dicts of tensors{Keys(dict)}; expected one model: save its state_dict alone"),
        };
    }

    private static bool IsTraining(string key) =>
        key.Contains("optim", StringComparison.OrdinalIgnoreCase) || key.Contains("sched", StringComparison.OrdinalIgnoreCase)
        || key.Contains("scaler", StringComparison.OrdinalIgnoreCase) || key.Contains("ema", StringComparison.OrdinalIgnoreCase);

    // A dict, or the first dict in it and so on: not every path, of which shared dicts have too many.
    private bool HoldsTensors(PickleDict dict, int depth = 0)
    {
        if (!_holdsTensors.TryGetValue(dict, out bool holds))
        {
            object? inner = dict.Entries.Find(entry => entry is { Key: string key, Value: PickleDict } && !IsTraining(key)).Value;
            holds = Tensors(dict).Count > 0 || (inner is PickleDict next && depth < MaxDepth && HoldsTensors(next, depth + 1));
            _holdsTensors[dict] = holds;
        }

        return holds;
    }

    private static List<KeyValuePair<string, PickledTensor>> Tensors(PickleDict dict) =>
        dict.Entries.FindAll(entry => entry is { Key: string, Value: PickledTensor })
            .ConvertAll(entry => KeyValuePair.Create((string)entry.Key!, (PickledTensor)entry.Value!));

    private static string Keys(PickleDict dict)
    {
        string[] keys =
            [.. dict.Entries.ConvertAll(entry => entry.Key).OfType<string>().Take(8).Select(key => $"'{QuotedText.Of(key)}'")];
        return keys.Length == 0 ? "" : $" (keys {string.Join(", ", keys)})";
    }

    private static string Kind(object? saved) => saved switch
    {
        PickledTensor => "one tensor without a name",
        PickleList => "a list",
        PickleTuple => "a tuple",
        string => "a text",
        null => "nothing (None)",
        _ => "a single value",
    };
}
