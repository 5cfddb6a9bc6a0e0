// The rules that a record's properties carry as attributes:  [Range] for numbers, [AllowedValues] for texts.

using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeLstm.Core.Json;

/// <summary>Checks a value against the attributes of the property that receives it.</summary>
public static class JsonRules
{
    /// <summary>What is wrong with a value of the right kind; null when nothing is.</summary>
    /// <param name="value">The value found.</param>
    /// <param name="property">The property, with its attributes.</param>
    public static string? FindProblem(JsonElement value, JsonPropertyInfo property)
    {
        foreach (object rule in property.AttributeProvider?.GetCustomAttributes(true) ?? [])
        {
            string? problem = (rule, value.ValueKind) switch
            {
                (AllowedValuesAttribute allowed, JsonValueKind.String) => FindProblem(value.GetString()!, allowed),
                (RangeAttribute range, JsonValueKind.Number) => FindProblem(value, range),
                _ => null,
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? FindProblem(string text, AllowedValuesAttribute allowed)
    {
        if (allowed.Values.Contains(text))
        {
            return null;
        }

        string expected = string.Join(", ", allowed.Values.Select(name => $"'{name}'"));
        string hint = NearestName.Find(text, allowed.Values.OfType<string>()) is { } nearest
            ? $"; did you mean '{nearest}'?"
            : "";
        return $"must be one of {expected}; got '{text}'{hint}";
    }

    private static string? FindProblem(JsonElement value, RangeAttribute range)
    {
        double number = value.GetDouble();
        double minimum = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        double maximum = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        bool above = range.MinimumIsExclusive ? number > minimum : number >= minimum;
        string least = range.MinimumIsExclusive ? "above" : "at least";
        return above && number <= maximum
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"must be {least} {minimum} and at most {maximum}; got {value.GetRawText()}");
    }
}
