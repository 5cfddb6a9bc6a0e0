// How one kind of sensor is read through its class of Iot.Device.Bindings: which channels it gives, and what it takes.

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Measures once with an opened sensor.</summary>
/// <param name="values">Receives a value for each of <see cref="DeviceBinding.Channels"/>, in their units; NaN where there is
/// none and where the channel is not wanted.</param>
internal delegate void ChannelRead(Span<double> values);

/// <summary>One channel of a binding.</summary>
/// <param name="Name">Name, as a profile's field asks for it.</param>
/// <param name="Unit">Unit of its values.</param>
/// <param name="ReadMs">What it adds to a reading where it is wanted.</param>
internal sealed record BindingChannel(string Name, string Unit, double ReadMs = 0);

/// <summary>A register that is as the binding has set it, until the sensor loses its power.</summary>
internal readonly record struct SetRegister(byte Address, byte Mask, byte Value);

/// <summary>One kind of sensor. Bindings sleep inside their calls, and no other sensor of the bus is read meanwhile.</summary>
/// <param name="Name">Its name, as a profile names it.</param>
/// <param name="ReadMs">What a reading takes at least, or the time between two of the sensor's own measurements.</param>
/// <param name="Channels">What it gives.</param>
/// <param name="Open">Sets the sensor up, for the channels that are wanted.</param>
internal sealed record DeviceBinding(
    string Name, double ReadMs, BindingChannel[] Channels, Func<BusDevice, bool[], ChannelRead> Open)
{
    /// <summary>Other names: those of a family's members.</summary>
    public string[] OtherNames { get; init; } = [];

    /// <summary>Milliseconds from the setup to the first measurement; other sensors of the bus are read meanwhile.</summary>
    public double FirstWaitMs { get; init; }

    /// <summary>Where a reading gives what the one before it has started: the milliseconds to leave between the two, in which
    /// other sensors of the bus are read; 0 where it gives what it measures.</summary>
    public double StartedMs { get; init; }

    /// <summary>Whether reads are words of two bytes with Sensirion's checksum behind each.</summary>
    public bool ChecksWords { get; init; }

    /// <summary>Read before each measurement: where it is otherwise, the sensor has lost its power and has to be set up
    /// again.</summary>
    public SetRegister? Keeps { get; init; }

    /// <summary>Whether a profile that names a sensor means this one.</summary>
    public bool Is(string name) => Name == name || Array.IndexOf(OtherNames, name) >= 0;

    /// <summary>What a reading of these channels takes, in milliseconds.</summary>
    public double DurationMs(IEnumerable<string> channels) =>
        ReadMs + Channels.Where(channel => channels.Contains(channel.Name)).Sum(channel => channel.ReadMs);
}
