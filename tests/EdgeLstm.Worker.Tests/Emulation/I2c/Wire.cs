// The master's end of an emulated bus, in hexadecimal as data sheets write transfers.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>One device at a bus, its clock turned by hand.</summary>
/// <param name="create">Makes the device.</param>
internal sealed class Wire(Func<TimeProvider, EmulatedI2cDevice> create)
{
    private const int Address = 0x40;

    private readonly HandClock _clock = new();
    private EmulatedI2cBus? _bus;

    /// <summary>Writes, then reads so many bytes.</summary>
    /// <returns>The bytes read; "NACK" where the device does not acknowledge.</returns>
    public string Transfer(string write, int readBytes)
    {
        byte[] read = new byte[readBytes];
        _bus ??= new EmulatedI2cBus().Attach(Address, create(_clock));
        return _bus.Transfer(Address, Convert.FromHexString(write.Replace(" ", "")), read) == 0
            ? string.Join(' ', read.Select(value => $"{value:X2}"))
            : "NACK";
    }

    /// <summary>Writes; true when all was acknowledged.</summary>
    public bool Write(string bytes) => Transfer(bytes, 0).Length == 0;

    /// <summary>Reads.</summary>
    public string Read(int bytes) => Transfer("", bytes);

    /// <summary>Turns the clock.</summary>
    public void Pass(double milliseconds) => _clock.Pass(milliseconds);

    /// <summary>Takes the power away and gives it back.</summary>
    public void LosePower()
    {
        _bus!.Break(Address, Supported.Fault.GoneAndBack);
        Assert.Equal("NACK", Read(1));
        _bus.Mend(Address);
    }
}
