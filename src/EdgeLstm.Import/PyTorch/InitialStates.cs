// Trained initial states of recurrent layers, which a model carries as parameters:  h0 and, of an LSTM, c0, [layers, 1, H] or
// [H].

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Gives initial states to the layers they belong to.</summary>
internal sealed class InitialStates
{
    private static readonly string[] HiddenNames = ["h0", "h_0", "init_h", "initial_h"];
    private static readonly string[] CellNames = ["c0", "c_0", "init_c", "initial_c"];

    private readonly Dictionary<StateModule, StateTensor> _hidden = [];
    private readonly Dictionary<StateModule, StateTensor> _cells = [];

    /// <summary>Whether a tensor is one by its name.</summary>
    public static bool IsName(string name)
    {
        string last = LastPart(name);
        return HiddenNames.Contains(last) || CellNames.Contains(last);
    }

    /// <summary>Finds the module of each state: the one it is named after, or the only recurrent one.</summary>
    /// <param name="file">The file.</param>
    /// <param name="states">The tensors.</param>
    /// <param name="modules">All modules.</param>
    public static InitialStates Assign(SourceFile file, IEnumerable<StateTensor> states, IReadOnlyList<StateModule> modules)
    {
        var assigned = new InitialStates();
        StateModule[] recurrent = [.. modules.Where(module => module.Kind == ModuleKind.Recurrent)];
        foreach (StateTensor state in states)
        {
            string path = state.Name[..Math.Max(0, state.Name.LastIndexOf('.'))];
            StateModule? module = Array.Find(recurrent, module => module.Path == path)
                ?? (recurrent.Length == 1 ? recurrent[0] : null);
            bool isCell = CellNames.Contains(LastPart(state.Name));
            if (module is null || !state.IsReal || !(isCell ? assigned._cells : assigned._hidden).TryAdd(module, state))
            {
                throw file.Refuse($"tensor '{QuotedText.Of(state.Name)}' {state.ShapeText} is an initial state, but it is not "
                    + $"clear of "
                    + $"which of {recurrent.Length} recurrent modules; expected one each, named after its module, as in "
                    + $"'lstm.h0'");
            }

            Check(file, module, state, isCell);
        }

        return assigned;
    }

    /// <summary>h at the beginning, of layer <paramref name="layer"/>; null is zero.</summary>
    public SourceTensor? Hidden(StateModule module, int layer) =>
        Row(_hidden.GetValueOrDefault(module), layer, module.Layers[layer].OutputSize);

    /// <summary>c at the beginning; null is zero.</summary>
    public SourceTensor? Cell(StateModule module, int layer) =>
        Row(_cells.GetValueOrDefault(module), layer, module.Layers[layer].HiddenSize);

    private static void Check(SourceFile file, StateModule module, StateTensor state, bool isCell)
    {
        int layers = module.Layers.Count;
        int size = isCell ? module.Layers[0].HiddenSize : module.Layers[0].OutputSize;
        bool fits = state.Shape.Length is >= 1 and <= 3 && state.Shape[^1] == size && state.Count == (long)layers * size
            && (layers == 1 || state.Shape[0] == layers);
        if (!fits || (isCell && module.Layers[0].Gates != 4))
        {
            throw file.Refuse($"tensor '{QuotedText.Of(state.Name)}' has shape {state.ShapeText}; expected the initial state "
                + $"{(isCell ? "of the cells of an LSTM " : "")}of '{QuotedText.Of(module.Name)}', [{layers}, 1, {size}]");
        }
    }

    private static SourceTensor? Row(StateTensor? state, int layer, int size) => state is null
        ? null
        : new SourceTensor(state.Name, [size], state.Values()[(layer * size)..((layer + 1) * size)]);

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
