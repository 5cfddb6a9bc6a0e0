// One thread that serves all devices of a shared line, an I²C bus or a Modbus line, each when it is due.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Something that is done again and again on a <see cref="PollingThread"/>.</summary>
internal abstract class PolledTask
{
    private const long FaultWaitNs = 5_000_000_000;

    /// <summary>When <see cref="Run"/> is to be called next, in monotonic nanoseconds.</summary>
    public long DueNs { get; protected set; }

    /// <summary>Does one short piece of work, one transfer on the line, and sets <see cref="DueNs"/>. Never throws for what a
    /// device does or does not.</summary>
    /// <param name="nowNs">Monotonic time.</param>
    public abstract void Run(long nowNs);

    /// <summary>Puts the task off after <see cref="Run"/> has thrown after all, and tells its stream: the fault of one device's
    /// code must not stop the others of the line.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="nowNs">Monotonic time.</param>
    public void PutOff(Exception failure, long nowNs)
    {
        Report($"a fault of the program: {failure.GetType().Name}: {failure.Message}; tried again");
        DueNs = nowNs + FaultWaitNs;
    }

    /// <summary>Tells the stream that no record can come, and why.</summary>
    protected virtual void Report(string problem)
    {
    }
}

/// <summary>Runs the task that is due the longest, one piece of work at a time, so that no device waits for more than one
/// transfer of another.</summary>
internal sealed class PollingThread : IDisposable
{
    private const long LongestWaitNs = 1_000_000_000;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    private volatile PolledTask[] _tasks = [];   // replaced, never changed
    private readonly IDisposable _line;
    private readonly WakeSignal? _interrupt;
    private readonly WakeSignal _wake = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private bool _started;

    /// <param name="name">Name of the thread: the line's path.</param>
    /// <param name="line">The line, disposed with the thread.</param>
    /// <param name="interrupt">Set when the thread is to end, for tasks that wait on the line.</param>
    public PollingThread(string name, IDisposable line, WakeSignal? interrupt = null)
    {
        _line = line;
        _interrupt = interrupt;
        _thread = new Thread(Loop) { IsBackground = true, Name = name };
    }

    /// <summary>Whether a device is on the line.</summary>
    public bool HasTasks => _tasks.Length > 0;

    /// <summary>Adds a device. By one thread at a time, any one.</summary>
    public void Add(PolledTask task)
    {
        _tasks = [.. _tasks, task];
        _wake.Set();
    }

    /// <summary>Takes a device off the line; a transfer that is under way ends by itself. By one thread at a time, any
    /// one.</summary>
    public void Remove(PolledTask task) => _tasks = Array.FindAll(_tasks, other => other != task);

    /// <summary>Starts the thread, unless it runs.</summary>
    public void Start()
    {
        if (!_started)
        {
            _started = true;
            _thread.Start();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _interrupt?.Set();
        if (!_started || _thread.Join(StopLimit))
        {
            // A thread that hangs in the kernel keeps what it uses until the process ends.
            _line.Dispose();
            _wake.Dispose();
        }
    }

    private void Loop()
    {
        while (!_stopping)
        {
            PolledTask? next = Earliest();
            long waitNs = next is null ? LongestWaitNs : next.DueNs - ByteSource.MonotonicNs();
            if (waitNs > 0)
            {
                Descriptor.Wait(-1, _wake.Fd, Math.Min(waitNs, LongestWaitNs), out _);
                _wake.Clear();
            }
            else
            {
                Run(next!);
            }
        }
    }

    private static void Run(PolledTask task)
    {
        try
        {
            task.Run(ByteSource.MonotonicNs());
        }
        catch (Exception failure)
        {
            task.PutOff(failure, ByteSource.MonotonicNs());
        }
    }

    private PolledTask? Earliest()
    {
        PolledTask? earliest = null;
        foreach (PolledTask task in _tasks)
        {
            earliest = earliest is null || task.DueNs < earliest.DueNs ? task : earliest;
        }

        return earliest;
    }
}
