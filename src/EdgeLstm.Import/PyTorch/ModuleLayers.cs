// Adds the modules of a state_dict, one after the other, to the layers of the model, with the activations the person named.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Modules in order → canonical layers.</summary>
internal sealed class ModuleLayers
{
    // What nn.BatchNorm1d and nn.LayerNorm take unless told otherwise.
    private const double UsualEpsilon = 1e-5;

    private readonly SourceFile _file;
    private readonly IReadOnlyDictionary<string, ActivationFunction> _activations;
    private readonly InitialStates _states;
    private readonly List<string> _warnings;
    private readonly LayerBuilder _builder;
    private readonly List<string> _unsaid = [];
    private readonly List<string> _norms = [];

    public ModuleLayers(SourceFile file, ImportOptions options, InitialStates states, List<string> warnings)
    {
        _file = file;
        _activations = options.Activations ?? new Dictionary<string, ActivationFunction>();
        _states = states;
        _warnings = warnings;
        _builder = new LayerBuilder(file);
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<ImportedLayer> Build(IReadOnlyList<StateModule> modules)
    {
        RequireKnownNames(modules);
        StateModule? open = null;
        foreach (StateModule module in modules)
        {
            RequireActivationBetween(open, module);
            Add(module);
            bool isSaid = Said(module) is not null;
            open = module.Kind switch
            {
                ModuleKind.Linear => isSaid ? null : module,
                ModuleKind.Recurrent => null,
                _ => isSaid ? null : open,
            };
            NoteUnsaid(module, isSaid);
        }

        Warn();
        return _builder.Layers;
    }

    private void RequireKnownNames(IReadOnlyList<StateModule> modules)
    {
        string? unknown = _activations.Keys.FirstOrDefault(name => !modules.Any(module => module.Name == name));
        if (unknown is not null && modules.Count > 0)
        {
            throw _file.Refuse($"has no layer '{QuotedText.Of(unknown)}', as --activation names it; its layers are "
                + string.Join(", ", modules.Select(module => $"'{QuotedText.Of(module.Name)}'")));
        }
    }

    // Two linear layers with nothing between them would be one: there was an activation, and it decides what the network
    // computes.
    private void RequireActivationBetween(StateModule? open, StateModule module)
    {
        if (open is not null && module.Kind == ModuleKind.Linear)
        {
            string name = QuotedText.Of(open.Name);
            throw _file.Refuse($"linear layers {open.Shown} and {module.Shown} follow each other, and a state_dict does not "
                + $"say which "
                + $"activation lies between them; say it: --activation {name}=relu (or tanh, sigmoid, …; linear where there "
                + $"is none)");
        }
    }

    private void Add(StateModule module)
    {
        switch (module.Kind)
        {
            case ModuleKind.Recurrent:
                AddRecurrent(module);
                break;
            case ModuleKind.Linear:
                _builder.AddDense(module.Name, Read(module, "weight")!, Read(module, "bias"), Said(module) ?? Activation.Linear);
                break;
            case ModuleKind.BatchNorm:
                AddBatchNorm(module);
                break;
            default:
                _builder.AddLayerNorm(module.Name, Read(module, "weight"), Read(module, "bias"), module.InputSize, UsualEpsilon);
                AddActivation(module);
                break;
        }
    }

    private void AddRecurrent(StateModule module)
    {
        for (int k = 0; k < module.Layers.Count; k++)
        {
            string name = module.Layers.Count == 1 ? module.Name : $"{module.Name}_l{k}";
            AddRecurrent(name, module, k);
        }

        if (module.Layers[0].Gates > 1)
        {
            AddActivation(module);
        }
        else if (Said(module) is null)
        {
            _warnings.Add($"A state_dict does not say whether nn.RNN '{QuotedText.Of(module.Name)}' computes tanh or relu; "
                + $"tanh was "
                + $"assumed. If it is relu: --activation {QuotedText.Of(module.Name)}=relu.");
        }
    }

    private void AddRecurrent(string name, StateModule module, int layer)
    {
        RecurrentWeights weights = module.Layers[layer];
        (SourceTensor w, SourceTensor r) = (weights.W.Read(), weights.R.Read());
        (SourceTensor? input, SourceTensor? recurrent) = (weights.InputBias?.Read(), weights.RecurrentBias?.Read());
        SourceTensor[] biases = input is null || recurrent is null ? [] : [input, recurrent];
        SourceTensor? hidden = _states.Hidden(module, layer);
        switch (weights.Gates)
        {
            case 4:
                var variant = new CellVariant(
                    Projection: weights.Projection?.Read(), InitialHidden: hidden, InitialCell: _states.Cell(module, layer));
                _builder.AddLstm(name, GateOrder.Lstm, w, r, biases, variant);
                break;
            case 3:
                _builder.AddGru(
                    name, GateOrder.Gru, w, r, input, recurrent, GruReset.After, new CellVariant(InitialHidden: hidden));
                break;
            default:
                _builder.AddRnn(name, w, r, biases, new CellVariant(Activation: Nonlinearity(module), InitialHidden: hidden));
                break;
        }
    }

    private ActivationFunction Nonlinearity(StateModule module)
    {
        ActivationFunction said = Said(module) ?? Activation.Tanh;
        return said.Kind is Activation.Tanh or Activation.Relu
            ? said
            : throw _file.Refuse($"--activation {QuotedText.Of(module.Name)}={said}: nn.RNN computes tanh or relu");
    }

    private void AddBatchNorm(StateModule module)
    {
        SourceTensor variance = Read(module, "running_var")!;
        int wrong = Array.FindIndex(variance.Values, value => !(value >= 0));
        if (wrong >= 0)
        {
            throw _file.Refuse(FormattableString.Invariant($"tensor '{QuotedText.Of(variance.Name)}' has the value ")
                + FormattableString.Invariant($"{variance.Values[wrong]} at index {wrong}; a variance is 0 or more"));
        }

        SourceTensor mean = Read(module, "running_mean")!;
        _builder.AddBatchNorm(module.Name, Read(module, "weight"), Read(module, "bias"), mean, variance, UsualEpsilon);
        AddActivation(module);
    }

    private void AddActivation(StateModule module)
    {
        if (Said(module) is { } activation)
        {
            _builder.AddActivation($"{module.Name}_activation", activation);
        }
    }

    private void NoteUnsaid(StateModule module, bool isSaid)
    {
        if (!isSaid && module.Path.Length > 0 && (module.Kind != ModuleKind.Recurrent || module.Layers[0].Gates > 1))
        {
            _unsaid.Add($"'{QuotedText.Of(module.Name)}'");
        }

        if (module.Kind is ModuleKind.BatchNorm or ModuleKind.LayerNorm)
        {
            _norms.Add($"'{QuotedText.Of(module.Name)}'");
        }
    }

    private void Warn()
    {
        if (_unsaid.Count > 0)
        {
            _warnings.Add($"A state_dict does not say what activations follow its layers; none was assumed after "
                + $"{string.Join(", ", _unsaid)}. Where there is one, name it: --activation {_unsaid[^1].Trim('\'')}=relu.");
        }

        if (_norms.Count > 0)
        {
            _warnings.Add($"A state_dict does not say the eps of its norms; PyTorch's 1e-5 was assumed for "
                + $"{string.Join(", ", _norms)}.");
        }
    }

    private ActivationFunction? Said(StateModule module) =>
        _activations.TryGetValue(module.Name, out ActivationFunction said) ? said : null;

    private static SourceTensor? Read(StateModule module, string part) => module.Find(part)?.Read();
}
