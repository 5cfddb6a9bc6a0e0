// What the link tests share: options, a stream with its ring, records, and a log that can be read.

using System.Diagnostics;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Tests.Mqtt;

/// <summary>Remembers every line.</summary>
internal sealed class LineLogger : ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get { lock (_lines) { return [.. _lines]; } }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add($"{logLevel}: {formatter(state, exception)}");
        }
    }
}

/// <summary>One link with one stream, `pump`, of two channels: temperature with three quantiles, pressure with a band.</summary>
internal sealed class LinkBench : IDisposable
{
    public const string Boot = "1a2b3c4d";
    public const string State = "edgelstm/pi/pump/state";
    public const string Event = "edgelstm/pi/pump/event";
    public const string History = "edgelstm/pi/pump/history";
    public const string Status = "edgelstm/pi/status";

    private readonly StreamRecord _record = new(2, 5);

    public LinkBench(MqttOptions options, int ring = 1024, int backlog = 1000, double samplePeriodMs = 1000,
        TopicRouter? sources = null)
    {
        Outlet = NewOutlet(ring, backlog, samplePeriodMs);
        Link = new MqttLink(options, "pi", Boot, [Outlet], json => json.WriteNumber("uptimeS", 1), Log, sources);
        Link.Start();
    }

    public StreamOutlet Outlet { get; }

    public MqttLink Link { get; }

    public LineLogger Log { get; } = new();

    public long Sequence { get; private set; }

    public static MqttOptions Options(int port) => new("127.0.0.1", port, null, null, null, null, 5, "edgelstm", false,
        "homeassistant", 20, 100_000, Driver: MosquittoBroker.Driver);

    public static StreamOutlet NewOutlet(int ring = 64, int backlog = 100, double samplePeriodMs = 1000) => new(
        "pump",
        "pump-gru",
        samplePeriodMs,
        [new ChannelInfo("temperature", "°C"), new ChannelInfo("pressure", "furlong")],
        [
            new OutputInfo("temperature", "°C", 1, 0.05),
            new OutputInfo("temperature", "°C", 1, 0.5),
            new OutputInfo("temperature", "°C", 1, 0.95),
            new OutputInfo("pressure", "furlong", 6, null),
            new OutputInfo("wear", "1", 0, null),
        ],
        0.9,
        new RecordRing(ring, 2, 5),
        backlog);

    public static bool Eventually(Func<bool> condition, int seconds = 20) =>
        SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(seconds));

    public static void Fill(StreamRecord record, long sequence, StreamEvent happened = StreamEvent.None)
    {
        record.Sequence = sequence;
        record.TimestampUnixMs = 1_763_690_000_000 + sequence;
        record.Status = StreamStatus.Live;
        record.Event = happened;
        record.Alarm = happened == StreamEvent.AlarmRaised ? AlarmState.Raised : AlarmState.Clear;
        record.Score = 1.23f;
        record.Threshold = 4.5f;
        record.Incident = new AlarmIncident(1_763_690_000_001, 1_763_690_000_002, 1_763_690_000_003, 6.5f);
        record.Contributions[0] = 0.75f;
        record.Contributions[1] = 0.25f;
        record.Values[0] = 81.2f;
        record.Values[1] = 0.001f * sequence;
        record.Residuals[0] = -0.1f;
        record.Residuals[1] = float.NaN;
        record.Outputs.Fill(80f);
        record.Outputs[1] = 81.3f;
        record.Low.Fill(float.NaN);
        record.High.Fill(float.NaN);
        record.Low[3] = 79f;
        record.High[3] = 82f;
    }

    /// <summary>Appends records as the pipeline does; returns when the last was appended, in Stopwatch ticks.</summary>
    public long Append(int count = 1, StreamEvent happened = StreamEvent.None)
    {
        long now = 0;
        for (int i = 0; i < count; i++)
        {
            Fill(_record, ++Sequence, happened);
            now = Stopwatch.GetTimestamp();
            Outlet.Live.Append(_record);
            Link.Wake();
        }

        return now;
    }

    public void WaitConnected() => Assert.True(Eventually(() => Link.Connected), string.Join('\n', Log.Lines));

    public string Describe() => $"published {Link.Published}, acknowledged {Link.Acknowledged}, live {Outlet.Live.Count}, "
        + $"backlog {Link.BacklogRecords}, dropped {Link.DroppedRecords}, connected {Link.Connected}; "
        + $"{string.Join('\n', Log.Lines)}";

    public void Dispose() => Link.Dispose();
}
