// Checks the sizes and array lengths of weights, with messages that name layer, array, what was found and what was expected.

namespace EdgeLstm.Core.Layers;

/// <summary>Rules for the sizes of layers and the lengths of their weight arrays.</summary>
internal static class WeightShape
{
    /// <summary>Throws unless every size lies between 1 and <see cref="Layer.MaxSize"/>.</summary>
    public static void CheckSizes(string layer, params ReadOnlySpan<(string Name, int Value)> sizes)
    {
        foreach ((string name, int value) in sizes)
        {
            if (value is < 1 or > Layer.MaxSize)
            {
                throw new ArgumentException($"layer '{layer}': {name} is {value}; expected 1 to {Layer.MaxSize}.");
            }
        }
    }

    /// <summary>Throws unless <paramref name="values"/> fills the shape [rows, columns].</summary>
    public static void Check(string layer, string array, float[]? values, string shape, int rows, int columns = 1)
    {
        if (values is null || values.Length != rows * columns)
        {
            string sizes = columns == 1 && !shape.Contains(',') ? $"{rows}" : $"{rows}, {columns}";
            string found = values is null ? "is missing" : $"has {values.Length} values";
            throw new ArgumentException($"layer '{layer}': {array} {found}; expected [{shape}] = [{sizes}].");
        }
    }

    /// <summary>Throws unless the activation is one of those there are, with finite parameters.</summary>
    public static void CheckActivation(string layer, ActivationFunction activation)
    {
        if (!Enum.IsDefined(activation.Kind) || !float.IsFinite(activation.Alpha) || !float.IsFinite(activation.Beta))
        {
            throw new ArgumentException(
                $"layer '{layer}': Activation is {activation}; expected a known activation with finite parameters.");
        }
    }
}
