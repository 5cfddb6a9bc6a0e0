// A sensor on an I²C bus as its profile describes it: setup, then one measurement a period, transfer by transfer.

using System.Buffers.Binary;
using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Runs a profile's steps and offers a record for each measurement.</summary>
internal sealed class I2cSensor : I2cTask
{
    private readonly I2cSequence _setup;
    private readonly I2cSequence _measure;
    private readonly Compensation? _compensation;
    private readonly int[] _order;          // [fields] which quantity of the compensation
    private readonly byte[] _values;        // [fields · 8] the record of a compensation
    private I2cSequence _sequence;

    /// <param name="bus">The bus, served by the thread that runs this.</param>
    /// <param name="profile">A profile of transport i2c without problems.</param>
    /// <param name="fields">With compensation: the quantities that the record holds, in this order.</param>
    /// <param name="address">7-bit address.</param>
    /// <param name="rateHz">Measurements per second; above 0.</param>
    public I2cSensor(I2cBus bus, SensorProfile profile, IReadOnlyList<string> fields, int address, double rateHz)
        : base(bus, profile, address, rateHz)
    {
        I2cProfile i2c = ProfileOf(profile);
        Checksum? checksum = i2c.Checksum is { } described ? Checksum.From(described) : null;
        _setup = new I2cSequence("setup", i2c.Setup ?? [], checksum);
        _measure = new I2cSequence("measure", i2c.Steps, checksum);
        _compensation = Compensation.Create(i2c.Compensation);
        _order = _compensation is { } known ? fields.ToArray(field => Array.IndexOf(known.Quantities, field)) : [];
        _values = new byte[_order.Length * sizeof(double)];
        _sequence = _measure;
        Source = CreateSource(_compensation is null ? _measure.Bytes.Length : _values.Length);
        Begin(setup: true);
    }

    /// <inheritdoc/>
    public override QueuedSource Source { get; }

    /// <inheritdoc/>
    protected override long WaitNs => _sequence.WaitNs;

    /// <inheritdoc/>
    protected override int Errno => _sequence.Errno;

    /// <inheritdoc/>
    protected override bool HasSetup => !_setup.IsEmpty;

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Record => _compensation is null ? _measure.Bytes : Compensate(_compensation);

    /// <inheritdoc/>
    protected override long RecordNs => _measure.ReadNs;

    /// <inheritdoc/>
    protected override void Restart(bool setup)
    {
        _sequence = setup ? _setup : _measure;
        _sequence.Begin();
    }

    /// <inheritdoc/>
    protected override I2cOutcome SetUp(long nowNs)
    {
        I2cOutcome outcome = _setup.Run(Bus, Address, nowNs);
        bool isBlank = outcome == I2cOutcome.Complete && _compensation is not null
            && !_compensation.TryCalibrate(_setup.Bytes);
        return isBlank ? I2cOutcome.BadCalibration : outcome;
    }

    /// <inheritdoc/>
    protected override I2cOutcome Measure(long nowNs) => _measure.Run(Bus, Address, nowNs);

    /// <inheritdoc/>
    protected override string DescribeUnexpected(I2cOutcome outcome) => outcome == I2cOutcome.Unexpected
        ? $"{_sequence.DescribeUnexpected()}: another sensor, or it is not ready"
        : "its calibration reads as blank: power it off and on, or check that it is this sensor";

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
}
