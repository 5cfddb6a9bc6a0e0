// Plays a recording into a serial line as a microcontroller would send it, over and over.

using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Demo;

/// <summary>One thread that stands for one sensor node.</summary>
internal sealed class RecordingPlayer : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    private readonly DemoStream _stream;
    private readonly Pty _line;
    private readonly Thread _thread;
    private ReplaySource _source;
    private volatile bool _stopping;
    private long _recordsSent;

    /// <param name="stream">What to play.</param>
    /// <param name="line">The line; disposed with the player.</param>
    public RecordingPlayer(DemoStream stream, Pty line)
    {
        _stream = stream;
        _line = line;
        _source = Open();
        _thread = new Thread(Play) { IsBackground = true, Name = $"{stream.Name} player" };
        _thread.Start();
    }

    /// <summary>Records sent so far.</summary>
    public long RecordsSent => Volatile.Read(ref _recordsSent);

    /// <summary>Ends the playing.</summary>
    public void Stop()
    {
        _stopping = true;
        _source.Wake();

        // A line that nobody reads any more is full and holds the thread for good; it ends with the process.
        _thread.Join(StopLimit);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _source.Dispose();
        _line.Dispose();
    }

    private ReplaySource Open() => new(_stream.Recording, _stream.Speed, _stream.ModelPeriodMs);

    private void Play()
    {
        byte[] buffer = new byte[4096];
        // A board that boots ends whatever line was under way, so that its first record is not lost to a reader that joins.
        _line.Write("\n");
        while (!_stopping)
        {
            switch (_source.Read(buffer, 100, out int count, out _))
            {
                case SourceRead.Data:
                    Send(buffer.AsSpan(0, count));
                    break;
                case SourceRead.End or SourceRead.Lost:
                    _source.Dispose();
                    _source = Open();
                    break;
                default:
                    break;
            }
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        // The recording's header is no record: a sensor node sends figures only.
        if (char.IsAsciiLetter((char)bytes[0]))
        {
            return;
        }

        _line.Write(bytes);
        Volatile.Write(ref _recordsSent, _recordsSent + bytes.Count((byte)'\n'));
    }
}
