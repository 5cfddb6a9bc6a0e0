// A serial line with emulated Modbus slaves on a pseudo-terminal, behind a name as udev gives it; it can be unplugged.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Tests.Emulation.Modbus;

/// <summary>One thread plays all slaves and the wire.</summary>
public sealed class EmulatedLine : IDisposable
{
    private const int RequestBytes = 8;
    private const int PollMs = 5;
    private const int MostBabble = 50_000;   // bytes; the kernel holds 64 KiB for a reader that does not read

    private readonly Dictionary<byte, EmulatedSlave> _slaves;
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-modbus-").FullName;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _never = new();
    private readonly Lock _gate = new();
    private readonly List<byte> _received = [];
    private readonly byte[] _buffer = new byte[256];
    private Pty? _pty;
    private volatile bool _stopping;

    /// <param name="slaves">Who is on the line.</param>
    public EmulatedLine(params EmulatedSlave[] slaves)
    {
        _slaves = slaves.ToDictionary(slave => slave.Address);
        _thread = new Thread(Serve) { IsBackground = true, Name = "emulated Modbus line" };
        Plug();
        _thread.Start();
    }

    /// <summary>The port's name; it stays the same when the port is unplugged and plugged in again.</summary>
    public string Port => Path.Combine(_folder, "usb-RS485-port0");

    /// <summary>True while something talks all the time.</summary>
    public bool Babbles { get; set; }

    /// <summary>True when the adapter hears what is sent: two wires without echo suppression.</summary>
    public bool Echoes { get; set; }

    /// <summary>Sent before every answer, such as what a transceiver makes of turning.</summary>
    public byte[] Glitch { get; set; } = [];

    /// <summary>The requests heard, 8 bytes each, in order.</summary>
    public List<byte[]> Heard { get; } = [];

    /// <summary>Gives the port to the system.</summary>
    public void Plug()
    {
        lock (_gate)
        {
            _pty = new Pty();
            File.CreateSymbolicLink(Port, _pty.SlavePath);
        }
    }

    /// <summary>Takes the port away, hanging up on whoever has it open.</summary>
    public void Unplug()
    {
        lock (_gate)
        {
            File.Delete(Port);
            _pty?.Dispose();
            _pty = null;
            _received.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        Unplug();
        _never.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Serve()
    {
        Random random = new(1);
        int babbled = 0;
        while (!_stopping)
        {
            byte[] answer = [];
            int delayMs = PollMs;
            lock (_gate)
            {
                if (_pty is not null)
                {
                    answer = Listen(_pty, out delayMs);
                    if (Babbles && babbled < MostBabble)
                    {
                        babbled += 16;
                        random.NextBytes(_buffer);
                        answer = _buffer[..16];
                    }
                }
            }

            // Outside the gate: a slow slave must not keep the test from unplugging the line.
            if (delayMs > 0)
            {
                _never.Wait(delayMs);
            }

            lock (_gate)
            {
                _pty?.Write(answer);
            }
        }
    }

    // Empties what has come; the answer to the first whole request, or nothing.
    private byte[] Listen(Pty pty, out int delayMs)
    {
        delayMs = 0;
        int count = pty.Read(_buffer, _received.Count >= RequestBytes ? 0 : PollMs);
        _received.AddRange(_buffer.AsSpan(0, count));
        while (_received.Count >= RequestBytes)
        {
            byte[] request = [.. _received.Take(RequestBytes)];
            if (EmulatedSlave.Crc(request.AsSpan(0, 6)) != (request[6] | (request[7] << 8)))
            {
                _received.RemoveAt(0);
                continue;
            }

            _received.RemoveRange(0, RequestBytes);
            Heard.Add(request);
            byte[] answer = _slaves.TryGetValue(request[0], out EmulatedSlave? slave) ? slave.Answer(request, out delayMs) : [];
            answer = answer.Length > 0 ? [.. Glitch, .. answer] : answer;
            return Echoes ? [.. request, .. answer] : answer;
        }

        return [];
    }
}
