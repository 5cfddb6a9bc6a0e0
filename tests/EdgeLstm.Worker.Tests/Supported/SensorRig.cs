// One emulated sensor behind its bus, as the table of supported sensors is made from: what it says, and how it can be broken.

using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Supported;

/// <summary>What can go wrong with a sensor.</summary>
public enum Fault
{
    NoAnswer,
    WrongChecksum,
    StuckBus,
    SlowAnswer,
    HalfRecord,
    NonsenseValues,
    GoneAndBack,
}

/// <summary>A profile with an emulation of its sensor that gives the data sheet's example.</summary>
public abstract class SensorRig : IDisposable
{
    /// <summary>The profile's file, relative to firmware-configs/.</summary>
    public abstract string Profile { get; }

    /// <summary>How the sensor is exercised, for the table: "registers behind the bus type and behind /dev/i2c-1".</summary>
    public abstract string Exercise { get; }

    /// <summary>Where the example's figures come from: "Sensirion SHT3x-DIS data sheet (2019), 4.13".</summary>
    public abstract string ExampleFrom { get; }

    /// <summary>Channel, value in the profile's unit, tolerance. Every channel of the profile.</summary>
    public abstract IReadOnlyList<(string Channel, double Value, double Tolerance)> Example { get; }

    /// <summary>The faults that <see cref="Break"/> knows.</summary>
    public abstract IReadOnlyList<Fault> Faults { get; }

    /// <summary>Opens the product's source for the profile on the emulation and starts what serves it, reading fast enough for a
    /// test; called once. The rig keeps it and disposes it.</summary>
    /// <param name="profile">The loaded profile.</param>
    public abstract ByteSource Open(SensorProfile profile);

    /// <summary>Breaks the emulated sensor until <see cref="Mend"/>.</summary>
    public abstract void Break(Fault fault);

    /// <summary>Ends the fault.</summary>
    public abstract void Mend();

    /// <inheritdoc/>
    public override string ToString() => Profile;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
