// A sensor on an I²C bus that is measured again and again: its turns, its failures, and when it counts as lost.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>What all I²C sensors have in common; how the sensor is set up and measured is said by who derives from it.</summary>
/// <remarks>
/// Measurements begin at start, start + period, start + 2·period …, so that their rate does not drift; one that would begin a
/// whole period late or more is left out and counted in <see cref="ByteSource.Late"/>. A failed measurement gives no record and
/// is tried again after 0.25 s, or in its next turn where that is sooner; after a failed transfer with the setup before it, since
/// the sensor may have lost its power. The sensor counts as lost after 3 failures in a row (10 where only checksums were wrong),
/// and at once while it has not measured yet; then it is tried after 0.25 s growing to 5 s. Allocates nothing while all is well.
/// </remarks>
internal abstract class I2cTask : PolledTask
{
    private const int FailuresAllowed = 3;
    private const int BadChecksumsAllowed = 10;
    private const int LeastRecords = 16;
    private const int MostRecords = 4096;

    private readonly string _description;
    private readonly int _capacity;
    private readonly string? _kernelDriver;
    private readonly long _periodNs;
    private readonly RetryWait _retry = new();
    private bool _isInSetup;
    private bool _measuredOnce;             // since the start or the last loss
    private long _startNs;                  // when the current measurement was to begin; 0 before the first
    private int _failuresInRow;
    private (I2cOutcome Outcome, int Errno) _lostBy;

    /// <param name="bus">The bus, served by the thread that runs this.</param>
    /// <param name="profile">A profile of transport i2c without problems.</param>
    /// <param name="address">7-bit address.</param>
    /// <param name="rateHz">Measurements per second; above 0.</param>
    protected I2cTask(I2cBus bus, SensorProfile profile, int address, double rateHz)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rateHz);
        Bus = bus;
        Address = address;
        _description = $"{profile.Name} at 0x{address:X2} on {bus.Description}";
        _capacity = (int)Math.Clamp(rateHz, LeastRecords, MostRecords);
        _kernelDriver = ProfileOf(profile).KernelDriver;
        _periodNs = Math.Max(1, (long)Math.Round(1e9 / rateHz));
    }

    /// <summary>Where the records go, made by <see cref="CreateSource"/>.</summary>
    public abstract QueuedSource Source { get; }

    /// <summary>Measurements that gave a record.</summary>
    public long Measured { get; private set; }

    /// <summary>Measurements and tries of the setup that failed, for whatever reason.</summary>
    public long Failed { get; private set; }

    /// <summary>Of these: those with a wrong checksum.</summary>
    public long BadChecksums { get; private set; }

    /// <summary>Monotonic time in nanoseconds.</summary>
    public Func<long> Clock { protected get; init; } = ByteSource.MonotonicNs;

    /// <summary>Folder that stands for / in /sys.</summary>
    public string Root { private get; init; } = "/";

    /// <summary>The bus.</summary>
    protected I2cBus Bus { get; }

    /// <summary>7-bit address.</summary>
    protected int Address { get; }

    /// <summary>Time to leave before whatever comes next, counted from the end of the last step.</summary>
    protected abstract long WaitNs { get; }

    /// <summary>Why the last failed transfer failed.</summary>
    protected abstract int Errno { get; }

    /// <summary>The record of the last complete measurement.</summary>
    protected abstract ReadOnlySpan<byte> Record { get; }

    /// <summary>When the last read of that measurement began, in monotonic nanoseconds: then the sensor's registers were copied,
    /// whatever the transfer took.</summary>
    protected abstract long RecordNs { get; }

    /// <inheritdoc/>
    public sealed override void Run(long nowNs)
    {
        _startNs = _startNs == 0 ? nowNs : _startNs;
        I2cOutcome outcome = _isInSetup ? SetUp(nowNs) : Measure(nowNs);
        long endNs = Clock();
        long readyNs = endNs + WaitNs;
        switch (outcome)
        {
            case I2cOutcome.Next:
                DueNs = readyNs;
                break;
            case I2cOutcome.Complete when _isInSetup:
                EndSetup(readyNs);
                break;
            case I2cOutcome.Complete:
                EndMeasurement();
                Begin(setup: false);
                WaitForTurn(readyNs);
                break;
            default:
                Fail(outcome, endNs);
                break;
        }
    }

    /// <summary>The section of a profile of transport i2c.</summary>
    protected static I2cProfile ProfileOf(SensorProfile profile) => profile.TransportOrSerial.I2c
        ?? throw new ArgumentException($"profile '{profile.Name}' is not for i2c", nameof(profile));

    /// <summary>A source in which at most the records of a second wait, 16 at least.</summary>
    /// <param name="recordBytes">Bytes of a record.</param>
    /// <param name="givesPhysicalValues">True where a record holds float64 numbers in the units of the channels.</param>
    protected QueuedSource CreateSource(int recordBytes, bool givesPhysicalValues = false) =>
        new(_description, recordBytes, _capacity, givesPhysicalValues);

    /// <summary>Starts the setup or a measurement over; to be called once by the constructor of who derives.</summary>
    /// <param name="setup">The setup, else a measurement.</param>
    protected void Begin(bool setup)
    {
        _isInSetup = setup && HasSetup;
        Restart(_isInSetup);
    }

    /// <summary>False where there is nothing to set up.</summary>
    protected abstract bool HasSetup { get; }

    /// <summary>Whether the sensor is set up again before it is measured once more: it may have lost its power.</summary>
    /// <param name="failure">How the last measurement failed.</param>
    protected virtual bool SetsUpAfter(I2cOutcome failure) => failure == I2cOutcome.Failed;

    /// <summary>The next step is to be the first one.</summary>
    /// <param name="setup">Of the setup, else of a measurement.</param>
    protected abstract void Restart(bool setup);

    /// <summary>Does the next step of the setup.</summary>
    /// <param name="nowNs">Monotonic time.</param>
    protected abstract I2cOutcome SetUp(long nowNs);

    /// <summary>Does the next step of a measurement.</summary>
    /// <param name="nowNs">Monotonic time.</param>
    protected abstract I2cOutcome Measure(long nowNs);

    /// <summary>What the sensor gave that it must not, in words that follow its description.</summary>
    /// <param name="outcome">An outcome that is neither a failed transfer nor a wrong checksum.</param>
    protected abstract string DescribeUnexpected(I2cOutcome outcome);

    /// <inheritdoc/>
    protected sealed override void Report(string problem) => Source.Lose($"{Source.Description}: {problem}");

    private void EndSetup(long readyNs)
    {
        // The turns stay where they were, unless these are the first.
        long turns = Math.Max(0, readyNs - _startNs) / _periodNs;
        _startNs = _measuredOnce ? _startNs + (turns * _periodNs) : readyNs;
        Begin(setup: false);
        DueNs = readyNs;
    }

    private void EndMeasurement()
    {
        Source.Offer(Record, RecordNs);
        Measured++;
        _measuredOnce = true;
        _failuresInRow = 0;
        _retry.Reset();
        _lostBy = default;
    }

    private void WaitForTurn(long readyNs)
    {
        long nextNs = _startNs + _periodNs;
        long missed = Math.Max(0, readyNs - nextNs) / _periodNs;
        Source.Miss(missed);
        _startNs = nextNs + (missed * _periodNs);
        DueNs = Math.Max(_startNs, readyNs);   // never in the past: a sensor that is behind must not push others aside
    }

    private void Fail(I2cOutcome outcome, long endNs)
    {
        Failed++;
        Source.Reject();
        BadChecksums += outcome == I2cOutcome.BadChecksum ? 1 : 0;
        _failuresInRow++;
        int errno = outcome == I2cOutcome.Failed ? Errno : 0;
        int allowed = outcome == I2cOutcome.BadChecksum ? BadChecksumsAllowed : _measuredOnce ? FailuresAllowed : 1;
        if (_failuresInRow >= allowed)
        {
            Lose(outcome, errno, endNs);
            return;
        }

        Begin(setup: _isInSetup || SetsUpAfter(outcome));
        if (!_measuredOnce)
        {
            _startNs = 0;
            DueNs = endNs + RetryWait.FirstNs;
        }
        else if (_startNs + _periodNs > endNs + RetryWait.FirstNs)
        {
            DueNs = endNs + RetryWait.FirstNs;
        }
        else
        {
            WaitForTurn(endNs);
        }
    }

    private void Lose(I2cOutcome outcome, int errno, long endNs)
    {
        // Worded once for each cause: finding out who owns an address looks through files.
        if (_lostBy != (outcome, errno))
        {
            _lostBy = (outcome, errno);
            Source.Lose(Explain(outcome, errno));
        }

        _measuredOnce = false;
        _startNs = 0;
        Begin(setup: true);
        DueNs = endNs + _retry.Ns;
        _retry.Grow();
    }

    private string Explain(I2cOutcome outcome, int errno) => outcome switch
    {
        I2cOutcome.Failed => I2cAdvice.Explain(Bus.Description, Address, errno, _kernelDriver, Root),
        I2cOutcome.BadChecksum => $"{Source.Description}: {BadChecksumsAllowed} wrong checksums in a row: shorten the wires, use "
            + "stronger pull-ups or a lower clock; if it never works, check the profile's checksum",
        _ => $"{Source.Description}: {DescribeUnexpected(outcome)}",
    };
}
