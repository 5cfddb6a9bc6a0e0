// One stream's registers: asks for block after block, one request a run, and hands over a record when all have come.

using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>The register blocks of one profile, read again and again on a shared line.</summary>
/// <remarks>
/// A record is whole or is not: a block that fails is asked for again, then the round is given up. The record's time is when the
/// answer with its first block arrived. After three failed rounds the slave counts as lost, one that has never answered after its
/// first request; it is then asked once after 0.25 s growing to 5 s. Allocates nothing while slaves answer.
/// </remarks>
internal sealed class ModbusSlaveTask : PolledTask
{
    private const long NsPerSecond = 1_000_000_000;
    private const int RoundsUntilLost = 3;
    private const int Capacity = 64;

    private readonly ModbusLine _line;
    private readonly ModbusRequest[] _requests;
    private readonly byte[] _record;
    private readonly int _timeoutMs;
    private readonly int _retries;
    private readonly long _periodNs;
    private int _block;
    private int _filled;            // bytes of the record that have come
    private int _tries;             // of this block, failed
    private long _recordNs;
    private long _roundNs;          // when this round was due
    private bool _hasAnswered;
    private int _failures;          // requests in a row
    private int _failedRounds;      // in a row
    private readonly RetryWait _retry = new();
    private bool _lost;
    private (int Block, ModbusResult Result, byte Code, bool Late) _said;

    /// <param name="line">The line.</param>
    /// <param name="profile">Slave and blocks.</param>
    /// <param name="slave">The slave's address, where it differs from the profile's.</param>
    /// <param name="rateHz">Records a second.</param>
    public ModbusSlaveTask(ModbusLine line, ModbusProfile profile, int? slave, double rateHz)
    {
        _line = line;
        _requests = profile.Blocks.ToArray(block => new ModbusRequest((byte)(block.Slave ?? slave ?? profile.Slave),
            (byte)block.Function, (ushort)block.Start, (ushort)block.Count));
        _record = new byte[_requests.Sum(request => request.RegisterBytes)];
        _timeoutMs = profile.TimeoutMs;
        _retries = profile.Retries;
        _periodNs = (long)(NsPerSecond / rateHz);
        string slaves = string.Join(", ", _requests.ToArray(request => $"{request.Slave}").Distinct());
        Source = new QueuedSource($"slave {slaves} on {line.Description}", _record.Length, Capacity);
        DueNs = _roundNs = ByteSource.MonotonicNs();
        line.Add(this);
    }

    /// <summary>Where the records go.</summary>
    public QueuedSource Source { get; }

    // Whoever has not answered lately must not cost the others much of the line's time.
    private bool IsSuspect => _failures >= (_hasAnswered ? 2 : 1);

    /// <inheritdoc/>
    protected override void Report(string problem) => Source.Lose($"{Source.Description}: {problem}");

    /// <inheritdoc/>
    public override void Run(long nowNs)
    {
        ModbusRequest request = _requests[_block];
        long fromNs = Math.Max(_line.SettledNs(request), IsSuspect ? _line.NextSuspectNs : 0);
        if (fromNs > nowNs)
        {
            DueNs = fromNs;
            return;
        }

        ModbusResult result = _line.Ask(request, _timeoutMs, _record.AsSpan(_filled, request.RegisterBytes), out byte code);
        nowNs = ByteSource.MonotonicNs();
        DueNs = nowNs;
        switch (result)
        {
            case ModbusResult.Registers:
                Take(request, nowNs);
                break;
            case ModbusResult.NoPort or ModbusResult.Interrupted:
                break;
            default:
                Fail(request, result, code, nowNs);
                break;
        }
    }

    /// <summary>The line's port is gone: everything begins anew when it is back.</summary>
    /// <param name="problem">Why, and what to do.</param>
    public void LosePort(string problem)
    {
        Source.Lose(problem);
        _lost = true;
        _said = default;
        _failures = 0;
        _failedRounds = 0;
        _retry.Reset();
        StartRound(ByteSource.MonotonicNs());
    }

    private void Take(in ModbusRequest request, long nowNs)
    {
        _recordNs = _block == 0 ? nowNs : _recordNs;
        _filled += request.RegisterBytes;
        _tries = 0;
        _failures = 0;
        _hasAnswered = true;
        if (++_block < _requests.Length)
        {
            return;
        }

        Source.Offer(_record, _recordNs);
        _lost = false;
        _said = default;
        _failedRounds = 0;
        _retry.Reset();
        StartRound(Math.Max(_roundNs + _periodNs, nowNs));   // a round that was missed is not made up for
    }

    private void Fail(in ModbusRequest request, ModbusResult result, byte code, long nowNs)
    {
        bool refused = result == ModbusResult.Refused;
        _failures = refused ? 0 : _failures + 1;   // a refusal costs the line no time
        _hasAnswered |= refused;
        bool lasting = refused && ModbusAdvice.IsLasting(code);
        if (_hasAnswered && !_lost && !lasting && _tries++ < _retries)
        {
            return;
        }

        _failedRounds++;
        Source.Reject();
        if (_lost || lasting || !_hasAnswered || _failedRounds >= RoundsUntilLost)
        {
            Lose(request, result, code);
            StartRound(nowNs + _retry.Ns);
            _retry.Grow();
        }
        else
        {
            StartRound(nowNs + Math.Min(_periodNs, RetryWait.FirstNs));
        }
    }

    // Worded once for each cause.
    private void Lose(in ModbusRequest request, ModbusResult result, byte code)
    {
        _lost = true;
        (int, ModbusResult, byte, bool) cause = (_block, result, code, _line.AnswersLate(request.Slave));
        if (_said != cause)
        {
            _said = cause;
            Source.Lose(ModbusAdvice.Explain(_line, request, _timeoutMs, result, code));
        }
    }

    private void StartRound(long dueNs)
    {
        _block = 0;
        _filled = 0;
        _tries = 0;
        _roundNs = dueNs;
        DueNs = dueNs;
    }
}
