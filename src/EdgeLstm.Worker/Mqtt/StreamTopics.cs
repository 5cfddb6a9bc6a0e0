// The topics of one stream's records, null-terminated.

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Made once for each stream.</summary>
/// <param name="topics">The device's topics.</param>
/// <param name="stream">Name of the stream.</param>
internal sealed class StreamTopics(MqttTopics topics, string stream)
{
    /// <summary>The newest record.</summary>
    public byte[] State { get; } = MqttTopics.Encode(topics.StreamName(stream, "state"));

    /// <summary>Alarms, a stream lost or back.</summary>
    public byte[] Event { get; } = MqttTopics.Encode(topics.StreamName(stream, "event"));

    /// <summary>What the broker missed.</summary>
    public byte[] History { get; } = MqttTopics.Encode(topics.StreamName(stream, "history"));
}
