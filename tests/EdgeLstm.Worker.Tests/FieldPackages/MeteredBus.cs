// An emulated bus that knows what the emulation itself allocates, so that it is not taken for what is measured.

using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.I2c;

namespace EdgeLstm.Worker.Tests.FieldPackages;

/// <summary>Passes transfers on and adds up the bytes that they allocate.</summary>
internal sealed class MeteredBus : I2cBus
{
    /// <summary>The bus behind it.</summary>
    public EmulatedI2cBus Emulated { get; } = new();

    /// <summary>Bytes allocated by the emulation so far.</summary>
    public long Allocated { get; private set; }

    /// <inheritdoc/>
    public override string Description => Emulated.Description;

    /// <inheritdoc/>
    public override int Transfer(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        int errno = Emulated.Transfer(address, write, read);
        Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        return errno;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Emulated.Dispose();
}
