// Writes the states of streams while they run:  stream thread: snapshot in memory → this thread: file, flush, rename.

using EdgeLstm.Core.State;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Streams;

/// <summary>One stream's state on its way to its file. Taken by the stream's thread, written by the saver's.</summary>
public sealed class StateSnapshot
{
    private readonly object _gate = new();   // no Lock: it is waited on
    private bool _isBusy;

    /// <summary>The state; belongs to the saver while the snapshot is busy.</summary>
    internal StateWriter Writer { get; } = new();

    internal StateFile? File { get; private set; }

    internal StateMoment Taken { get; private set; }

    internal string Stream { get; private set; } = "";

    /// <summary>Whether the last one is written.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return !_isBusy;
            }
        }
    }

    /// <summary>Says what the writer holds now, and that it waits for the saver.</summary>
    internal void Seal(StateFile file, string stream, in StateMoment taken)
    {
        lock (_gate)
        {
            (File, Stream, Taken, _isBusy) = (file, stream, taken, true);
        }
    }

    /// <summary>Says that it is written, or given up.</summary>
    internal void Release()
    {
        lock (_gate)
        {
            _isBusy = false;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until the last one is written, so that a later state is not overwritten by it.</summary>
    public void Wait(TimeSpan limit)
    {
        lock (_gate)
        {
            if (_isBusy)
            {
                Monitor.Wait(_gate, limit);
            }
        }
    }
}

/// <summary>One thread for the states of all streams: a slow disk holds up no sample. At most one state of a stream
/// waits.</summary>
/// <param name="logger">Gets a line where a state cannot be written, once until one can.</param>
public sealed class StateSaver(ILogger logger) : IDisposable
{
    private readonly object _gate = new();   // no Lock: it is waited on
    private readonly Queue<StateSnapshot> _waiting = new();
    private Thread? _thread;
    private bool _ended;
    private bool _fails;
    private long _saved;
    private long _savedBytes;
    private long _failed;

    /// <summary>States written.</summary>
    public long Saved => Interlocked.Read(ref _saved);

    /// <summary>Bytes of them.</summary>
    public long SavedBytes => Interlocked.Read(ref _savedBytes);

    /// <summary>States that could not be written.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "state" };
        _thread.Start();
    }

    /// <summary>Takes a sealed snapshot.</summary>
    internal void Offer(StateSnapshot snapshot)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _waiting.Enqueue(snapshot);
                Monitor.Pulse(_gate);
                return;
            }
        }

        snapshot.Release();
    }

    /// <summary>Writes what waits and ends.</summary>
    /// <param name="limit">How long to wait for it.</param>
    public void Stop(TimeSpan limit)
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }

        _thread?.Join(limit);
    }

    /// <inheritdoc/>
    public void Dispose() => Stop(TimeSpan.Zero);

    private void Run()
    {
        while (TryTake(out StateSnapshot? snapshot))
        {
            Write(snapshot!);
            snapshot!.Release();
        }
    }

    private bool TryTake(out StateSnapshot? snapshot)
    {
        lock (_gate)
        {
            while (!_waiting.TryDequeue(out snapshot) && !_ended)
            {
                Monitor.Wait(_gate);
            }

            return snapshot is not null;
        }
    }

    private void Write(StateSnapshot snapshot)
    {
        try
        {
            snapshot.File!.Save(snapshot.Writer.Written, snapshot.Taken);
            Interlocked.Increment(ref _saved);
            Interlocked.Add(ref _savedBytes, snapshot.Writer.Written.Length);
            _fails = false;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Interlocked.Increment(ref _failed);
            if (!_fails)
            {
                WorkerLog.StateNotSaved(logger, snapshot.Stream, snapshot.File!.Path, failure.Message);
            }

            _fails = true;
        }
    }
}
