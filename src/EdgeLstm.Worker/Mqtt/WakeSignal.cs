// Wakes the I/O thread out of poll(2): an eventfd, written at most once between two wake-ups.

using EdgeLstm.Worker.Mqtt.Native;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>A one-bit mailbox with a descriptor to poll on. Any thread sets it; one thread clears it.</summary>
/// <remarks>
/// No wake-up is lost: <see cref="Clear"/> drains the descriptor first, then lowers the flag behind a full fence, and only then
/// does its caller look for work. A <see cref="Set"/> that still sees the flag raised has stored its work before that look.
/// </remarks>
internal sealed unsafe class WakeSignal : IDisposable
{
    private int _raised;

    public WakeSignal()
    {
        Descriptor = Posix.CreateEvent();
        if (Descriptor < 0)
        {
            throw new MqttException("eventfd: the system has no descriptor left; raise LimitNOFILE of the service.");
        }
    }

    /// <summary>Readable from the first <see cref="Set"/> until <see cref="Clear"/>.</summary>
    public int Descriptor { get; }

    /// <summary>Never blocks, allocates nothing; one system call at most.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _raised, 1) == 0)
        {
            ulong one = 1;
            Posix.Write(Descriptor, &one, sizeof(ulong));
        }
    }

    /// <summary>Called by the polling thread before it looks for work.</summary>
    public void Clear()
    {
        if (Volatile.Read(ref _raised) == 0)
        {
            return;
        }

        ulong count;
        Posix.Read(Descriptor, &count, sizeof(ulong));
        Interlocked.Exchange(ref _raised, 0);
    }

    /// <summary>Closes the descriptor; a later <see cref="Set"/> does nothing, as the number may belong to another
    /// file by then.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _raised, 1);
        _ = Posix.Close(Descriptor);
    }
}
