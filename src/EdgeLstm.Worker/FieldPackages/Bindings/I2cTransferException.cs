// A failed transfer on its way through a binding, whose calls have no other way to tell of it.

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Thrown by <see cref="BusDevice"/>, caught by <see cref="BindingSensor"/>. Not an <see cref="IOException"/>, which
/// some bindings swallow or try again by themselves.</summary>
/// <param name="errno">Why the transfer failed.</param>
internal sealed class I2cTransferException(int errno) : Exception($"errno {errno}")
{
    /// <summary>The errno of the bus; 0 where the transfer went well and a checksum in it is wrong.</summary>
    public int Errno => errno;
}
