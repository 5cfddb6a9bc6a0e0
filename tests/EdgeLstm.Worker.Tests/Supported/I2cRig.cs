// An emulated I²C sensor on an emulated bus, read by the product's own sensor and polling thread.

using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.I2c;

namespace EdgeLstm.Worker.Tests.Supported;

/// <summary>A profile on the emulation of its sensor.</summary>
/// <param name="profile">The profile's file in firmware-configs/i2c/.</param>
/// <param name="device">The emulation, which says what its data sheet's example says.</param>
/// <param name="exampleFrom">Where the example's figures come from.</param>
/// <param name="example">Channel, value, tolerance.</param>
internal sealed class I2cRig(
    string profile,
    EmulatedI2cDevice device,
    string exampleFrom,
    params (string Channel, double Value, double Tolerance)[] example) : SensorRig
{
    /// <summary>Faster than most sensors measure: those are read as fast as their profile's waits allow.</summary>
    private const double RateHz = 100;

    private readonly EmulatedI2cBus _bus = new();
    private PollingThread? _line;
    private ByteSource? _source;
    private int _address;

    /// <inheritdoc/>
    public override string Profile => $"i2c/{profile}.json";

    /// <summary>The emulation.</summary>
    public EmulatedI2cDevice Device => device;

    /// <inheritdoc/>
    public override string Exercise =>
        $"{(device is RegisterDevice or WordRegisterDevice ? "registers" : "commands")} behind the bus type, "
        + "and behind /dev/i2c-N under the published program";

    /// <inheritdoc/>
    public override string ExampleFrom => exampleFrom;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example => example;

    /// <inheritdoc/>
    public override IReadOnlyList<Fault> Faults =>
        [Fault.NoAnswer, Fault.StuckBus, Fault.SlowAnswer, Fault.HalfRecord,
            .. TellsNonsense ? [Fault.NonsenseValues] : Array.Empty<Fault>(),
            .. HasChecksum ? [Fault.WrongChecksum] : Array.Empty<Fault>(), Fault.GoneAndBack];

    /// <summary>True where the sensor sends checksums.</summary>
    public bool HasChecksum { get; init; }

    /// <summary>False where what reads the sensor makes a possible value of an impossible one, or a missing one.</summary>
    public bool TellsNonsense { get; init; } = true;

    /// <summary>Longest wait of the setup that this rig keeps; longer ones are for what the emulation does faster.</summary>
    public double LongestWaitMs { get; init; } = double.PositiveInfinity;

    /// <summary>What reads the sensor: bus, profile, fields, address, rate.</summary>
    public Func<I2cBus, SensorProfile, IReadOnlyList<string>, int, double, I2cTask> Task { get; init; } =
        (bus, profile, fields, address, rateHz) => new I2cSensor(bus, profile, fields, address, rateHz);

    /// <inheritdoc/>
    public override ByteSource Open(SensorProfile sensor)
    {
        I2cProfile i2c = sensor.Transport!.I2c!;
        _address = (int)i2c.Address.Value;
        _bus.Attach(_address, device);
        I2cStep[] setup = [.. (i2c.Setup ?? []).Select(step => step with { WaitMs = Math.Min(step.WaitMs, LongestWaitMs) })];
        SensorProfile hurried = sensor with { Transport = sensor.Transport with { I2c = i2c with { Setup = setup } } };
        I2cTask task = Task(_bus, hurried, [.. sensor.Channels.Select(channel => channel.FieldText)], _address, RateHz);
        _line = new PollingThread(_bus.Description, _bus);
        _line.Add(task);
        _line.Start();
        _source = task.Source;
        return _source;
    }

    /// <summary>Takes the sensor's power away and gives it back between two transfers.</summary>
    public void InterruptPower() => _bus.InterruptPower(_address);

    /// <inheritdoc/>
    public override void Break(Fault fault) => _bus.Break(_address, fault);

    /// <inheritdoc/>
    public override void Mend() => _bus.Mend(_address);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _line?.Dispose();
        _source?.Dispose();
        _bus.Dispose();
    }
}
