// An object of a Keras configuration (JSON), read key by key; what is of the wrong kind is refused with the layer and the key.

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Keras;

/// <summary>A JSON object of a configuration and what it describes.</summary>
/// <param name="File">The file it stands in, for messages.</param>
/// <param name="Where">What it describes, for messages: <c>layer 'lstm_1'</c>.</param>
/// <param name="Element">The object.</param>
internal readonly record struct ConfigNode(SourceFile File, string Where, JsonElement Element)
{
    /// <summary>The largest configuration that is read: 16 MiB. Real ones have some kilobytes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const int MaxDepth = 64;

    /// <summary>Reads a configuration; at most 16 MiB, 64 levels deep, its text valid Unicode.</summary>
    /// <param name="file">The file it stands in.</param>
    /// <param name="where">Which text of it: <c>attribute 'model_config'</c>.</param>
    /// <param name="json">UTF-8.</param>
    public static ConfigNode Parse(SourceFile file, string where, ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            throw file.Refuse($"{where} has {json.Length} bytes; the limit is {MaxBytes}");
        }

        try
        {
            json = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
            CheckTexts(json.Span);
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigNode(file, where, document.RootElement.Clone())
                : throw file.Refuse($"{where} is {Show(document.RootElement)}; expected an object");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw file.Refuse($"{where} is not valid JSON: {QuotedText.Of(fault.Message)}");
        }
    }

    /// <summary>A refusal of this object.</summary>
    public ModelFileException Refuse(string fault) => File.Refuse($"{Where}: {fault}");

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The value of a key; null where it is missing or null.</summary>
    public JsonElement? Find(string key) =>
        Element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A text; null where it is missing.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw Wrong(key, value, "a text"),
    };

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool usual) => Find(key) switch
    {
        null => usual,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw Wrong(key, value, "true or false"),
    };

    /// <summary>A number; Keras also writes <c>{"value": 0.3}</c>.</summary>
    public double? Number(string key)
    {
        JsonElement? found = Find(key);
        if (found is not { } value)
        {
            return null;
        }

        JsonElement number = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("value", out JsonElement inner)
            ? inner
            : value;
        return number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out double result) && float.IsFinite((float)result)
            ? result
            : throw Wrong(key, value, "a number");
    }

    /// <summary>An object; null where it is missing.</summary>
    public ConfigNode? Object(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => this with { Element = value },
        { } value => throw Wrong(key, value, "an object"),
    };

    /// <summary>The items of an array; Keras also writes a tuple as <c>{"class_name": "__tuple__", "items": […]}</c>.</summary>
    public IReadOnlyList<JsonElement>? Items(string key)
    {
        JsonElement? found = Find(key);
        if (found is not { } value)
        {
            return null;
        }

        JsonElement items = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("items", out JsonElement inner)
            ? inner
            : value;
        return items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()] : throw Wrong(key, value, "an array");
    }

    /// <summary>Sizes, null where one is left open; null where the key is missing. At most 8 of them.</summary>
    public int?[]? Shape(string key)
    {
        if (Items(key) is not { } items)
        {
            return null;
        }

        if (items.Count > 8)
        {
            throw Refuse($"'{key}' has {items.Count} sizes; expected [batch, samples, features]");
        }

        int?[] shape = new int?[items.Count];
        for (int k = 0; k < shape.Length; k++)
        {
            shape[k] = items[k] switch
            {
                { ValueKind: JsonValueKind.Null } => null,
                { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out int size) && size >= -1 => size,
                _ => throw Wrong(key, items[k], "a size"),
            };
        }

        return shape;
    }

    /// <summary>A whole number, alone or as the only item of an array, as Keras writes kernel sizes.</summary>
    public int Whole(string key, int usual)
    {
        JsonElement? found = Find(key);
        if (found is { ValueKind: JsonValueKind.Array or JsonValueKind.Object } list)
        {
            found = Items(key) is [{ } only] ? only : throw Wrong(key, list, "one whole number");
        }

        return found switch
        {
            null => usual,
            { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) => number,
            { } value => throw Wrong(key, value, "a whole number"),
        };
    }

    /// <summary>The refusal of a value of the wrong kind.</summary>
    public ModelFileException Wrong(string key, JsonElement found, string expected) =>
        Refuse($"'{key}' is {Show(found)}; expected {expected}");

    /// <summary>A value as a message shows it.</summary>
    public static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"'{QuotedText.Of(value.GetString()!)}'",
        _ => QuotedText.Of(value.GetRawText()),
    };

    // An escaped half of a surrogate pair is JSON but no text: found here, once, and not wherever a key is looked up.
    private static void CheckTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                reader.GetString();
            }
        }
    }
}
