// The TAOS TSL2561: two photodiodes and their converters, behind registers that a command byte addresses.

using EdgeLstm.Worker.Tests.Emulation.I2c;

namespace EdgeLstm.Worker.Tests.FieldPackages;

/// <summary>Integrates again and again while it is on, for 402 ms at gain 1.</summary>
/// <remarks>Source: TAOS, "TSL2560, TSL2561" data sheet, TAOS059, register set.</remarks>
/// <param name="time">The clock of integrations.</param>
public sealed class Tsl2561(TimeProvider time) : EmulatedI2cDevice
{
    private const int Command = 0x80, RegisterMask = 0x0F;
    private const int Control = 0, Timing = 1, Id = 10, Data0Low = 12, Data1High = 15;
    private const double IntegrationMs = 402;

    private readonly Conversion _integration = new(time);
    private readonly byte[] _registers = new byte[16];
    private int _register;
    private bool _isNonsense;

    /// <summary>Counts of all light.</summary>
    public int All { get; init; }

    /// <summary>Counts of infrared.</summary>
    public int Infrared { get; init; }

    /// <inheritdoc/>
    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        if ((bytes[0] & Command) == 0)
        {
            return false;
        }

        _register = bytes[0] & RegisterMask;
        foreach (byte value in bytes[1..])
        {
            if (_register >= Id)
            {
                return false;
            }

            _registers[_register] = value;
            if (_register is Control or Timing)
            {
                Integrate();
            }

            _register++;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Read(Span<byte> bytes)
    {
        foreach (ref byte value in bytes)
        {
            value = _register is >= Data0Low and <= Data1High ? DataOf(_register - Data0Low) : _registers[_register];
            _register = (_register + 1) & RegisterMask;
        }

        return true;
    }

    /// <inheritdoc/>
    public override void PlugIn() => PowerOn();

    /// <inheritdoc/>
    public override void PowerOn()
    {
        Array.Clear(_registers);
        _registers[Timing] = 2;
        _registers[Id] = 0x50;
        _integration.Reset();
    }

    /// <inheritdoc/>
    public override void BeNonsense(bool nonsense) => _isNonsense = nonsense;

    private void Integrate()
    {
        if ((_registers[Control] & 3) == 3)
        {
            _integration.Start(IntegrationMs);
        }
        else
        {
            _integration.Stop();
        }
    }

    private byte DataOf(int index)
    {
        int word = !_integration.HasResult ? 0 : _isNonsense ? ushort.MaxValue : index < 2 ? All : Infrared;
        return (byte)(index % 2 == 0 ? word : word >> 8);
    }
}
