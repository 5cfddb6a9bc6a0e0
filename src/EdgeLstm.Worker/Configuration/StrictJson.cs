// Reads a JSON file into a record and lists everything that is wrong with it at once: unknown keys, kinds, ranges, missing keys.

using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeLstm.Worker.Configuration;

/// <summary>Strict reading of configuration files against source-generated metadata.</summary>
/// <remarks>
/// The metadata of the record is the only description of the file: its constructor parameters are the keys, a parameter without a
/// default is required, <see cref="RangeAttribute"/> and <see cref="AllowedValuesAttribute"/> bound the values. The JSON schema for
/// editors is written from the same metadata.
/// </remarks>
public static class StrictJson
{
    /// <summary>Bytes a configuration file may have at most; a profile or configuration of a hundred streams stays far below.</summary>
    public const int SizeLimitBytes = 1 << 20;

    private const int DepthLimit = 16;

    /// <summary>Reads <paramref name="path"/>; null when anything is wrong, with every problem added to <paramref name="problems"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">Source-generated metadata of the record.</param>
    /// <param name="problems">Receives what was wrong: unknown keys with the nearest known one, wrong kinds, missing keys.</param>
    public static T? Read<T>(string path, JsonTypeInfo<T> type, ProblemList problems)
        where T : class
    {
        byte[] bytes;
        try
        {
            FileInfo file = new(path);
            if (file.Exists && file.Length > SizeLimitBytes)
            {
                problems.Add("", $"has {file.Length} bytes; at most {SizeLimitBytes} are read");
                return null;
            }

            bytes = File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problems.Add("", $"cannot be read: {failure.Message}");
            return null;
        }

        return Parse(bytes, type, problems);
    }

    /// <summary>As <see cref="Read{T}"/>, from bytes already in memory.</summary>
    public static T? Parse<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type, ProblemList problems)
        where T : class
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DepthLimit });
            int before = problems.Count;
            Check(document.RootElement, type, "", problems);
            return problems.Count == before ? document.RootElement.Deserialize(type) : null;
        }
        catch (JsonException failure)
        {
            problems.Add("", $"is not JSON: {failure.Message}");
            return null;
        }
    }

    private static void Check(JsonElement element, JsonTypeInfo type, string path, ProblemList problems)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(element, type, path, problems);
                break;
            case JsonTypeInfoKind.Enumerable:
                CheckArray(element, type, path, problems);
                break;
            case JsonTypeInfoKind.Dictionary:
                CheckMap(element, type, path, problems);
                break;
            default:
                CheckLeaf(element, type.Type, path, problems);
                break;
        }
    }

    private static void CheckObject(JsonElement element, JsonTypeInfo type, string path, ProblemList problems)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            problems.Add(path, $"expected an object; got {Shown(element)}");
            return;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty member in element.EnumerateObject())
        {
            string memberPath = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (!seen.Add(member.Name))
            {
                problems.Add(memberPath, "is given twice");
            }
            else if (Find(type, member.Name) is { } property)
            {
                CheckProperty(member.Value, property, memberPath, problems);
            }
            else
            {
                problems.Add(memberPath, "unknown key" + DidYouMean(member.Name, type.Properties.Select(known => known.Name)));
            }
        }

        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.AssociatedParameter is { HasDefaultValue: false } && !seen.Contains(property.Name))
            {
                problems.Add(path.Length == 0 ? property.Name : $"{path}.{property.Name}", "is required and missing");
            }
        }
    }

    private static JsonPropertyInfo? Find(JsonTypeInfo type, string name)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.Name == name)
            {
                return property;
            }
        }

        return null;
    }

    private static void CheckProperty(JsonElement value, JsonPropertyInfo property, string path, ProblemList problems)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            if (!property.IsSetNullable || property.AssociatedParameter is { HasDefaultValue: true, DefaultValue: not null })
            {
                problems.Add(path, "may not be null; leave the key out for its default");
            }

            return;
        }

        int before = problems.Count;
        Check(value, property.Options.GetTypeInfo(property.PropertyType), path, problems);
        if (problems.Count == before)
        {
            CheckRules(value, property, path, problems);
        }
    }

    private static void CheckRules(JsonElement value, JsonPropertyInfo property, string path, ProblemList problems)
    {
        foreach (object rule in property.AttributeProvider?.GetCustomAttributes(true) ?? [])
        {
            if (rule is AllowedValuesAttribute allowed && value.ValueKind == JsonValueKind.String)
            {
                string text = value.GetString()!;
                if (!allowed.Values.Contains(text))
                {
                    IEnumerable<string> names = allowed.Values.OfType<string>();
                    string expected = string.Join(", ", names.Select(name => $"'{name}'"));
                    problems.Add(path, $"must be one of {expected}; got '{text}'{DidYouMean(text, names)}");
                }
            }
            else if (rule is RangeAttribute range && value.ValueKind == JsonValueKind.Number && !InRange(value.GetDouble(), range))
            {
                string low = range.MinimumIsExclusive ? $"above {Number(range.Minimum)}" : $"at least {Number(range.Minimum)}";
                problems.Add(path, $"must be {low} and at most {Number(range.Maximum)}; got {value.GetRawText()}");
            }
        }
    }

    private static bool InRange(double value, RangeAttribute range)
    {
        double minimum = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        double maximum = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        return (range.MinimumIsExclusive ? value > minimum : value >= minimum) && value <= maximum;
    }

    private static string Number(object bound) => Convert.ToString(bound, CultureInfo.InvariantCulture)!;

    private static void CheckArray(JsonElement element, JsonTypeInfo type, string path, ProblemList problems)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            problems.Add(path, $"expected an array; got {Shown(element)}");
            return;
        }

        JsonTypeInfo elementType = type.Options.GetTypeInfo(type.ElementType!);
        int index = 0;
        foreach (JsonElement item in element.EnumerateArray())
        {
            Check(item, elementType, $"{path}[{index++}]", problems);
        }
    }

    private static void CheckMap(JsonElement element, JsonTypeInfo type, string path, ProblemList problems)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            problems.Add(path, $"expected an object; got {Shown(element)}");
            return;
        }

        JsonTypeInfo elementType = type.Options.GetTypeInfo(type.ElementType!);
        foreach (JsonProperty member in element.EnumerateObject())
        {
            Check(member.Value, elementType, $"{path}.{member.Name}", problems);
        }
    }

    private static void CheckLeaf(JsonElement element, Type type, string path, ProblemList problems)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        (string expected, bool fits) = type switch
        {
            _ when type == typeof(string) => ("text in quotes", element.ValueKind == JsonValueKind.String),
            _ when type == typeof(bool) => ("true or false", element.ValueKind is JsonValueKind.True or JsonValueKind.False),
            _ when type == typeof(int) => ("a whole number", element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out _)),
            _ when type == typeof(long) => ("a whole number", element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out _)),
            _ when type == typeof(double) => ("a number", element.ValueKind == JsonValueKind.Number && double.IsFinite(element.GetDouble())),
            _ => ("any value", true),
        };
        if (!fits)
        {
            problems.Add(path, $"expected {expected}; got {Shown(element)}");
        }
    }

    /// <summary>A closing part for a message about an unknown name: the nearest known one, or the list of all.</summary>
    internal static string DidYouMean(string name, IEnumerable<string> known)
    {
        string? nearest = null;
        int best = int.MaxValue;
        foreach (string candidate in known)
        {
            int distance = EditDistance(name, candidate);
            if (distance < best)
            {
                (nearest, best) = (candidate, distance);
            }
        }

        return nearest is not null && best <= Math.Max(2, name.Length / 3)
            ? $"; did you mean '{nearest}'?"
            : $"; known are {string.Join(", ", known)}";
    }

    // Levenshtein distance without regard to case, over names short enough for a stack row.
    private static int EditDistance(string a, string b)
    {
        if (a.Length > 64 || b.Length > 64)
        {
            return int.MaxValue;
        }

        Span<int> row = stackalloc int[65];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }

    private static string Shown(JsonElement element)
    {
        string raw = element.GetRawText();
        return raw.Length <= 40 ? raw : raw[..37] + "…";
    }
}
