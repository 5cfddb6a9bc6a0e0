// The ROHM BH1750FVI: illuminance by one-byte commands.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: ROHM, "BH1750FVI" technical note, instruction set and measurement sequence.</summary>
/// <remarks>Reads give the data register at any time: what the last finished measurement left there.</remarks>
/// <param name="time">The clock of measurements.</param>
public sealed class Bh1750(TimeProvider time) : EmulatedI2cDevice
{
    private const double HighResolutionMs = 180, LowResolutionMs = 24;   // the longest

    private readonly Conversion _measurement = new(time);
    private bool _isOn;
    private bool _isNonsense;
    private int _mode;
    private int _data;

    /// <summary>Counts of H-resolution mode: lx = counts / 1.2.</summary>
    public int Counts { get; init; }

    /// <inheritdoc/>
    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        Settle();
        int command = bytes.Length == 1 ? bytes[0] : -1;
        switch (command)
        {
            case 0x00 or 0x01:
                _isOn = command == 0x01;
                _measurement.Stop();
                return true;
            case 0x07:
                _data = _isOn ? 0 : _data;
                return _isOn;
            case 0x10 or 0x11 or 0x13 or 0x20 or 0x21 or 0x23:
                _isOn = true;   // the command "power on" may be omitted
                _mode = command;
                _measurement.Start((command & 3) == 3 ? LowResolutionMs : HighResolutionMs);
                return true;
            default:
                return command is >= 0x40 and < 0x48 or >= 0x60 and < 0x80;   // measurement time, not modelled
        }
    }

    /// <inheritdoc/>
    public override bool Read(Span<byte> bytes)
    {
        Settle();
        if (bytes.Length > 2)
        {
            return false;
        }

        bytes[0] = (byte)(_data >> 8);
        bytes[^1] = (byte)(bytes.Length == 2 ? _data : _data >> 8);
        return true;
    }

    /// <inheritdoc/>
    public override void PlugIn() => PowerOn();

    /// <inheritdoc/>
    public override void PowerOn()
    {
        (_isOn, _mode, _data) = (false, 0, 0);
        _measurement.Reset();
    }

    /// <inheritdoc/>
    public override void BeNonsense(bool nonsense) => _isNonsense = nonsense;

    // Takes over a finished measurement; a one-time one ends in power down.
    private void Settle()
    {
        if (!_measurement.IsDone)
        {
            return;
        }

        _data = _isNonsense ? 0xFFFF : (_mode & 3) == 1 ? Math.Min(Counts * 2, 0xFFFF) : Counts;
        if ((_mode & 0x20) != 0)
        {
            _isOn = false;
            _measurement.Stop();
        }
        else
        {
            _measurement.Take();
        }
    }
}
