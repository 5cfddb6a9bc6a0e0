// An I²C bus as its master sees it: one transfer to one address, or the reason why there was none.

namespace EdgeLstm.Worker.Sensors;

/// <summary>One I²C bus. Used by one thread.</summary>
public abstract class I2cBus : IDisposable
{
    /// <summary>What the bus is, for messages: "/dev/i2c-1".</summary>
    public abstract string Description { get; }

    /// <summary>Writes, or reads, or writes and then reads without a stop between.</summary>
    /// <param name="address">7-bit address.</param>
    /// <param name="write">Bytes to write; may be empty.</param>
    /// <param name="read">Receives the bytes read; may be empty.</param>
    /// <returns>0, or the errno of what went wrong: ENXIO or EREMOTEIO where nobody answers, ETIMEDOUT, EBUSY where a kernel
    /// driver owns the address, EOPNOTSUPP where the adapter cannot do it.</returns>
    public abstract int Transfer(int address, ReadOnlySpan<byte> write, Span<byte> read);

    /// <summary>Closes the bus.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the bus holds.</summary>
    protected abstract void Dispose(bool disposing);
}
