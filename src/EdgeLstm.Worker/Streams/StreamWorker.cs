// The thread of one stream: waits for bytes in one place, hands them to the pipeline, and says that it is alive.

using EdgeLstm.Core.State;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Streams;

/// <summary>Runs one stream from its source to the publisher's ring.</summary>
public sealed class StreamWorker : IDisposable
{
    private const int LongestWaitMs = 500;
    private const int BufferBytes = 16 * 1024;
    private const long SilenceNs = 5_000_000_000;
    private const long AccountNs = 1_000_000_000;

    private readonly ByteSource _source;
    private readonly StreamPipeline _pipeline;
    private readonly ILogger _logger;
    private readonly StateFile? _stateFile;
    private readonly TimeProvider _wall;
    private readonly Thread _thread;
    private readonly int _waitMs;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private volatile bool _stopping;
    private bool _saidSource;
    private long _progress;

    /// <param name="stream">The stream.</param>
    /// <param name="source">Where its bytes come from; disposed with the worker.</param>
    /// <param name="pipeline">What happens to them.</param>
    /// <param name="stateFile">Where its state is kept between runs; null for nowhere.</param>
    /// <param name="wall">The system's clock.</param>
    /// <param name="logger">Where state changes are said.</param>
    public StreamWorker(
        StreamPlan stream, ByteSource source, StreamPipeline pipeline, StateFile? stateFile, TimeProvider wall, ILogger logger)
    {
        Stream = stream;
        _source = source;
        _pipeline = pipeline;
        _stateFile = source.HasRecordedTime ? null : stateFile;
        _wall = wall;
        _logger = logger;
        _waitMs = (int)Math.Clamp(stream.SamplePeriodMs / 2, 1, LongestWaitMs);
        _thread = new Thread(Run) { IsBackground = true, Name = stream.Settings.Name };
    }

    /// <summary>The stream that is run.</summary>
    public StreamPlan Stream { get; }

    /// <summary>Where its bytes come from, for counters.</summary>
    public ByteSource Source => _source;

    /// <summary>What happens to them, for counters.</summary>
    public StreamPipeline Pipeline => _pipeline;

    /// <summary>Rises at least twice a second while the thread does its work; the watchdog looks at nothing else.</summary>
    public long Progress => Volatile.Read(ref _progress);

    /// <summary>True when the source has no more to give or the thread failed.</summary>
    public bool Ended { get; private set; }

    /// <summary>What made the thread fail; null while it has not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Says that the thread waits for room among its records, which is progress; false when it is to stop.</summary>
    public bool KeepsWaiting()
    {
        Volatile.Write(ref _progress, _progress + 1);
        return !_stopping;
    }

    /// <summary>Takes back a saved state if there is a usable one, then starts the thread.</summary>
    public void Start()
    {
        Restore();
        _thread.Start();
    }

    /// <summary>Ends the thread and saves the state.</summary>
    /// <param name="limit">How long to wait for the thread.</param>
    public void Stop(TimeSpan limit)
    {
        _stopping = true;
        _source.Wake();
        if (!_thread.Join(limit))
        {
            WorkerLog.StreamStuck(_logger, Stream.Settings.Name, limit.TotalSeconds);
            return;
        }

        Save();
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void Run()
    {
        try
        {
            Loop();
        }
        // A fault of one stream must not take the others down; the watchdog sees that this one makes no more progress.
        catch (Exception failure)
        {
            Failure = failure;
            WorkerLog.StreamFailed(_logger, Stream.Settings.Name, failure);
        }

        Ended = true;
    }

    private void Loop()
    {
        long startedNs = ByteSource.MonotonicNs();
        long accountNs = startedNs;
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        bool silenceSaid = false;
        while (!_stopping)
        {
            Volatile.Write(ref _progress, _progress + 1);
            SourceRead found = _source.Read(_buffer, _waitMs, out int count, out long timeNs);
            switch (found)
            {
                case SourceRead.Data:
                    SayWhatIsRead();
                    _pipeline.Process(_buffer.AsSpan(0, count), timeNs);
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
        }
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

    private void Restore()
    {
        if (_stateFile is null)
        {
            return;
        }

        double maxAgeMs = MaxAgePeriods * Stream.SamplePeriodMs;
        StateVerdict verdict = _stateFile.Load(_wall.GetUtcNow().ToUnixTimeMilliseconds(), maxAgeMs, out byte[] state);
        if (verdict is StateVerdict.Usable or StateVerdict.Old && TryRestore(state, goesOn: verdict == StateVerdict.Usable))
        {
            WorkerLog.StateRestored(_logger, Stream.Settings.Name, _stateFile.Path, verdict == StateVerdict.Usable
                ? "it goes on"
                : "it is old: what was learned is kept, and the stream warms up");
        }
        else if (verdict != StateVerdict.Absent)
        {
            StateVerdict said = verdict == StateVerdict.Foreign ? verdict : StateVerdict.Damaged;
            WorkerLog.StateRefused(_logger, Stream.Settings.Name, _stateFile.Path, said);
        }
    }

    // A state that is whole but of another shape must not keep the service from starting, nor leave half of itself behind.
    private bool TryRestore(byte[] state, bool goesOn)
    {
        StateWriter fresh = new();
        _pipeline.Save(fresh);
        try
        {
            StateReader reader = new(state);
            _pipeline.Restore(ref reader, goesOn);
            return true;
        }
        catch (FormatException)
        {
            StateReader reader = new(fresh.Written);
            _pipeline.Restore(ref reader);
            return false;
        }
    }

    /// <summary>Oldest state that goes on as if nothing had happened, in sample periods; of an older one only what was learned is
    /// restored.</summary>
    public int MaxAgePeriods { get; init; } = 1000;

    private void Save()
    {
        if (_stateFile is null || Failure is not null)
        {
            return;
        }

        try
        {
            StateWriter writer = new();
            _pipeline.Save(writer);
            _stateFile.Save(writer.Written, _wall.GetUtcNow().ToUnixTimeMilliseconds());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            WorkerLog.StateNotSaved(_logger, Stream.Settings.Name, _stateFile.Path, failure.Message);
        }
    }
}
