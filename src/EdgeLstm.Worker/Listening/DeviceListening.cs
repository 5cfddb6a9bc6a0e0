// Listening to all streams of a configuration at the same time, where that disturbs nobody.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Listening;

/// <summary>One stream: what was heard, or why it was not listened to.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Heard">What arrived; null when it was not listened to.</param>
/// <param name="NotHeard">Why not; empty when it was.</param>
internal sealed record StreamHearing(StreamPlan Stream, StreamListener? Heard, string NotHeard);

/// <summary>Opens the sources of a configuration and listens to each in a thread of its own.</summary>
internal static class DeviceListening
{
    /// <summary>Listens to the streams of a configuration.</summary>
    /// <param name="plan">The configuration.</param>
    /// <param name="seconds">How long; null for what each stream needs.</param>
    /// <param name="isFaulty">True for streams whose source has been found faulty already.</param>
    public static IReadOnlyList<StreamHearing> Run(DevicePlan plan, double? seconds, Predicate<StreamPlan> isFaulty)
    {
        List<StreamHearing> hearings = [];
        List<ByteSource> opened = [];
        TopicRouter topics = new();
        using (SensorSources sources = new(topics))
        {
            foreach (StreamPlan stream in plan.Streams)
            {
                hearings.Add(Open(stream, seconds, sources, opened, isFaulty(stream)));
            }

            sources.Start();
            using BrokerTopics? broker = Connect(plan.Settings, topics);
            broker?.Start();
            ListenAll(hearings);
        }

        opened.ForEach(source => source.Dispose());
        return hearings;
    }

    // Null where no stream reads topics, or where there is no broker to ask: then its own check says why.
    private static BrokerTopics? Connect(Settings settings, TopicRouter topics)
    {
        try
        {
            return topics.Filters.Length == 0 ? null : new BrokerTopics(settings, topics);
        }
        catch (Exception failure) when (failure is MqttException or IOException or UnauthorizedAccessException)
        {
            topics.LoseBroker();
            return null;
        }
    }

    private static StreamHearing Open(
        StreamPlan stream, double? seconds, SensorSources sources, List<ByteSource> opened, bool faulty)
    {
        string? reason = faulty ? "its source has a fault" : ReasonAgainst(stream);
        if (reason is not null)
        {
            return new StreamHearing(stream, null, reason);
        }

        try
        {
            ByteSource source = sources.Open(AtFullSpeed(stream));
            opened.Add(source);
            return new StreamHearing(
                stream, new StreamListener(stream, source, seconds ?? StreamListener.DefaultSecondsFor(stream)), "");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new StreamHearing(stream, null, failure.Message);
        }
    }

    // Null where a stream can be listened to without taking anything from a service that runs.
    private static string? ReasonAgainst(StreamPlan stream)
    {
        SourceSettings source = stream.Settings.Source;
        return source.Kind switch
        {
            "stdin" => "what stands on standard input is for the service",
            "i2c" when PortHolder.Find(source.Port!) is { } holder =>
                $"{source.Port} is in use by {holder}, which a second master would disturb",
            _ => null,
        };
    }

    private static StreamPlan AtFullSpeed(StreamPlan stream) => stream.Settings.Source.Kind == "replay"
        ? stream with { Settings = stream.Settings with { Source = stream.Settings.Source with { Speed = 0 } } }
        : stream;

    private static void ListenAll(List<StreamHearing> hearings)
    {
        List<Thread> threads = [];
        foreach (StreamHearing hearing in hearings)
        {
            if (hearing.Heard is { } listener)
            {
                Thread thread = new(listener.Run) { IsBackground = true, Name = hearing.Stream.Settings.Name };
                threads.Add(thread);
                thread.Start();
            }
        }

        threads.ForEach(thread => thread.Join());
    }
}
