// A serial line with Modbus RTU slaves: sends one request, waits for its answer, keeps the silence between frames.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>The master's end of one line. For the one thread that serves it.</summary>
/// <remarks>
/// Source: MODBUS over Serial Line V1.02, 2.4.1 and 2.5.1. The silence of 1.5 characters within a frame is not watched: no
/// adapter on USB keeps it, and length and CRC say more.
/// An answer names no request. One that comes after its time could be taken for that to the next request of the same slave, so
/// after a failure only the same registers are asked for until no late answer is to be expected any more: for twice the timeout.
/// </remarks>
internal sealed class ModbusLine : IDisposable
{
    private const long NsPerMs = 1_000_000;
    private const long NsPerSecond = 1_000_000_000;
    private const long SearchNs = 500 * NsPerMs;
    private const long AfterDamageNs = 50 * NsPerMs;     // how long the right answer is waited for after a damaged one
    private const int FastestTimedBaud = 19200;          // above it the silence is fixed: 2.5.1.1
    private const long FixedSilenceNs = 1_750_000;
    private const int LatenessTimeouts = 2;              // beyond its time; an answer later than that comes no more
    private const int SuspectShare = 4;                  // slaves that do not answer get one part in so many of the line's time
    private const int SlaveAddresses = 256;

    private readonly PluggablePort _port;
    private volatile ModbusSlaveTask[] _slaves = [];   // replaced, never changed
    private readonly byte[] _request = new byte[ModbusRequest.Bytes];
    private readonly byte[] _received = new byte[4 * ModbusRequest.LongestFrameBytes];   // when full, the older half goes
    private readonly long[] _unsettledUntilNs = new long[SlaveAddresses];
    private readonly ModbusRequest[] _unanswered = new ModbusRequest[SlaveAddresses];
    private readonly bool[] _late = new bool[SlaveAddresses];
    private readonly long _byteNs;
    private readonly long _silenceNs;
    private int _count;
    private long _lastByteNs;

    /// <param name="port">Path of the port; it need not exist yet.</param>
    /// <param name="settings">Rate and format, the same for all slaves.</param>
    public ModbusLine(string port, SerialSettings settings)
    {
        _port = new PluggablePort(port, settings);
        _byteNs = settings.BitsPerByte * NsPerSecond / settings.Baud;
        _silenceNs = settings.Baud > FastestTimedBaud ? FixedSilenceNs : 7 * _byteNs / 2;
    }

    /// <summary>What is talked on, for logs: "/dev/ttyUSB0 at 9600 baud".</summary>
    public string Description => $"{_port.Path} at {_port.Settings}";

    /// <summary>Path of the port.</summary>
    public string Port => _port.Path;

    /// <summary>Set to end every wait, for good.</summary>
    public WakeSignal Interrupt { get; } = new();

    /// <summary>True when the kernel was to turn the transceiver and this port's driver cannot.</summary>
    public bool LacksRs485 => _port.Line is { LacksRs485: true };

    /// <summary>Requests sent.</summary>
    public long Requests { get; private set; }

    /// <summary>How often the port was opened.</summary>
    public long Opened { get; private set; }

    /// <summary>When a slave that does not answer may be asked next, in monotonic nanoseconds: together such slaves get a quarter
    /// of the line's time, however many they are.</summary>
    public long NextSuspectNs { get; private set; }

    /// <summary>Has a slave told when the port is lost. By one thread at a time, any one.</summary>
    public void Add(ModbusSlaveTask slave) => _slaves = [.. _slaves, slave];

    /// <summary>Tells a slave no more. By one thread at a time, any one.</summary>
    public void Remove(ModbusSlaveTask slave) => _slaves = Array.FindAll(_slaves, other => other != slave);

    /// <summary>True when answers of this slave were seen after their time.</summary>
    public bool AnswersLate(byte slave) => _late[slave];

    /// <summary>From when on a request cannot be mistaken about its answer, in monotonic nanoseconds.</summary>
    public long SettledNs(in ModbusRequest request) =>
        _unanswered[request.Slave] == request ? 0 : _unsettledUntilNs[request.Slave];

    /// <summary>Sends a request and waits for the answer: at most the timeout, once more where the line is not silent, and the
    /// time that the bytes themselves take.</summary>
    /// <param name="request">What to read.</param>
    /// <param name="timeoutMs">How long the slave may take until it answers, in milliseconds.</param>
    /// <param name="registers">Receives the registers as they were sent [2·count]; unchanged unless they were read.</param>
    /// <param name="code">The exception code of a refusal.</param>
    public ModbusResult Ask(in ModbusRequest request, int timeoutMs, Span<byte> registers, out byte code)
    {
        code = 0;
        long startNs = ByteSource.MonotonicNs();
        if (!TryOpen())
        {
            return ModbusResult.NoPort;
        }

        ModbusResult result = AwaitSilence(startNs + (timeoutMs * NsPerMs));
        if (result == ModbusResult.NoAnswer)
        {
            result = Send(request);
        }

        if (result == ModbusResult.NoAnswer)
        {
            result = Receive(request, timeoutMs * NsPerMs, registers, out code);
        }

        Remember(request, result, startNs, timeoutMs * NsPerMs);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _port.Dispose();
        Interrupt.Dispose();
    }

    // The port's absence stops all its slaves anyway, so this thread may wait for it here.
    private bool TryOpen()
    {
        if (_port.Line is not null)
        {
            return true;
        }

        switch (_port.Find(ByteSource.MonotonicNs() + SearchNs, Interrupt))
        {
            case PortSearch.Open:
                Opened++;
                _lastByteNs = ByteSource.MonotonicNs();
                return true;
            case PortSearch.Failed:
                TellSlaves();
                return false;
            default:
                return false;
        }
    }

    private ModbusResult Lose()
    {
        _port.Lose();
        TellSlaves();
        return ModbusResult.NoPort;
    }

    private void TellSlaves()
    {
        foreach (ModbusSlaveTask slave in _slaves)
        {
            slave.LosePort(_port.Problem!);
        }
    }

    // Drops what came unasked until 3.5 characters of silence have passed since the last byte. NoAnswer: silent.
    private ModbusResult AwaitSilence(long deadlineNs)
    {
        _count = 0;
        while (true)
        {
            ModbusResult read = ReadWithin(0);
            if (read != ModbusResult.NoAnswer)
            {
                return read;
            }

            long nowNs = ByteSource.MonotonicNs();
            long leftNs = _lastByteNs + _silenceNs - nowNs;
            if (leftNs <= 0)
            {
                NoteLateAnswer();
                return ModbusResult.NoAnswer;
            }

            if (nowNs >= deadlineNs)
            {
                return ModbusResult.Noise;
            }

            read = ReadWithin(leftNs);
            if (read != ModbusResult.NoAnswer)
            {
                return read;
            }
        }
    }

    private void NoteLateAnswer()
    {
        ReadOnlySpan<byte> received = _received.AsSpan(0, _count);
        if (_count > 0 && _unanswered[received[0]].Find(received, default, out _, out _) == ModbusResult.Registers)
        {
            _late[received[0]] = true;
        }
    }

    private ModbusResult Send(in ModbusRequest request)
    {
        request.Write(_request);
        int written = Descriptor.Write(_port.Line!.Fd, _request);
        Requests++;
        _count = 0;
        return written < 0 && LinuxException.LastErrno != LibC.EAGAIN ? Lose() : ModbusResult.NoAnswer;
    }

    private ModbusResult Receive(in ModbusRequest request, long timeoutNs, Span<byte> registers, out byte code)
    {
        long deadlineNs = ByteSource.MonotonicNs() + (ModbusRequest.Bytes * _byteNs) + timeoutNs;
        long lastNs = deadlineNs + (request.AnswerBytes * _byteNs);   // for an answer that has begun in time
        ModbusResult found = ModbusResult.NoAnswer;
        code = 0;
        while (true)
        {
            bool begun = _count > ModbusRequest.EchoBytes(_received.AsSpan(0, _count), _request);
            long leftNs = (begun ? lastNs : deadlineNs) - ByteSource.MonotonicNs();
            if (leftNs <= 0)
            {
                return found;
            }

            int before = _count;
            ModbusResult read = ReadWithin(leftNs);
            if (read != ModbusResult.NoAnswer)
            {
                return read;
            }

            if (_count == before)
            {
                continue;
            }

            found = request.Find(_received.AsSpan(0, _count), _request, out Range place, out code);
            if (found is ModbusResult.Registers or ModbusResult.Refused)
            {
                _received.AsSpan(place).CopyTo(registers);
                return found;
            }

            if (found == ModbusResult.WrongChecksum)
            {
                lastNs = Math.Min(lastNs, ByteSource.MonotonicNs() + AfterDamageNs);
            }
        }
    }

    // Appends what there is, waiting for the first byte. NoAnswer: nothing is wrong.
    private ModbusResult ReadWithin(long timeoutNs)
    {
        int fd = _port.Line!.Fd;
        if (Descriptor.Wait(fd, Interrupt.Fd, timeoutNs, out short events))
        {
            return ModbusResult.Interrupted;
        }

        if (events == 0)
        {
            return ModbusResult.NoAnswer;
        }

        if (_count == _received.Length)
        {
            _count = _received.Length / 2;
            _received.AsSpan(_count).CopyTo(_received);
        }

        int read = Descriptor.Read(fd, _received.AsSpan(_count));
        if (read <= 0)
        {
            bool nothingYet = read < 0 && LinuxException.LastErrno == LibC.EAGAIN && (events & ~LibC.POLLIN) == 0;
            return nothingYet ? ModbusResult.NoAnswer : Lose();
        }

        _count += read;
        _lastByteNs = ByteSource.MonotonicNs();
        return ModbusResult.NoAnswer;
    }

    private void Remember(in ModbusRequest request, ModbusResult result, long startNs, long timeoutNs)
    {
        if (result is ModbusResult.Registers or ModbusResult.Refused)
        {
            _late[request.Slave] = false;
            return;
        }

        long nowNs = ByteSource.MonotonicNs();
        _unanswered[request.Slave] = request;
        _unsettledUntilNs[request.Slave] = nowNs + (LatenessTimeouts * timeoutNs);
        NextSuspectNs = nowNs + ((SuspectShare - 1) * (nowNs - startNs));
    }
}
