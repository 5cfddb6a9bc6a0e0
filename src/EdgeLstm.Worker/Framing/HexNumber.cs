// A whole number that people write in hexadecimal: an address, a register, a polynomial. JSON knows decimal only.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeLstm.Worker.Framing;

/// <summary>A whole number from 0 to 2³² − 1, written as 104 or "0x68".</summary>
/// <param name="Value">The number; −1 when the file held anything else, which the rules of the profile report.</param>
[JsonConverter(typeof(HexNumberConverter))]
public sealed record HexNumber(long Value)
{
    /// <summary>As data sheets write it: 0x68.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:X2}");
}

/// <summary>Accepts <c>104</c> and <c>"0x68"</c>; anything else becomes −1.</summary>
public sealed class HexNumberConverter : JsonConverter<HexNumber>
{
    private const string Prefix = "0x";

    /// <inheritdoc/>
    public override HexNumber Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return new HexNumber(Parse(reader.GetString() ?? ""));
            case JsonTokenType.Number when reader.TryGetUInt32(out uint number):
                return new HexNumber(number);
            default:
                reader.Skip();
                return new HexNumber(-1);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, HexNumber value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());

    private static long Parse(string text) =>
        text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            && uint.TryParse(
                text.AsSpan(Prefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            ? value
            : -1;
}
