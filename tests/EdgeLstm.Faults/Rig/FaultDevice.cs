// One device: a folder, a broker, a link that can be broken, a subscriber, and a sensor whose k-th sample has the value k.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EdgeLstm.Worker.Tests;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Faults.Rig;

/// <summary>Knows exactly what was handed over to the program, and so what is missing at the subscriber.</summary>
internal sealed class FaultDevice : IDisposable
{
    /// <summary>Beyond the flush interval: what was written this much earlier than a kill was taken in and flushed.</summary>
    public const int ScheduleSlackMs = 500;

    // So long that no pause between two lines is a gap: every line is one sample.
    private const double SamplePeriodMs = 600_000;
    private const int BatchLines = 100;

    private static int _count;

    private readonly MosquittoBroker? _ownBroker;
    private readonly SerialPair? _port;
    private readonly List<long> _writtenTicks = [];
    private readonly HashSet<int> _mayBeMissing = [];
    private WorkerProcess? _process;

    /// <param name="broker">A started broker.</param>
    /// <param name="isSerial">Samples come over a serial line, which cannot wait; otherwise through standard input.</param>
    /// <param name="login">The subscriber's user and password; null for none.</param>
    public FaultDevice(MosquittoBroker broker, bool isSerial = true, (string User, string Password)? login = null)
    {
        // Of one length, so that all CONNECTs have one.
        Name = string.Create(CultureInfo.InvariantCulture, $"pi{Interlocked.Increment(ref _count):D4}");
        Broker = broker;
        Folder = Directory.CreateTempSubdirectory("edgelstm-faults-").FullName;
        _port = isSerial ? new SerialPair() : null;
        Link = new FaultyLink(broker.Port);
        Subscriber = new RecordSubscriber(broker.Port, Name, login);
        Mqtt = new JsonObject
        {
            ["host"] = "127.0.0.1",
            ["port"] = Link.Port,
            ["healthSeconds"] = 1,
            ["historyRecordsPerSecond"] = 2000,
        };
        if (MosquittoBroker.Driver is not null)
        {
            Mqtt["driver"] = MosquittoBroker.Driver;
        }

        Outbox = OutboxSupport.Missing is null
            ? new JsonObject { ["path"] = OutboxPath, ["flushIntervalMs"] = Counts.FlushIntervalMs }
            : null;
        Directory.CreateDirectory(StateFolder);
        _port?.Write("\n");   // a serial line is read from its first line end on
    }

    private FaultDevice(MosquittoBroker broker, bool isSerial, bool ownsBroker)
        : this(broker, isSerial) => _ownBroker = ownsBroker ? broker : null;

    /// <summary>Name of the device in its topics.</summary>
    public string Name { get; }

    public MosquittoBroker Broker { get; }

    public FaultyLink Link { get; }

    public RecordSubscriber Subscriber { get; }

    /// <summary>Configuration, profile, state.</summary>
    public string Folder { get; }

    public string StateFolder => Path.Combine(Folder, "state");

    /// <summary>Where the program keeps what the broker has not acknowledged.</summary>
    public string OutboxPath { get; set; } = "state/outbox.db";

    /// <summary>Serial lines, a stream each, in the place of the one stream whose samples this class counts; empty for that
    /// one.</summary>
    public List<SoakLine> Lines { get; } = [];

    /// <summary>The configuration's "mqtt".</summary>
    public JsonObject Mqtt { get; }

    /// <summary>The configuration's "outbox"; null for none.</summary>
    public JsonObject? Outbox { get; set; }

    /// <summary>How long the program waits for a synchronised clock, in seconds; 0: it trusts the machine's.</summary>
    public int TimeSyncWaitSeconds { get; set; }

    /// <summary>Samples written so far; their values are 0, 1, … up to this.</summary>
    public int Written => _writtenTicks.Count;

    /// <summary>A device with a broker of its own that anyone may use.</summary>
    public static FaultDevice Launch(bool isSerial = true, params string[] brokerLines) =>
        new(Brokers.Launch(brokerLines), isSerial, ownsBroker: true);

    /// <summary>Starts the program and waits until it takes samples in.</summary>
    public WorkerProcess Start(IReadOnlyDictionary<string, string>? environment = null, long? fileLimitBytes = null)
    {
        string configuration = Path.Combine(Folder, "edgelstm.json");
        File.WriteAllText(configuration, Configuration().ToJsonString());
        _port?.Write("\n");   // the rest of a line that an earlier run began
        _process = new WorkerProcess(["run", configuration], environment, fileLimitBytes);
        Lines.ForEach(line => line.EndLine());
        _process.WaitForLog(_port is null && Lines.Count == 0 ? "edgelstm " : ": reads ", Math.Max(1, Lines.Count));
        return _process;
    }

    /// <summary>The sensor sends so many samples.</summary>
    /// <param name="count">Samples.</param>
    /// <param name="perSecond">At this pace; 0: as fast as the program reads.</param>
    public void Feed(int count, double perSecond = 0)
    {
        long startedTicks = Stopwatch.GetTimestamp();
        int batch = perSecond > 0 ? 1 : BatchLines;
        for (int sent = 0; sent < count; sent += batch)
        {
            double dueMs = perSecond > 0 ? sent * 1000 / perSecond : 0;
            double leftMs = dueMs - Stopwatch.GetElapsedTime(startedTicks).TotalMilliseconds;
            if (leftMs >= 1)
            {
                Pause.For((int)leftMs);
            }

            Write(Math.Min(batch, count - sent));
        }
    }

    /// <summary>Leaves numbers out: to the program a jump, which raises an alarm. Returns the number that comes next.</summary>
    public int Jump(int numbers)
    {
        for (int i = 0; i < numbers; i++)
        {
            _mayBeMissing.Add(Written);
            _writtenTicks.Add(0);
        }

        return Written;
    }

    /// <summary>Feeds on a thread of its own, while the caller breaks something; join it.</summary>
    public Thread FeedAside(int count, double perSecond)
    {
        Thread thread = new(() => Feed(count, perSecond)) { IsBackground = true, Name = "sensor" };
        thread.Start();
        return thread;
    }

    /// <summary>SIGKILL. What was written within the flush interval may be missing from now on.</summary>
    /// <param name="flushIntervalMs">The program's flush interval, in milliseconds.</param>
    public void Kill(int flushIntervalMs)
    {
        long safeTicks = Stopwatch.GetTimestamp() - ((flushIntervalMs + ScheduleSlackMs) * Stopwatch.Frequency / 1000);
        _process!.Kill();
        for (int number = Written - 1; number >= 0 && _writtenTicks[number] > safeTicks; number--)
        {
            _mayBeMissing.Add(number);
        }
    }

    /// <summary>Says that samples were handed over by somebody else: their numbers are the first.</summary>
    public void Adopt(int count) => _writtenTicks.AddRange(new long[count]);

    /// <summary>When a sample was written, in Stopwatch ticks.</summary>
    public long WrittenTicks(int number) => _writtenTicks[number];

    /// <summary>Waits until every sample that was handed over has arrived, then says what is missing.</summary>
    /// <param name="seconds">How long to wait at most.</param>
    /// <param name="isAtBroker">What arrived counts by the PUBACKs that passed the link, not by the subscriber.</param>
    public Tally WaitForAll(int seconds = 60, bool isAtBroker = false)
    {
        int next = 0;
        bool isComplete = isAtBroker
            ? Link.Ledger.Wait(ledger => AreAll(ledger.IsAcknowledged), seconds)
            : Subscriber.Wait(subscriber => AreAll(subscriber.Has), seconds);
        int lost = isComplete ? 0 : Enumerable.Range(next, Written - next).Count(k => !_mayBeMissing.Contains(k) && !Has(k));
        Assert.True(Subscriber.OutOfOrder == 0, $"{Subscriber.OutOfOrder} records came before one that is older");
        Assert.True(Subscriber.Ambiguous == 0, $"{Subscriber.Ambiguous} samples came under two different (boot, seq)");
        Assert.True(lost == 0 || !_process!.HasExited, $"the program has ended:\n{string.Join('\n', _process!.Log)}");
        return new Tally(lost, isAtBroker ? Link.Ledger.RepeatedRecords : Subscriber.Duplicates);

        bool Has(int number) => isAtBroker ? Link.Ledger.IsAcknowledged(number) : Subscriber.Has(number);

        bool AreAll(Func<int, bool> has)
        {
            while (next < Written && (_mayBeMissing.Contains(next) || has(next)))
            {
                next++;
            }

            return next == Written;
        }
    }

    /// <summary>Samples that were handed over and have not arrived.</summary>
    public int CountMissing() =>
        Enumerable.Range(0, Written).Count(number => !_mayBeMissing.Contains(number) && !Subscriber.Has(number));

    /// <inheritdoc/>
    public void Dispose()
    {
        _process?.Dispose();
        Subscriber.Dispose();
        Link.Dispose();
        _ownBroker?.Dispose();
        _port?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void Write(int count)
    {
        StringBuilder lines = new();
        long now = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{Written}\n");
            _writtenTicks.Add(now);
        }

        if (_port is not null)
        {
            _port.Write(lines.ToString());
        }
        else
        {
            _process!.Input.Write(lines);
        }
    }

    private JsonObject Configuration()
    {
        string profile = Path.Combine(Folder, "counter.json");
        File.WriteAllText(profile, """
            {"name":"counter","rateHz":0,"framing":{"kind":"csv"},
             "channels":[{"name":"temperature","unit":"°C","field":0}]}
            """);
        JsonObject[] streams = Lines.Count > 0
            ? [.. Lines.Select(line => Stream(line.Name, profile, line.Path))]
            : [Stream("counter", profile, _port?.Path)];
        JsonObject settings = new()
        {
            ["device"] = Name,
            ["mqtt"] = Mqtt.DeepClone(),
            ["streams"] = new JsonArray(streams),
            ["stateDirectory"] = "state",
            ["timeSyncWaitSeconds"] = TimeSyncWaitSeconds,
        };
        if (Outbox is not null)
        {
            settings["outbox"] = Outbox.DeepClone();
            settings["outbox"]!["path"] = Path.Combine(Folder, OutboxPath);
        }

        return settings;
    }

    private static JsonObject Stream(string name, string profile, string? port)
    {
        JsonObject source = new() { ["kind"] = port is null ? "stdin" : "serial", ["profile"] = profile };
        if (port is not null)
        {
            source["port"] = port;
        }

        return new JsonObject
        {
            ["name"] = name,
            ["source"] = source,
            ["model"] = Path.Combine(RepositoryRoot.Path, "models", "machine-temperature-gru.safetensors"),
            ["samplePeriodMs"] = SamplePeriodMs,
            ["clock"] = new JsonObject { ["resample"] = "each" },
        };
    }
}
