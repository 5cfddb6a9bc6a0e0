// The thread of one stream: waits for bytes in one place, hands them to the pipeline, says that it is alive, and after a failure
// begins anew.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Streams;

/// <summary>Runs one stream from its source to the publisher's ring.</summary>
/// <remarks>
/// An exception of source, decoder, profile or model is a fault of this stream alone: with <see cref="Rebuild"/> the stream is
/// lost, put together anew and started again after 1 s doubling to 60 s, while its thread keeps saying that it is alive.
/// </remarks>
public sealed class StreamWorker : IDisposable
{
    private const int LongestWaitMs = 500;
    private const int BufferBytes = 16 * 1024;
    private const int StableMs = 60_000;
    private const long SilenceNs = 5_000_000_000;
    private const long AccountNs = 1_000_000_000;
    private const long FloodSilenceNs = 60_000_000_000;

    private readonly object _rest = new();   // no Lock: it is waited on
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly int _waitMs;
    private readonly FloodLimit _flood;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly StreamState _state;
    private volatile StreamPlan _stream;
    private volatile ByteSource _source;
    private volatile StreamPipeline _pipeline;
    private volatile Exception? _failure;
    private volatile bool _stopping;
    private ModelExchange? _exchange;
    private bool _saidSource;
    private long _floodSaidNs = long.MinValue;
    private long _progress;

    /// <param name="stream">The stream.</param>
    /// <param name="source">Where its bytes come from; disposed with the worker.</param>
    /// <param name="pipeline">What happens to them.</param>
    /// <param name="stateFile">Where its state is kept between runs; null for nowhere.</param>
    /// <param name="wall">The time of day.</param>
    /// <param name="logger">Where state changes are said.</param>
    public StreamWorker(
        StreamPlan stream, ByteSource source, StreamPipeline pipeline, StateFile? stateFile, WallClock wall, ILogger logger)
    {
        _stream = stream;
        _source = source;
        _pipeline = pipeline;
        _state = new StreamState(wall, logger) { File = source.HasRecordedTime ? null : stateFile };
        _logger = logger;
        _flood = FloodLimit.Of(stream);
        _waitMs = (int)Math.Clamp(stream.SamplePeriodMs / 2, 1, LongestWaitMs);
        _thread = new Thread(Run) { IsBackground = true, Name = stream.Settings.Name };
    }

    /// <summary>The stream that is run.</summary>
    public StreamPlan Stream => _stream;

    /// <summary>Where its bytes come from, for counters.</summary>
    public ByteSource Source => _source;

    /// <summary>What happens to them, for counters.</summary>
    public StreamPipeline Pipeline => _pipeline;

    /// <summary>Puts source and pipeline together again after a failure: takes the stream and the source that failed. Null: the
    /// stream ends with its first failure.</summary>
    public Func<StreamPlan, ByteSource, (ByteSource Source, StreamPipeline Pipeline)>? Rebuild { get; init; }

    /// <summary>Writes the state while the stream runs; null: only at the end.</summary>
    public StateSaver? Saver { get; init; }

    /// <summary>How often, in nanoseconds.</summary>
    public long SavePeriodNs { get; init; } = 60_000_000_000;

    /// <summary>Oldest state that goes on as if nothing had happened, in sample periods; of an older one only what was learned is
    /// restored.</summary>
    public int MaxAgePeriods { get; init; } = 1000;

    /// <summary>Chooses how long to rest after failures.</summary>
    internal RandomBackoff Backoff { private get; init; } = new(Random.Shared, StableMs);

    /// <summary>The stream's records on their way to the broker; null where nobody asks.</summary>
    public RecordRing? Live { get; init; }

    /// <summary>Why there are no samples; null while all is well.</summary>
    public string? Problem => Failure is { } failure
        ? $"the stream failed and is started again: {failure.GetType().Name}: {failure.Message}"
        : _source.Problem;

    /// <summary>Rises at least twice a second while the thread does its work; the watchdog looks at nothing else.</summary>
    public long Progress => Volatile.Read(ref _progress);

    /// <summary>True when the source has no more to give, the thread was told to stop, or it failed for good.</summary>
    public bool Ended { get; private set; }

    /// <summary>What made the stream fail; null before, and while it runs again.</summary>
    public Exception? Failure => _failure;

    /// <summary>Says that the thread waits for room among its records, which is progress; false when it is to stop.</summary>
    public bool KeepsWaiting()
    {
        Volatile.Write(ref _progress, _progress + 1);
        return !_stopping;
    }

    /// <summary>Takes back a saved state if there is a usable one, then starts the thread.</summary>
    /// <param name="ready">Called between the two: nothing of the stream can have been published yet.</param>
    public void Start(Action? ready = null)
    {
        _state.Restore(Stream, _pipeline, MaxAgePeriods);
        ready?.Invoke();
        _thread.Start();
    }

    /// <summary>Has the thread go on with another model from its next sample. Any thread.</summary>
    public void Exchange(ModelExchange exchange)
    {
        Volatile.Write(ref _exchange, exchange);
        _source.Wake();
    }

    /// <summary>Ends the thread and saves the state.</summary>
    /// <param name="limit">How long to wait for the thread.</param>
    /// <returns>False when the thread hangs.</returns>
    public bool Stop(TimeSpan limit)
    {
        lock (_rest)
        {
            _stopping = true;
            Monitor.PulseAll(_rest);
        }

        _source.Wake();
        if (_thread.IsAlive && !_thread.Join(limit))
        {
            WorkerLog.StreamStuck(_logger, Stream.Settings.Name, limit.TotalSeconds);
            return false;
        }

        if (Failure is null)
        {
            _state.Save(Stream.Settings.Name, _pipeline);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void Run()
    {
        bool isWhole = true;
        long startedMs = Environment.TickCount64;
        while (!(isWhole && Succeeds(Loop)) && Rebuild is not null && !_stopping)
        {
            _pipeline.Counters.Restarts++;
            isWhole = Succeeds(Revive);
            Rest(Backoff.NextMs(Environment.TickCount64 - startedMs));
            startedMs = Environment.TickCount64;
        }

        Ended = true;
    }

    private bool Succeeds(Action action)
    {
        try
        {
            action();
            return true;
        }
        // A fault of one stream must not take the others down.
        catch (Exception failure)
        {
            _failure = failure;
            WorkerLog.StreamFailed(_logger, Stream.Settings.Name, failure);
            return false;
        }
    }

    // What failed may be anywhere in them: both are built anew, with a zero state, and say that the stream is lost.
    private void Revive()
    {
        StreamPipeline failed = _pipeline;
        (_source, StreamPipeline pipeline) = Rebuild!(Stream, _source);
        pipeline.Succeed(failed);
        _pipeline = pipeline;
        if (!_source.HasRecordedTime)
        {
            pipeline.ReportSilence(ByteSource.MonotonicNs());
        }
    }

    private void Rest(int restMs)
    {
        WorkerLog.StreamRests(_logger, Stream.Settings.Name, restMs / 1000.0);
        long untilMs = Environment.TickCount64 + restMs;
        lock (_rest)
        {
            for (int leftMs = restMs; leftMs > 0 && KeepsWaiting(); leftMs = (int)(untilMs - Environment.TickCount64))
            {
                Monitor.Wait(_rest, Math.Min(leftMs, LongestWaitMs));
            }
        }
    }

    private void Loop()
    {
        long startedNs = ByteSource.MonotonicNs();
        long accountNs = startedNs;
        long savedNs = startedNs;
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        bool silenceSaid = false;
        while (!_stopping)
        {
            _failure = null;
            Volatile.Write(ref _progress, _progress + 1);
            TakeExchange();
            SourceRead found = _source.Read(_buffer, _waitMs, out int count, out long timeNs);
            switch (found)
            {
                case SourceRead.Data:
                    SayWhatIsRead();
                    Take(_buffer.AsSpan(0, count), timeNs);
                    break;
                case SourceRead.Lost:
                    WorkerLog.SourceLost(_logger, Stream.Settings.Name, _source.Description, _source.Problem);
                    break;
                case SourceRead.Back:
                    WorkerLog.SourceBack(_logger, Stream.Settings.Name, _source.Description);
                    _pipeline.Rejoin();
                    break;
                case SourceRead.End:
                    WorkerLog.SourceEnded(_logger, Stream.Settings.Name, _source.Description, _pipeline.Counters.Steps);
                    return;
                default:
                    break;
            }

            long nowNs = ByteSource.MonotonicNs();
            if (found != SourceRead.Data && !_source.HasRecordedTime)
            {
                _pipeline.Advance(nowNs);
            }

            // Bytes that hold no reading are silence too.
            if (!silenceSaid && _pipeline.Counters.Steps == 0 && nowNs - startedNs > SilenceLimitNs())
            {
                silenceSaid = true;
                _pipeline.ReportSilence(nowNs);
            }

            if (nowNs - accountNs > AccountNs)
            {
                accountNs = nowNs;
                _pipeline.Counters.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
            }

            if (nowNs - savedNs > SavePeriodNs)
            {
                savedNs = nowNs;
                if (Saver is { } saver)
                {
                    _state.Offer(Stream.Settings.Name, _pipeline, saver);
                }
            }
        }
    }

    private void Take(ReadOnlySpan<byte> received, long timeNs)
    {
        if (_flood.Admits(received.Length, timeNs))
        {
            _pipeline.Process(received, timeNs);
            return;
        }

        // The frame that was begun has lost its rest.
        _pipeline.Counters.FloodedBytes += received.Length;
        _pipeline.Frames.Restart(atFrameStart: false);
        if (_floodSaidNs == long.MinValue || timeNs - _floodSaidNs > FloodSilenceNs)
        {
            _floodSaidNs = timeNs;
            WorkerLog.Flooded(_logger, Stream.Settings.Name, _source.Description, _flood.BytesPerSecond);
        }
    }

    private void TakeExchange()
    {
        if (Volatile.Read(ref _exchange) is null)
        {
            return;
        }

        ModelExchange exchange = Interlocked.Exchange(ref _exchange, null)!;
        _pipeline.Exchange(exchange.Parts);
        _state.File = _source.HasRecordedTime ? null : exchange.StateFile;
        _stream = exchange.Stream;
        WorkerLog.ModelExchanged(_logger, Stream.Settings.Name, Stream.Manifest.Name, Stream.Model?.Sha256 ?? "");
    }

    // Nothing is wrong with a sensor that measures every ten seconds and has not yet; a source that says what is wrong, or
    // readings that cannot be read, need no patience.
    private long SilenceLimitNs()
    {
        bool isAmiss = _source.Problem is not null || _pipeline.Profile.Rejected > 0;
        double periodMs = Math.Max(Stream.SamplePeriodMs, Stream.ReadingsHz > 0 ? 1000 / Stream.ReadingsHz : 0);
        return isAmiss ? SilenceNs : Math.Max(SilenceNs, (long)(2e6 * periodMs));
    }

    // With the first bytes: a description may say how the source found to read, such as polled for want of rights to capture.
    private void SayWhatIsRead()
    {
        if (!_saidSource)
        {
            _saidSource = true;
            WorkerLog.SourceRead(_logger, Stream.Settings.Name, _source.Description);
        }
    }
}
