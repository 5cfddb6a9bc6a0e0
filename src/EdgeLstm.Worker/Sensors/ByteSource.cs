// Where a stream's bytes come from: a serial line, standard input or a recording, read by one thread that waits in one place.

using System.Diagnostics;

namespace EdgeLstm.Worker.Sensors;

/// <summary>What one <see cref="ByteSource.Read"/> found.</summary>
public enum SourceRead : byte
{
    /// <summary>Bytes were read.</summary>
    Data,

    /// <summary>Nothing arrived within the time allowed, or <see cref="ByteSource.Wake"/> ended the wait.</summary>
    Idle,

    /// <summary>The port vanished or cannot be opened; reported once. <see cref="ByteSource.Problem"/> says why.</summary>
    Lost,

    /// <summary>The port is open again; reported once for each <see cref="Lost"/>. The next bytes may begin in the middle of a
    /// frame.</summary>
    Back,

    /// <summary>No more bytes will come; every later read says so again.</summary>
    End,
}

/// <summary>Bytes of one sensor node with the time they arrived. Read by one thread; only <see cref="Wake"/> is for other
/// threads.</summary>
public abstract class ByteSource : IDisposable
{
    /// <summary>What is read, for logs: "/dev/serial/by-id/… at 115200 baud".</summary>
    public abstract string Description { get; }

    /// <summary>True when <c>timeNs</c> counts from 1970 UTC in the recording's own time; false when it is monotonic
    /// time.</summary>
    public virtual bool HasRecordedTime => false;

    /// <summary>True when the first byte begins a frame (recordings, standard input): nothing to discard at the start.</summary>
    public virtual bool StartsAtFrameStart => false;

    /// <summary>True when nothing is lost while its reader pauses: a recording, a pipe. A sensor does not wait.</summary>
    public virtual bool CanWait => false;

    /// <summary>True where each record is one float64 number for each channel asked for, in that order and in the unit that the
    /// profile gives it: scale and offset are not for them.</summary>
    public virtual bool GivesPhysicalValues => false;

    /// <summary>Why the source is lost and what to do about it; null while all is well.</summary>
    public virtual string? Problem => null;

    /// <summary>How often the source came back after it was lost.</summary>
    public long Reopened { get; protected set; }

    /// <summary>Bytes handed out.</summary>
    public long BytesRead { get; protected set; }

    /// <summary>Readings that gave no record: a failed transfer, a wrong checksum, a ready bit that never came.</summary>
    public virtual long Rejected => 0;

    /// <summary>Readings that were not made because their turn had passed: the line or the sensor was not done in time.</summary>
    public virtual long Late => 0;

    /// <summary>Waits for bytes. Allocates nothing while the source is healthy; operating errors become results, never
    /// exceptions.</summary>
    /// <param name="buffer">Receives the bytes; must not be empty.</param>
    /// <param name="timeoutMs">How long to wait at most, in milliseconds; 0 does not wait.</param>
    /// <param name="count">Bytes read: above 0 for <see cref="SourceRead.Data"/>, else 0.</param>
    /// <param name="timeNs">When they arrived, in nanoseconds on the source's own timeline.</param>
    public abstract SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs);

    /// <summary>Ends a <see cref="Read"/> that is waiting, or the next one that would; it returns
    /// <see cref="SourceRead.Idle"/>.</summary>
    public abstract void Wake();

    /// <summary>Closes the source. Only after the reading thread has stopped.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Monotonic time in nanoseconds.</summary>
    public static long MonotonicNs()
    {
        long ticks = Stopwatch.GetTimestamp();
        return Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)((Int128)ticks * 1_000_000_000 / Stopwatch.Frequency);
    }

    /// <summary>Releases what the source holds.</summary>
    protected abstract void Dispose(bool disposing);
}
