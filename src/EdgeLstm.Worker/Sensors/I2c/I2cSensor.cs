// A sensor on an I²C bus: setup, then one measurement a period, transfer by transfer, as its profile says.

using System.Buffers.Binary;
using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Runs a profile's steps and offers a record for each measurement.</summary>
/// <remarks>
/// Measurements begin at start, start + period, start + 2·period …, so that their rate does not drift; one that would begin a
/// whole period late or more is left out and counted in <see cref="ByteSource.Late"/>. A record's time is when its last read
/// began: then the sensor's registers were copied, whatever the transfer took. A failed measurement gives no record and is tried
/// again after 0.25 s, or in its next turn where that is sooner; after a failed transfer with the setup before it, since the
/// sensor may have lost its power. The sensor counts as lost after 3 failures in a row (10 where only checksums were wrong), and
/// at once while it has not measured yet; then it is tried after 0.25 s growing to 5 s. Allocates nothing while all is well.
/// </remarks>
internal sealed class I2cSensor : PolledTask
{
    private const int FailuresAllowed = 3;
    private const int BadChecksumsAllowed = 10;
    private const int LeastRecords = 16;
    private const int MostRecords = 4096;

    private readonly I2cBus _bus;
    private readonly int _address;
    private readonly string? _kernelDriver;
    private readonly I2cSequence _setup;
    private readonly I2cSequence _measure;
    private readonly Compensation? _compensation;
    private readonly int[] _order;          // [fields] which quantity of the compensation
    private readonly byte[] _values;        // [fields · 8] the record of a compensation
    private readonly long _periodNs;
    private I2cSequence _sequence;
    private bool _measuredOnce;             // since the start or the last loss
    private long _startNs;                  // when the current measurement was to begin; 0 before the first
    private int _failuresInRow;
    private readonly RetryWait _retry = new();
    private (I2cOutcome Outcome, int Errno) _lostBy;

    /// <param name="bus">The bus, served by the thread that runs this.</param>
    /// <param name="profile">A profile of transport i2c without problems.</param>
    /// <param name="fields">With compensation: the quantities that the record holds, in this order.</param>
    /// <param name="address">7-bit address.</param>
    /// <param name="rateHz">Measurements per second; above 0.</param>
    public I2cSensor(I2cBus bus, SensorProfile profile, IReadOnlyList<string> fields, int address, double rateHz)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rateHz);
        I2cProfile i2c = profile.TransportOrSerial.I2c
            ?? throw new ArgumentException($"profile '{profile.Name}' is not for i2c", nameof(profile));
        Checksum? checksum = i2c.Checksum is { } described ? Checksum.From(described) : null;
        _bus = bus;
        _address = address;
        _kernelDriver = i2c.KernelDriver;
        _setup = new I2cSequence("setup", i2c.Setup ?? [], checksum);
        _measure = new I2cSequence("measure", i2c.Measure, checksum);
        _compensation = Compensation.Create(i2c.Compensation);
        _order = _compensation is { } known ? fields.ToArray(field => Array.IndexOf(known.Quantities, field)) : [];
        _values = new byte[_order.Length * sizeof(double)];
        _periodNs = Math.Max(1, (long)Math.Round(1e9 / rateHz));
        _sequence = _setup.IsEmpty ? _measure : _setup;
        string description = $"{profile.Name} at 0x{address:X2} on {bus.Description}";
        int recordBytes = _compensation is null ? _measure.Bytes.Length : _values.Length;
        Source = new QueuedSource(description, recordBytes, (int)Math.Clamp(rateHz, LeastRecords, MostRecords));
    }

    /// <summary>Where the records go; at most those of a second wait, 16 at least.</summary>
    public QueuedSource Source { get; }

    /// <summary>Measurements that gave a record.</summary>
    public long Measured { get; private set; }

    /// <summary>Measurements and tries of the setup that failed, for whatever reason.</summary>
    public long Failed { get; private set; }

    /// <summary>Of these: those with a wrong checksum.</summary>
    public long BadChecksums { get; private set; }

    /// <summary>Monotonic time in nanoseconds.</summary>
    public Func<long> Clock { private get; init; } = ByteSource.MonotonicNs;

    /// <summary>Folder that stands for / in /sys.</summary>
    public string Root { private get; init; } = "/";

    /// <inheritdoc/>
    public override void Run(long nowNs)
    {
        _startNs = _startNs == 0 ? nowNs : _startNs;
        I2cOutcome outcome = _sequence.Run(_bus, _address, nowNs);
        long endNs = Clock();
        long readyNs = endNs + _sequence.WaitNs;
        switch (outcome)
        {
            case I2cOutcome.Next:
                DueNs = readyNs;
                break;
            case I2cOutcome.Complete when _sequence == _setup:
                EndSetup(readyNs);
                break;
            case I2cOutcome.Complete:
                EndMeasurement();
                Begin(_measure);
                WaitForTurn(readyNs);
                break;
            default:
                Fail(outcome, endNs);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void Report(string problem) => Source.Lose($"{Source.Description}: {problem}");

    private void EndSetup(long readyNs)
    {
        if (_compensation is not null && !_compensation.TryCalibrate(_setup.Bytes))
        {
            Fail(I2cOutcome.BadCalibration, readyNs);
            return;
        }

        // The turns stay where they were, unless these are the first.
        long turns = Math.Max(0, readyNs - _startNs) / _periodNs;
        _startNs = _measuredOnce ? _startNs + (turns * _periodNs) : readyNs;
        Begin(_measure);
        DueNs = readyNs;
    }

    private void EndMeasurement()
    {
        Source.Offer(_compensation is null ? _measure.Bytes : Compensate(_compensation), _measure.ReadNs);
        Measured++;
        _measuredOnce = true;
        _failuresInRow = 0;
        _retry.Reset();
        _lostBy = default;
    }

    private ReadOnlySpan<byte> Compensate(Compensation compensation)
    {
        Span<double> quantities = stackalloc double[Compensation.MostQuantities];
        compensation.Compute(_measure.Bytes, quantities);
        for (int i = 0; i < _order.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(_values.AsSpan(i * sizeof(double)), quantities[_order[i]]);
        }

        return _values;
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
        int errno = outcome == I2cOutcome.Failed ? _sequence.Errno : 0;
        int allowed = outcome == I2cOutcome.BadChecksum ? BadChecksumsAllowed : _measuredOnce ? FailuresAllowed : 1;
        if (_failuresInRow >= allowed)
        {
            Lose(outcome, errno, endNs);
            return;
        }

        Begin(outcome == I2cOutcome.Failed || _sequence == _setup ? _setup : _measure);
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
        Begin(_setup);
        DueNs = endNs + _retry.Ns;
        _retry.Grow();
    }

    private string Explain(I2cOutcome outcome, int errno) => outcome switch
    {
        I2cOutcome.Failed => I2cAdvice.Explain(_bus.Description, _address, errno, _kernelDriver, Root),
        I2cOutcome.BadChecksum => $"{Source.Description}: {BadChecksumsAllowed} wrong checksums in a row: shorten the wires, use "
            + "stronger pull-ups or a lower clock; if it never works, check the profile's checksum",
        I2cOutcome.Unexpected => $"{Source.Description}: {_sequence.DescribeUnexpected()}: another sensor, or it is not ready",
        _ => $"{Source.Description}: its calibration reads as blank: power it off and on, or check that it is this sensor",
    };

    private void Begin(I2cSequence sequence)
    {
        _sequence = sequence.IsEmpty ? _measure : sequence;
        _sequence.Begin();
    }
}
