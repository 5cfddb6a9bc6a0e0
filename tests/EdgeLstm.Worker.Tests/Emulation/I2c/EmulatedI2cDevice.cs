// A sensor as its data sheet describes it to a master: what a write does, what a read gives.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>An emulated I²C slave.</summary>
public abstract class EmulatedI2cDevice
{
    /// <summary>Takes the bytes of one write.</summary>
    /// <returns>False for a byte that the sensor does not acknowledge.</returns>
    public abstract bool Write(ReadOnlySpan<byte> bytes);

    /// <summary>Gives the bytes of one read.</summary>
    /// <returns>False where the sensor does not acknowledge its address: nothing measured yet.</returns>
    public abstract bool Read(Span<byte> bytes);

    /// <summary>Put on a bus: the power of most comes on with it.</summary>
    public virtual void PlugIn()
    {
    }

    /// <summary>Power gone and back: registers as after a reset.</summary>
    public abstract void PowerOn();

    /// <summary>Makes the next values impossible ones, beyond the range that the data sheet gives; or ordinary again.</summary>
    public abstract void BeNonsense(bool nonsense);
}
