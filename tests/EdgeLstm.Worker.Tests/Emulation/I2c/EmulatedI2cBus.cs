// An emulated I²C bus: devices by address, and everything that can go wrong on two wires.

using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Used behind the bus type, and behind /dev/i2c-* through the shim. Any thread may break it.</summary>
public sealed class EmulatedI2cBus : I2cBus
{
    private const int ENXIO = 6, EIO = 5, EBUSY = 16, ETIMEDOUT = 110;
    private const int SlowMs = 20;

    private readonly Dictionary<int, EmulatedI2cDevice> _devices = [];
    private readonly Dictionary<int, Fault> _faults = [];
    private readonly HashSet<int> _kernelOwned = [];
    private readonly Lock _gate = new();
    private bool _half;

    /// <inheritdoc/>
    public override string Description => "emulated bus";

    /// <summary>Transfers made.</summary>
    public long Transfers { get; private set; }

    /// <summary>Puts a device on the bus.</summary>
    public EmulatedI2cBus Attach(int address, EmulatedI2cDevice device)
    {
        device.PlugIn();
        _devices[address] = device;
        return this;
    }

    /// <summary>Takes one device's power away and gives it back between two transfers, so that none fails.</summary>
    public void InterruptPower(int address)
    {
        lock (_gate)
        {
            _devices[address].PowerOn();
        }
    }

    /// <summary>Marks an address as owned by a kernel driver.</summary>
    public EmulatedI2cBus OwnByKernel(int address)
    {
        _kernelOwned.Add(address);
        return this;
    }

    /// <summary>Breaks one device, or with <see cref="Fault.StuckBus"/> all of them.</summary>
    public void Break(int address, Fault fault)
    {
        lock (_gate)
        {
            _faults[address] = fault;
            if (_devices.TryGetValue(address, out EmulatedI2cDevice? device))
            {
                device.BeNonsense(fault == Fault.NonsenseValues);
            }
        }
    }

    /// <summary>Mends one device; one that was gone starts as after power-on.</summary>
    public void Mend(int address)
    {
        lock (_gate)
        {
            if (_faults.Remove(address, out Fault fault) && _devices.TryGetValue(address, out EmulatedI2cDevice? device))
            {
                device.BeNonsense(false);
                if (fault == Fault.GoneAndBack)
                {
                    device.PowerOn();
                }
            }
        }
    }

    /// <inheritdoc/>
    public override int Transfer(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        bool slow;
        int result;
        lock (_gate)
        {
            Transfers++;
            slow = _faults.TryGetValue(address, out Fault fault) && fault == Fault.SlowAnswer;
            result = Answer(address, write, read);
        }

        if (slow)
        {
            using ManualResetEventSlim never = new();
            never.Wait(SlowMs);
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    private int Answer(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        if (_faults.ContainsValue(Fault.StuckBus))
        {
            return ETIMEDOUT;
        }

        if (_kernelOwned.Contains(address))
        {
            return EBUSY;
        }

        bool broken = _faults.TryGetValue(address, out Fault fault);
        if (!_devices.TryGetValue(address, out EmulatedI2cDevice? device)
            || (broken && fault is Fault.NoAnswer or Fault.GoneAndBack))
        {
            return ENXIO;
        }

        if (write.Length > 0 && !device.Write(write))
        {
            return ENXIO;
        }

        if (read.Length > 0 && !device.Read(read))
        {
            return ENXIO;
        }

        if (broken && fault == Fault.HalfRecord && read.Length > 0)
        {
            _half = !_half;   // every other read breaks off in its middle
            return _half ? EIO : 0;
        }

        if (broken && fault == Fault.WrongChecksum && read.Length > 0)
        {
            read[^1] ^= 0x10;   // a bit that the wire turned: the last byte read, where checksums stand
        }

        return 0;
    }
}
