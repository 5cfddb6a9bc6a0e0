// Strict reading of JSON into records: every unknown, missing, doubled or mistyped key is listed with its path.

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeLstm.Core.Json;

/// <summary>Reads JSON whose author made mistakes: lists all of them before anything is built.</summary>
/// <remarks>
/// Holds for records of numbers, texts, truth values, enums (as their converter names them), lists, maps and other records; a
/// key is required when its constructor parameter has no default. An optional key may also be null. The rules of
/// <see cref="JsonRules"/> bound the values. The record is the only description of the file: the schema for editors is written
/// from the same metadata.
/// </remarks>
public sealed class StrictJson
{
    private const int MaxDepth = 16;
    private const int MaxShownLength = 40;

    private readonly List<string> _problems = [];
    private bool _isMisshapen;

    private StrictJson()
    {
    }

    /// <summary>Reads <paramref name="json"/> as <typeparamref name="T"/>.</summary>
    /// <param name="json">UTF-8 text; one byte order mark is skipped.</param>
    /// <param name="type">Source-generated type information.</param>
    /// <param name="problems">Receives a line for each mistake: <c>inputs[0].scle: unknown key; did you mean 'scale'?</c></param>
    /// <returns>The value, or null where there are problems.</returns>
    public static T? Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type, out IReadOnlyList<string> problems)
        where T : class
    {
        T? value = ReadAsFar(json, type, out problems);
        return problems.Count == 0 ? value : null;
    }

    /// <summary>As <see cref="Read{T}"/>, but gives the value in spite of problems where it can still be built, so that a caller
    /// can look for further mistakes in it before it refuses the file.</summary>
    public static T? ReadAsFar<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type, out IReadOnlyList<string> problems)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(type);
        var strict = new StrictJson();
        problems = strict._problems;
        try
        {
            using var document = JsonDocument.Parse(SkipByteOrderMark(json), new JsonDocumentOptions { MaxDepth = MaxDepth });
            strict.Check(document.RootElement, type, "");
            return strict.Build(document.RootElement, type);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair, which is JSON but no text.
            strict._problems.Add($"not valid JSON: {fault.Message}");
            return null;
        }
    }

    private T? Build<T>(JsonElement root, JsonTypeInfo<T> type)
        where T : class
    {
        return _isMisshapen ? null : root.Deserialize(type);
    }

    private static ReadOnlyMemory<byte> SkipByteOrderMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;

    private void Check(JsonElement element, JsonTypeInfo type, string path)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(element, type, path);
                break;
            case JsonTypeInfoKind.Enumerable:
                CheckArray(element, type, path);
                break;
            case JsonTypeInfoKind.Dictionary:
                CheckMap(element, type, path);
                break;
            default:
                CheckValue(element, type, path);
                break;
        }
    }

    private void CheckObject(JsonElement element, JsonTypeInfo type, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Expected("an object", element, path);
            return;
        }

        JsonPropertyInfo[] known = [.. type.Properties.Where(p => p.AssociatedParameter is not null || p.Set is not null)];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string key = QuotedText.Of(property.Name);
            string at = path.Length == 0 ? key : $"{path}.{key}";
            JsonPropertyInfo? info = Array.Find(known, p => p.Name == property.Name);
            if (info is null)
            {
                _problems.Add($"{at}: unknown key{NearestName.DidYouMean(property.Name, known.Select(p => p.Name))}");
            }
            else if (!seen.Add(property.Name))
            {
                _problems.Add($"{at}: given twice");
            }
            else if (property.Value.ValueKind != JsonValueKind.Null || IsRequired(info))
            {
                CheckProperty(property.Value, info, at);
            }
        }

        foreach (JsonPropertyInfo missing in known.Where(p => IsRequired(p) && !seen.Contains(p.Name)))
        {
            _isMisshapen = true;
            _problems.Add($"{(path.Length == 0 ? missing.Name : $"{path}.{missing.Name}")}: missing");
        }
    }

    // The rules of a property hold for a value of the right kind only: one mistake, one line.
    private void CheckProperty(JsonElement value, JsonPropertyInfo property, string path)
    {
        int before = _problems.Count;
        Check(value, property.Options.GetTypeInfo(property.PropertyType), path);
        if (_problems.Count == before && JsonRules.FindProblem(value, property) is { } problem)
        {
            _problems.Add($"{path}: {problem}");
        }
    }

    private static bool IsRequired(JsonPropertyInfo property) =>
        property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false };

    private void CheckArray(JsonElement element, JsonTypeInfo type, string path)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            Expected("an array", element, path);
            return;
        }

        JsonTypeInfo item = type.Options.GetTypeInfo(type.ElementType!);
        int index = 0;
        foreach (JsonElement value in element.EnumerateArray())
        {
            Check(value, item, $"{path}[{index++}]");
        }
    }

    private void CheckMap(JsonElement element, JsonTypeInfo type, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Expected("an object", element, path);
            return;
        }

        JsonTypeInfo item = type.Options.GetTypeInfo(type.ElementType!);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            Check(property.Value, item, $"{path}.{QuotedText.Of(property.Name)}");
        }
    }

    private void CheckValue(JsonElement element, JsonTypeInfo info, string path)
    {
        Type type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        if (type == typeof(string))
        {
            // GetString throws where an escape is half of a surrogate pair.
            Require(element.ValueKind == JsonValueKind.String && element.GetString() is not null, "a text", element, path);
        }
        else if (type == typeof(bool))
        {
            Require(element.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false", element, path);
        }
        else if (type.IsEnum)
        {
            string[] names = [.. NamesOf(type, info)];
            Require(
                element.ValueKind == JsonValueKind.String && names.Contains(element.GetString()!),
                $"one of {string.Join(", ", names)}", element, path);
        }
        else if (type == typeof(int) || type == typeof(long))
        {
            bool fits = element.ValueKind == JsonValueKind.Number
                && (type == typeof(int) ? element.TryGetInt32(out _) : element.TryGetInt64(out _));
            Require(fits, $"a whole number of at most {(type == typeof(int) ? 32 : 64)} bits", element, path);
        }
        else if (type == typeof(double))
        {
            // An exponent may be well formed and still beyond a double.
            Require(element.ValueKind == JsonValueKind.Number && double.IsFinite(element.GetDouble()), "a number", element, path);
        }
        else if (element.ValueKind == JsonValueKind.Null)
        {
            Expected("a value", element, path);
        }
        else
        {
            CheckConverted(element, info, path);
        }
    }

    // A type with a converter of its own judges its value: it throws a sentence that begins with "must be".
    private void CheckConverted(JsonElement element, JsonTypeInfo info, string path)
    {
        try
        {
            element.Deserialize(info);
        }
        catch (JsonException fault)
        {
            _isMisshapen = true;
            _problems.Add($"{path}: {fault.Message}; got {Show(element, path)}");
        }
    }

    // As the type's own converter writes them: camelCase or otherwise.
    private static IEnumerable<string> NamesOf(Type type, JsonTypeInfo info)
    {
        foreach (object value in Enum.GetValuesAsUnderlyingType(type))
        {
            yield return JsonSerializer.SerializeToElement(Enum.ToObject(type, value), info).GetString()!;
        }
    }

    private void Require(bool condition, string expected, JsonElement found, string path)
    {
        if (!condition)
        {
            Expected(expected, found, path);
        }
    }

    // A value of the wrong kind cannot be built into the record.
    private void Expected(string expected, JsonElement found, string path)
    {
        _isMisshapen = true;
        _problems.Add($"{(path.Length == 0 ? "the whole text" : path)}: must be {expected}; got {Show(found, path)}");
    }

    // A password is no less one for being written without quotes.
    private static string Show(JsonElement found, string path)
    {
        switch (found.ValueKind)
        {
            case not JsonValueKind.Object and not JsonValueKind.Array
                when path.EndsWith("password", StringComparison.OrdinalIgnoreCase):
                return "something else";
            case JsonValueKind.Object:
                return "an object";
            case JsonValueKind.Array:
                return "an array";
            case JsonValueKind.String:
                return $"'{QuotedText.Of(found.GetString()!)}'";
            default:
                string raw = found.GetRawText();
                return raw.Length > MaxShownLength ? raw[..MaxShownLength] + "…" : raw;
        }
    }
}
