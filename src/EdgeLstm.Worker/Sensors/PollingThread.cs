// One thread that serves all devices of a shared line, an I²C bus or a Modbus line, each when it is due.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Something that is done again and again on a <see cref="PollingThread"/>.</summary>
internal abstract class PolledTask
{
    /// <summary>When <see cref="Run"/> is to be called next, in monotonic nanoseconds.</summary>
    public long DueNs { get; protected set; }

    /// <summary>Does one short piece of work, one transfer on the line, and sets <see cref="DueNs"/>. Never throws for what a
    /// device does or does not.</summary>
    /// <param name="nowNs">Monotonic time.</param>
    public abstract void Run(long nowNs);
}

/// <summary>Runs the task that is due the longest, one piece of work at a time, so that no device waits for more than one
/// transfer of another.</summary>
internal sealed class PollingThread : IDisposable
{
    private const long LongestWaitNs = 1_000_000_000;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    private readonly List<PolledTask> _tasks = [];
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

    /// <summary>Adds a device; only before <see cref="Start"/>.</summary>
    public void Add(PolledTask task) => _tasks.Add(task);

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        _started = true;
        _thread.Start();
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
            PolledTask next = Earliest();
            long waitNs = next.DueNs - ByteSource.MonotonicNs();
            if (waitNs > 0)
            {
                Descriptor.Wait(-1, _wake.Fd, Math.Min(waitNs, LongestWaitNs), out _);
            }
            else
            {
                next.Run(ByteSource.MonotonicNs());
            }
        }
    }

    private PolledTask Earliest()
    {
        PolledTask earliest = _tasks[0];
        foreach (PolledTask task in _tasks)
        {
            earliest = task.DueNs < earliest.DueNs ? task : earliest;
        }

        return earliest;
    }
}
