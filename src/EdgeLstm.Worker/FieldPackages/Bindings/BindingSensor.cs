// A sensor on an I²C bus that is read through its class of Iot.Device.Bindings.

using System.Buffers.Binary;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Sets its binding up, then offers a record of float64 numbers for each measurement. Allocates nothing of its own while
/// all is well.</summary>
#pragma warning disable CA1001 // A device on one of our buses holds nothing that must be released.
internal sealed class BindingSensor : I2cTask
#pragma warning restore CA1001
{
    private const double NsPerMs = 1e6;

    private readonly DeviceBinding _binding;
    private readonly BusDevice _device;
    private readonly I2cSequence _identify;
    private readonly int[] _order;         // [fields] which channel of the binding
    private readonly bool[] _wanted;       // [channels of the binding]
    private readonly double[] _readings;   // [channels of the binding]
    private readonly byte[] _record;       // [fields · 8]
    private ChannelRead? _read;
    private bool _isIdentified;
    private bool _isStarted;               // the reading that starts what the next one gives is done
    private long _waitNs;
    private int _errno;
    private string _unexpected = "";

    /// <param name="bus">The bus, served by the thread that runs this.</param>
    /// <param name="profile">A profile of transport i2c whose sensor has a binding.</param>
    /// <param name="fields">Channels of the binding that the record holds, in this order.</param>
    /// <param name="address">7-bit address.</param>
    /// <param name="rateHz">Measurements per second; above 0.</param>
    /// <exception cref="ArgumentException">There is no binding for the sensor, or it has no such channel: see
    /// <see cref="DeviceBindings.Check"/>.</exception>
    public BindingSensor(I2cBus bus, SensorProfile profile, IReadOnlyList<string> fields, int address, double rateHz)
        : base(bus, profile, address, rateHz)
    {
        _binding = DeviceBindings.Find(profile)
            ?? throw new ArgumentException($"profile '{profile.Name}' has no binding", nameof(profile));
        _order = [.. fields.Select(IndexOf)];
        _wanted = [.. _binding.Channels.Select(channel => fields.Contains(channel.Name))];
        _readings = new double[_binding.Channels.Length];
        _record = new byte[_order.Length * sizeof(double)];
        _device = new BusDevice(bus, address, _binding.ChecksWords, () => Clock());
        _identify = new I2cSequence("identify", ProfileOf(profile).Identify is { } step ? [step] : [], checksum: null);
        Source = CreateSource(_record.Length, givesPhysicalValues: true);
        Begin(setup: true);
    }

    private enum Call
    {
        Open,
        Start,
        Measure,
    }

    /// <inheritdoc/>
    public override QueuedSource Source { get; }

    /// <inheritdoc/>
    protected override long WaitNs => _waitNs;

    /// <inheritdoc/>
    protected override int Errno => _errno;

    /// <inheritdoc/>
    protected override bool HasSetup => true;

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Record => _record;

    /// <inheritdoc/>
    protected override long RecordNs => _device.ReadNs;

    /// <inheritdoc/>
    protected override bool SetsUpAfter(I2cOutcome failure) => failure != I2cOutcome.BadChecksum;

    /// <inheritdoc/>
    protected override void Restart(bool setup)
    {
        _isIdentified = !setup || _identify.IsEmpty;
        _isStarted = _binding.StartedMs == 0;
        _identify.Begin();
    }

    /// <inheritdoc/>
    protected override I2cOutcome SetUp(long nowNs)
    {
        _unexpected = "";
        if (!_isIdentified)
        {
            return Identify(nowNs);
        }

        _waitNs = (long)(_binding.FirstWaitMs * NsPerMs);
        return Try(Call.Open);
    }

    /// <inheritdoc/>
    protected override I2cOutcome Measure(long nowNs)
    {
        if (!_isStarted)
        {
            _waitNs = (long)(_binding.StartedMs * NsPerMs);
            I2cOutcome started = Try(Call.Start);
            _isStarted = started == I2cOutcome.Complete;
            return _isStarted ? I2cOutcome.Next : started;
        }

        _waitNs = 0;
        return Try(Call.Measure);
    }

    /// <inheritdoc/>
    protected override string DescribeUnexpected(I2cOutcome outcome) =>
        $"{(_unexpected.Length > 0 ? _unexpected : _identify.DescribeUnexpected())}: another sensor, or it is not ready";

    private I2cOutcome Identify(long nowNs)
    {
        I2cOutcome outcome = _identify.Run(Bus, Address, nowNs);
        _waitNs = _identify.WaitNs;
        _errno = _identify.Errno;
        _isIdentified = outcome == I2cOutcome.Complete;
        return _isIdentified ? I2cOutcome.Next : outcome;
    }

    // What a binding does not expect it throws, each class in its own way.
    private I2cOutcome Try(Call call)
    {
        try
        {
            return Do(call);
        }
        catch (I2cTransferException failure)
        {
            _errno = failure.Errno;
            return _errno == 0 ? I2cOutcome.BadChecksum : I2cOutcome.Failed;
        }
        catch (Exception failure)
        {
            _unexpected = $"Iot.Device.Bindings: {failure.Message}";
            return I2cOutcome.Unexpected;
        }
    }

    private I2cOutcome Do(Call call)
    {
        if (call == Call.Open)
        {
            _device.IsStarting = true;
            _read = _binding.Open(_device, _wanted);
            return I2cOutcome.Complete;
        }

        if (_binding.Keeps is { } kept && (_device.ReadRegister(kept.Address) & kept.Mask) != kept.Value)
        {
            _unexpected = $"register 0x{kept.Address:X2} is not as it was set";
            return I2cOutcome.Unexpected;
        }

        _read!(_readings);
        if (call == Call.Measure)
        {
            _device.IsStarting = false;
            Write();
        }

        return I2cOutcome.Complete;
    }

    private void Write()
    {
        for (int i = 0; i < _order.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(_record.AsSpan(i * sizeof(double)), _readings[_order[i]]);
        }
    }

    private int IndexOf(string field)
    {
        int index = Array.FindIndex(_binding.Channels, channel => channel.Name == field);
        return index >= 0 ? index
            : throw new ArgumentException($"the binding of {_binding.Name} does not give '{field}'", nameof(field));
    }
}
