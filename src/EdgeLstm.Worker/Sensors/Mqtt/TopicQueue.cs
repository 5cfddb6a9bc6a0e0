// The queue between the broker's connection and a stream: how long a message may be, and how many wait.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Sizes by what the profile reads; a full queue drops its oldest message, counted. Its memory is touched only as far as
/// messages really wait.</summary>
internal static class TopicQueue
{
    /// <summary>Longest message of any stream, in bytes.</summary>
    public const int MessageLimitBytes = 16 * 1024;

    private const int QueueBytes = 1024 * 1024;
    private const int LeastMessages = 8;
    private const int MostMessages = 256;

    /// <summary>Longest message of a profile, in bytes; a longer one is dropped and counted.</summary>
    public static int LongestMessage(SensorProfile profile)
    {
        FramingProfile framing = profile.FramingOrValues;
        int usual = framing.Kind switch { "number" => 64, "binary" => 512, "csv" => 1024, _ => 4096 };
        return Math.Min(framing.MaxFrameBytes ?? usual, MessageLimitBytes);
    }

    /// <summary>A queue for one stream.</summary>
    /// <param name="topic">What is read, for logs.</param>
    /// <param name="longestMessage">In bytes.</param>
    public static QueuedSource Create(string topic, int longestMessage) =>
        new($"topic {topic}", longestMessage, Math.Clamp(QueueBytes / longestMessage, LeastMessages, MostMessages));
}
