// The retained messages of a few topics, as the broker gives them to whoever subscribes.

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Keeps the first message of each topic. Used by the thread of the connection.</summary>
/// <param name="topics">The topics, null-terminated as the C library wants them.</param>
internal sealed class RetainedMessages(params byte[][] topics)
{
    /// <summary>Bytes of a message at most; a longer one is left out.</summary>
    public const int MessageLimitBytes = 4 << 20;

    private readonly byte[]?[] _messages = new byte[]?[topics.Length];

    /// <summary>The topics to subscribe to.</summary>
    public IReadOnlyList<byte[]> Topics => topics;

    /// <summary>Whether every topic has had one.</summary>
    public bool AreAll => Array.TrueForAll(_messages, message => message is not null);

    /// <summary>The message of a topic; null for none.</summary>
    /// <param name="topic">Position among the topics.</param>
    public byte[]? Of(int topic) => _messages[topic];

    /// <summary>Takes a message; false where its topic is none of these.</summary>
    public bool TryTake(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        for (int i = 0; i < topics.Length; i++)
        {
            if (topic.SequenceEqual(topics[i].AsSpan(0, topics[i].Length - 1)))
            {
                _messages[i] ??= payload.Length <= MessageLimitBytes ? payload.ToArray() : null;
                return true;
            }
        }

        return false;
    }
}
