// Opens a JSON file of another program; a fault in it is told with its line and the byte in that line.

using System.Text.Json;
using System.Text.Unicode;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import;

/// <summary>Reads JSON text that a stranger wrote.</summary>
/// <remarks>Memory: the document's index takes twelve bytes for each value, a small multiple of the text.</remarks>
internal static class JsonSource
{
    /// <summary>Deepest nesting of objects and arrays.</summary>
    public const int MaxDepth = 64;

    /// <summary>Opens a file that holds one JSON value, with or without a byte order mark.</summary>
    /// <exception cref="ModelFileException">It is no JSON, or nested deeper than <see cref="MaxDepth"/>.</exception>
    public static JsonDocument Open(SourceFile file) => Parse(file, "", WithoutMark(file.Bytes));

    /// <summary>Opens JSON text that lies inside a file.</summary>
    /// <param name="file">The file it lies in.</param>
    /// <param name="item">What it is, for messages: <c>config.json</c>.</param>
    /// <param name="json">The text, UTF-8.</param>
    public static JsonDocument Open(SourceFile file, string item, ReadOnlyMemory<byte> json) => Parse(file, item, json);

    /// <summary>Whether a file may be JSON: after a byte order mark and white space comes <c>{</c> or <c>[</c>.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        bytes = bytes.TrimStart(" \t\r\n"u8);
        return bytes.Length > 0 && bytes[0] is (byte)'{' or (byte)'[';
    }

    /// <summary>The property of an object; refuses where there is none.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="item">What the object is, for messages: <c>layer 2</c>.</param>
    /// <param name="parent">The object.</param>
    /// <param name="name">The property.</param>
    public static JsonElement Member(SourceFile file, string item, JsonElement parent, string name)
    {
        if (parent.ValueKind != JsonValueKind.Object)
        {
            throw file.Refuse($"{item} is {Kind(parent)}; expected an object with '{name}'");
        }

        return parent.TryGetProperty(name, out JsonElement value) ? value : throw file.Refuse($"{item} lacks '{name}'");
    }

    /// <summary>A whole number within bounds, as <c>8</c> or <c>8.0</c>.</summary>
    public static int Whole(SourceFile file, string item, JsonElement value, int least, int most)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= least && number <= most
            && Math.Floor(number) == number)
        {
            return (int)number;
        }

        throw file.Refuse($"{item} is {Shown(value)}; expected a whole number from {least} to {most}");
    }

    /// <summary>The text of a string; refuses anything else.</summary>
    public static string Text(SourceFile file, string item, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString()!;
        }

        throw file.Refuse($"{item} is {Kind(value)}; expected a text");
    }

    /// <summary>A value as a message shows it.</summary>
    public static string Shown(JsonElement value) => value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
        ? Kind(value)
        : QuotedText.Of(value.GetRawText());

    /// <summary>What a value is, in words.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"an array of {value.GetArrayLength()}",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static JsonDocument Parse(SourceFile file, string item, ReadOnlyMemory<byte> json)
    {
        string place = item.Length == 0 ? "" : $"{item}, ";
        if (!Utf8.IsValid(json.Span))
        {
            throw file.Refuse($"{place}is no UTF-8 text; expected JSON");
        }

        try
        {
            CheckEscapes(file, place, json.Span);
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException fault)
        {
            throw file.Refuse($"{place}line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}: is no valid JSON "
                + $"({QuotedText.Of(Sentence(fault.Message))}); expected JSON nested at most {MaxDepth} deep. "
                + "Is the file whole? Copy or export it again");
        }
    }

    // An escape may be half a character (\ud800 alone), at which the framework's accessors would throw later.
    private static void CheckEscapes(SourceFile file, string place, ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                RefuseHalfCharacter(file, place, ref reader);
            }
        }
    }

    private static void RefuseHalfCharacter(SourceFile file, string place, ref Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
        }
        catch (InvalidOperationException)
        {
            throw file.Refuse($"{place}byte {reader.TokenStartIndex + 1}: the text has an escape that is half a character");
        }
    }

    private static ReadOnlyMemory<byte> WithoutMark(byte[] bytes) =>
        bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;

    // The framework's message repeats the place behind its first sentence.
    private static string Sentence(string message)
    {
        int end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message.TrimEnd('.') : message[..end];
    }
}
