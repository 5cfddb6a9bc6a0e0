// A sensor on a pseudo-terminal: sends the frames of a stream at a steady pace, over and over.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Tests.Scanning;

/// <summary>Sends until it is disposed.</summary>
internal sealed class SteadySender : IDisposable
{
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    /// <param name="pty">The line.</param>
    /// <param name="stream">Whole frames.</param>
    /// <param name="delimiter">What ends a frame.</param>
    /// <param name="periodMs">Milliseconds between frames.</param>
    public SteadySender(Pty pty, byte[] stream, byte delimiter, int periodMs)
    {
        List<byte[]> frames = [];
        for (int at = 0; at < stream.Length;)
        {
            int end = Array.IndexOf(stream, delimiter, at) + 1;
            frames.Add(stream[at..end]);
            at = end;
        }

        _thread = new Thread(() =>
        {
            long due = Environment.TickCount64;
            for (int k = 0; !_stop.Wait((int)Math.Max(0, due - Environment.TickCount64)); k++)
            {
                pty.Write(frames[k % frames.Count]);
                due += periodMs;
            }
        })
        { IsBackground = true, Name = "sensor" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }
}
