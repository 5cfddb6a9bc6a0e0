// Holds every message of a subscriber against messages.schema.json.

using System.Text.Json;
using EdgeLstm.Worker.Tests.Schema;

namespace EdgeLstm.Worker.Tests.Mqtt;

public static class PublishedMessages
{
    private static readonly JsonSchema Schema = JsonSchema.Load("src/EdgeLstm.Worker/Mqtt/messages.schema.json");

    /// <summary>Fails for an unknown topic and for a payload that breaks the topic's definition.</summary>
    public static void ShouldAllKeepTheSchema(IEnumerable<MqttMessage> messages)
    {
        foreach (MqttMessage message in messages)
        {
            string definition = DefinitionOf(message.Topic);
            JsonElement value = definition == "status" ? JsonSerializer.SerializeToElement(message.Text) : message.Json;
            IReadOnlyList<string> problems = Schema.Validate(value, definition);
            Assert.True(problems.Count == 0, $"{message.Topic} {message.Text}\n{string.Join('\n', problems)}");
        }
    }

    private static string DefinitionOf(string topic) => topic.Split('/') switch
    {
        [.., "response", "ping"] => "pingResponse",
        [.., "response", "health"] => "healthResponse",
        [.., "response", "reload"] => "reloadResponse",
        [_, _, _, "state"] => "state",
        [_, _, _, "history"] => "history",
        [_, _, _, "event"] => "event",
        [_, _, "status"] => "status",
        [_, _, "health"] => "health",
        [_, "device", _, "config"] => "discovery",
        _ => throw new ArgumentException($"no definition for topic '{topic}'", nameof(topic)),
    };
}
