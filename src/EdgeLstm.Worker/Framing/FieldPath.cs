// Where a value stands in a record: a name, a dotted path ("bme.temperature") or a 0-based index, written as text or as a number.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeLstm.Worker.Framing;

/// <summary>A name, a dotted path or a 0-based index.</summary>
/// <param name="Text">As written; an index in decimal digits. Empty when the file held neither text nor a whole number.</param>
[JsonConverter(typeof(FieldPathConverter))]
public sealed record FieldPath(string Text)
{
    /// <summary>The index that <paramref name="text"/> is, or −1 when it is a name.</summary>
    public static int IndexOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : -1;
}

/// <summary>Accepts <c>"temperature"</c>, <c>"bme.temperature"</c>, <c>"0"</c> and <c>0</c>; anything else becomes the empty
/// path.</summary>
public sealed class FieldPathConverter : JsonConverter<FieldPath>
{
    /// <inheritdoc/>
    public override FieldPath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return new FieldPath(reader.GetString() ?? "");
            case JsonTokenType.Number when reader.TryGetInt32(out int index) && index >= 0:
                return new FieldPath(index.ToString(CultureInfo.InvariantCulture));
            default:
                reader.Skip();   // the rules of a profile report the empty path with its place in the file
                return new FieldPath("");
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FieldPath value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Text);
}
