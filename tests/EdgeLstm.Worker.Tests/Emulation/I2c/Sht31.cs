// The Sensirion SHT31: humidity and temperature, single shots by 16-bit commands.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: Sensirion, "SHT3x-DIS" data sheet, version 5, operation and communication.</summary>
/// <param name="time">The clock of measurements.</param>
public sealed class Sht31(TimeProvider time) : CommandDevice(time)
{
    private const int StatusReset = 0x8010;

    private int _status;

    /// <summary>°C = −45 + 175 · code / 65535.</summary>
    public int Temperature { get; init; }

    /// <summary>% = 100 · code / 65535.</summary>
    public int Humidity { get; init; }

    /// <inheritdoc/>
    protected override bool Execute(ReadOnlySpan<byte> bytes)
    {
        switch (bytes.Length == 2 ? CommandOf(bytes) : -1)
        {
            case 0x2400:
                return Measure(15);
            case 0x240B:
                return Measure(6);
            case 0x2416:
                return Measure(4);
            case 0x3093:   // break
                return Take(1);
            case 0x30A2:   // soft reset
                _status = StatusReset;
                return Take(1.5);
            case 0x306D or 0x3066:   // heater on, off
                _status = (_status & ~0x2000) | (bytes[1] == 0x6D ? 0x2000 : 0);
                return Take(0);
            case 0xF32D:
                return Take(0, SensirionCrc.Words(_status));
            case 0x3041:
                _status &= 0x2000;
                return Take(0);
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    protected override void Reset() => _status = StatusReset;

    // 130 °C is beyond its range; 100 % is not, so that a wrong humidity could not be told.
    private bool Measure(double durationMs) => Take(durationMs, SensirionCrc.Words(IsNonsense ? 0xFFFF : Temperature, Humidity));
}
