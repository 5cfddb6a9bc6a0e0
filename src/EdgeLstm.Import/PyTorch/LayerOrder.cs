// The order of modules where a file does not keep it (safetensors sorts by name): the one order in which each reads what the one
// before it gives; where there are several, recurrent before linear and numbers in their order (lstm1 before lstm2).

using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Finds the order by sizes.</summary>
/// <remarks>The search ends after <see cref="MaxSteps"/> steps; what is not decided by then counts as undecided.</remarks>
internal sealed class LayerOrder
{
    private const int MaxSteps = 100_000;

    private readonly IReadOnlyList<StateModule> _modules;
    private readonly bool[,] _precedes;
    private readonly List<int> _chosen = [];
    private readonly bool[] _used;
    private readonly List<StateModule[]> _found = [];
    private int _steps;

    private LayerOrder(IReadOnlyList<StateModule> modules, bool isRuled)
    {
        _modules = modules;
        _used = new bool[modules.Count];
        _precedes = new bool[modules.Count, modules.Count];
        if (isRuled)
        {
            FindRules();
        }

        Search();
    }

    private bool IsDecided => _found.Count == 1 && _steps <= MaxSteps;

    /// <summary>Whether each module reads what the one before it gives.</summary>
    public static bool IsChain(IReadOnlyList<StateModule> modules)
    {
        bool isChain = true;
        for (int k = 1; k < modules.Count; k++)
        {
            isChain &= modules[k].InputSize == modules[k - 1].OutputSize;
        }

        return isChain;
    }

    /// <summary>The modules in the order of the network.</summary>
    /// <param name="file">The file.</param>
    /// <param name="modules">The modules in the order of the file.</param>
    /// <param name="warnings">Receives what was assumed.</param>
    public static IReadOnlyList<StateModule> Decide(SourceFile file, IReadOnlyList<StateModule> modules, List<string> warnings)
    {
        var bySize = new LayerOrder(modules, isRuled: false);
        if (bySize.IsDecided)
        {
            return bySize._found[0];
        }

        if (bySize._found.Count == 0 && bySize._steps <= MaxSteps)
        {
            throw file.Refuse($"has layers that do not chain in any order: "
                + $"{string.Join(", ", modules.Select(module => module.Shown))}; "
                + "expected each to read as many values as another gives");
        }

        var byRules = new LayerOrder(modules, isRuled: true);
        if (!byRules.IsDecided)
        {
            throw file.Refuse($"does not keep the order of its layers, and their sizes do not tell {Doubt(bySize, byRules)}: "
                + $"save with "
                + "torch.save(model.state_dict(), \"model.pt\"), which keeps the order");
        }

        string names = string.Join(", ", byRules._found[0].Select(module => $"'{QuotedText.Of(module.Name)}'"));
        warnings.Add($"The file does not keep the order of the layers and their sizes allow several; {names} was assumed "
            + $"(recurrent "
            + "before linear, numbers in order). A .pt file of torch.save keeps the order; --io tells whether it is right.");
        return byRules._found[0];
    }

    // Two orders are enough to know that there are several. As deep as there are modules, at most 64.
    private void Search()
    {
        if (_chosen.Count == _modules.Count)
        {
            _found.Add(_chosen.ToArray(index => _modules[index]));
            return;
        }

        for (int next = 0; next < _modules.Count; next++)
        {
            if (_found.Count >= 2 || ++_steps > MaxSteps)
            {
                return;
            }

            bool fits = _chosen.Count == 0 || _modules[_chosen[^1]].OutputSize == _modules[next].InputSize;
            if (fits && !_used[next] && !HasPredecessorLeft(next))
            {
                _chosen.Add(next);
                _used[next] = true;
                Search();
                _used[next] = false;
                _chosen.RemoveAt(_chosen.Count - 1);
            }
        }
    }

    private bool HasPredecessorLeft(int next)
    {
        bool isLeft = false;
        for (int other = 0; other < _modules.Count; other++)
        {
            isLeft |= !_used[other] && _precedes[other, next];
        }

        return isLeft;
    }

    private void FindRules()
    {
        (string Pattern, List<int> Numbers)[] names = _modules.ToArray(module => Numbers(module.Path));
        for (int first = 0; first < names.Length; first++)
        {
            for (int second = 0; second < names.Length; second++)
            {
                bool isLower = IsLower(names[first].Numbers, names[second].Numbers);
                _precedes[first, second] = (isLower && names[first].Pattern == names[second].Pattern)
                    || (_modules[first].Kind == ModuleKind.Recurrent && _modules[second].Kind == ModuleKind.Linear);
            }
        }
    }

    // The first number that differs decides.
    private static bool IsLower(List<int> numbers, List<int> others)
    {
        int k = 0;
        while (k < numbers.Count && k < others.Count && numbers[k] == others[k])
        {
            k++;
        }

        return k < numbers.Count && k < others.Count && numbers[k] < others[k];
    }

    // "layers.10.lstm2" is the pattern "layers.#.lstm#" with the numbers 10 and 2.
    private static (string Pattern, List<int> Numbers) Numbers(string name)
    {
        List<int> numbers = [];
        string pattern = "";
        for (int k = 0; k < name.Length;)
        {
            int digits = 0;
            while (k + digits < name.Length && char.IsAsciiDigit(name[k + digits]) && digits < 9)
            {
                digits++;
            }

            pattern += digits > 0 ? '#' : name[k];
            if (digits > 0)
            {
                numbers.Add(int.Parse(name.AsSpan(k, digits), CultureInfo.InvariantCulture));
            }

            k += Math.Max(1, digits);
        }

        return (pattern, numbers);
    }

    private static string Doubt(LayerOrder bySize, LayerOrder byRules)
    {
        List<StateModule[]> found = byRules._found.Count == 2 ? byRules._found : bySize._found;
        if (found.Count < 2)
        {
            return "which order is meant";
        }

        int at = 0;
        while (ReferenceEquals(found[0][at], found[1][at]))
        {
            at++;
        }

        string place = at == 0 ? "comes first" : $"follows {found[0][at - 1].Shown}";
        return $"whether {found[0][at].Shown} or {found[1][at].Shown} {place}";
    }
}
