// Plays a microcontroller that sends lines at a steady rate, each due at its time on the monotonic clock.

using System.Diagnostics;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Benchmarks.Service;

/// <summary>Sends lines into a port, from a thread of its own or the caller's.</summary>
/// <param name="port">The microcontroller's end of the line.</param>
/// <param name="rateHz">Lines per second.</param>
/// <param name="lines">The lines with their line ends, repeated as long as needed.</param>
internal sealed class PacedFeed(Pty port, double rateHz, byte[][] lines) : IDisposable
{
    private const long LongestWaitNs = 1_000_000;

    private Thread? _thread;
    private volatile bool _stopping;

    /// <summary>Lines sent so far.</summary>
    public long Sent { get; private set; }

    /// <summary>Sends <paramref name="count"/> lines; when the clock is ahead, all that are due go in one write.</summary>
    /// <param name="count">How many.</param>
    /// <param name="beforeWrite">Called just before each write with the number of lines sent after it, and the time.</param>
    public void Send(long count, Action<long, long>? beforeWrite = null)
    {
        byte[] batch = new byte[64 * 1024];
        long started = Stopwatch.GetTimestamp();
        long first = Sent;
        while (Sent - first < count && !_stopping)
        {
            long due = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * rateHz) + 1 + first;
            int length = 0;
            long sent = Sent;
            while (sent < Math.Min(due, first + count) && length + 256 < batch.Length)
            {
                byte[] line = lines[sent++ % lines.Length];
                line.CopyTo(batch, length);
                length += line.Length;
            }

            if (length > 0)
            {
                beforeWrite?.Invoke(sent, Stopwatch.GetTimestamp());
                port.Write(batch.AsSpan(0, length));
                Sent = sent;
            }

            Descriptor.Wait(-1, -1, Math.Min(LongestWaitNs, (long)(1e9 / rateHz)), out _);
        }
    }

    /// <summary>Sends on a thread until disposed.</summary>
    public PacedFeed Start()
    {
        _thread = new Thread(() => Send(long.MaxValue / 2)) { IsBackground = true, Name = "microcontroller" };
        _thread.Start();
        return this;
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        _stopping = true;
        _thread?.Join();
    }
}
