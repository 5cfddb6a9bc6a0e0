// A module of the model: the tensors of a state_dict whose names agree up to the last dot, such as  lstm.weight_ih_l0,
// lstm.bias_ih_l0.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.PyTorch;

/// <summary>What a module computes, as far as its tensors tell.</summary>
internal enum ModuleKind
{
    /// <summary>nn.LSTM, nn.GRU, nn.RNN or one of their cells.</summary>
    Recurrent,

    /// <summary>nn.Linear.</summary>
    Linear,

    /// <summary>nn.BatchNorm1d.</summary>
    BatchNorm,

    /// <summary>nn.LayerNorm.</summary>
    LayerNorm,
}

/// <summary>The tensors of one module.</summary>
/// <param name="path">Its name in the state_dict; empty where the module was saved by itself.</param>
internal sealed class StateModule(string path)
{
    private const int MaxModules = 64;
    private const int MaxWrappers = 8;

    // Wrappers of a model that say nothing of its layers: DataParallel, torch.compile, Lightning and habits of training scripts.
    private static readonly string[] Wrappers = ["module.", "_orig_mod.", "model.", "net.", "network.", "_forward_module."];

    /// <summary>Its name in the state_dict; empty where the module was saved by itself.</summary>
    public string Path { get; } = path;

    /// <summary>The tensors by the last part of their name, in order.</summary>
    public List<KeyValuePair<string, StateTensor>> Parts { get; } = [];

    /// <summary>What it computes.</summary>
    public ModuleKind Kind { get; set; }

    /// <summary>Values it reads at each step.</summary>
    public int InputSize { get; set; }

    /// <summary>Values it gives at each step.</summary>
    public int OutputSize { get; set; }

    /// <summary>Of a recurrent module: its layers.</summary>
    public IReadOnlyList<RecurrentWeights> Layers { get; set; } = [];

    /// <summary>The name a person gives it: its path, or its kind where it has none.</summary>
    public string Name => Path.Length > 0 ? Path : Kind switch
    {
        ModuleKind.Recurrent => Layers[0].Gates switch { 4 => "lstm", 3 => "gru", _ => "rnn" },
        ModuleKind.Linear => "linear",
        _ => "norm",
    };

    /// <summary>A line of a refusal: <c>'fc' (8 → 2)</c>.</summary>
    public string Shown => $"'{QuotedText.Of(Name)}' ({InputSize} → {OutputSize})";

    /// <summary>The tensor of this part; null where there is none.</summary>
    public StateTensor? Find(string part) => Parts.Find(entry => entry.Key == part).Value;

    /// <summary>Puts tensors into modules, in the order each module appears first.</summary>
    public static List<StateModule> Group(SourceFile file, IReadOnlyList<StateTensor> tensors)
    {
        var modules = new Dictionary<string, StateModule>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        List<StateModule> inOrder = [];
        foreach (StateTensor tensor in tensors)
        {
            int dot = tensor.Name.LastIndexOf('.');
            string path = dot < 0 ? "" : tensor.Name[..dot];
            if (!names.Add(tensor.Name))
            {
                throw file.Refuse($"names tensor '{QuotedText.Of(tensor.Name)}' twice");
            }

            if (!modules.TryGetValue(path, out StateModule? module))
            {
                module = new StateModule(path);
                modules.Add(path, module);
                inOrder.Add(module);
            }

            module.Parts.Add(new(tensor.Name[(dot + 1)..], tensor));
        }

        return inOrder.Count <= MaxModules
            ? inOrder
            : throw file.Refuse($"has tensors of {inOrder.Count} modules; the limit is {MaxModules}");
    }

    /// <summary>The same tensors without the wrappers that all their names begin with.</summary>
    public static List<StateTensor> Unwrap(IReadOnlyList<StateTensor> tensors)
    {
        List<StateTensor> unwrapped = [.. tensors];
        for (int k = 0; k < MaxWrappers; k++)
        {
            string wrapper = Array.Find(
                Wrappers, prefix => unwrapped.TrueForAll(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)))
                ?? "";
            unwrapped = [.. unwrapped.Select(tensor => tensor with { Name = tensor.Name[wrapper.Length..] })];
        }

        return unwrapped;
    }
}
