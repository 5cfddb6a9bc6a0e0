// An activation with its parameters, and its text: relu, leakyRelu(0.3), hardSigmoid(0.2, 0.5).

using System.Globalization;

namespace EdgeLstm.Core.Layers;

/// <summary>An activation and what it is parameterised by.</summary>
/// <param name="Kind">The function.</param>
/// <param name="Alpha">Its first parameter; 0 where it has none.</param>
/// <param name="Beta">Its second parameter; 0 where it has none.</param>
public readonly record struct ActivationFunction(Activation Kind, float Alpha = 0, float Beta = 0)
{
    /// <summary>Whether each value depends on its own sum alone, as the gates of a recurrent layer need it.</summary>
    public bool IsElementwise => Kind != Activation.Softmax;

    /// <summary>The function without parameters.</summary>
    public static implicit operator ActivationFunction(Activation kind) => new(kind);

    /// <summary>How many of alpha and beta a function takes.</summary>
    public static int ParameterCount(Activation kind) => kind switch
    {
        Activation.LeakyRelu or Activation.Elu or Activation.ThresholdedRelu => 1,
        Activation.HardSigmoid or Activation.Affine or Activation.ScaledTanh or Activation.Clamp => 2,
        _ => 0,
    };

    /// <summary>Reads the text <see cref="ToString"/> writes: the name in camelCase, parameters in parentheses.</summary>
    /// <returns>False where there is no such function, or the parameters are not as many finite numbers as it takes.</returns>
    public static bool TryParse(string? text, out ActivationFunction function)
    {
        function = default;
        int open = text?.IndexOf('(', StringComparison.Ordinal) ?? -1;
        string name = (open < 0 ? text : text![..open]) ?? "";
        if (!TryParseKind(name, out Activation kind) || (open >= 0 && !text!.EndsWith(')')))
        {
            return false;
        }

        string[] given = open < 0 ? [] : text![(open + 1)..^1].Split(',');
        Span<float> parameters = stackalloc float[2];
        parameters.Clear();
        if (given.Length != ParameterCount(kind))
        {
            return false;
        }

        for (int k = 0; k < given.Length; k++)
        {
            if (!float.TryParse(given[k], NumberStyles.Float, CultureInfo.InvariantCulture, out parameters[k])
                || !float.IsFinite(parameters[k]))
            {
                return false;
            }
        }

        function = new ActivationFunction(kind, parameters[0], parameters[1]);
        return true;
    }

    /// <summary>The function as a manifest names it.</summary>
    public override string ToString()
    {
        string name = Kind.ToString();
        name = char.ToLowerInvariant(name[0]) + name[1..];
        return ParameterCount(Kind) switch
        {
            0 => name,
            1 => string.Create(CultureInfo.InvariantCulture, $"{name}({Alpha:R})"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{name}({Alpha:R}, {Beta:R})"),
        };
    }

    private static bool TryParseKind(string name, out Activation kind)
    {
        foreach (Activation candidate in Enum.GetValues<Activation>())
        {
            string known = candidate.ToString();
            if (name.Length == known.Length
                && name[0] == char.ToLowerInvariant(known[0])
                && name.AsSpan(1).SequenceEqual(known.AsSpan(1)))
            {
                kind = candidate;
                return true;
            }
        }

        kind = default;
        return false;
    }
}
