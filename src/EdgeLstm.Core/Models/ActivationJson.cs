// An activation in JSON: a text such as "tanh" or "hardSigmoid(0.2, 0.5)".

using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>Reads and writes an activation as its text.</summary>
internal sealed class ActivationJson : JsonConverter<ActivationFunction>
{
    public override ActivationFunction Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return ActivationFunction.TryParse(text, out ActivationFunction function)
            ? function
            : throw new JsonException("must be an activation such as tanh or hardSigmoid(0.2, 0.5)");
    }

    public override void Write(Utf8JsonWriter writer, ActivationFunction value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
