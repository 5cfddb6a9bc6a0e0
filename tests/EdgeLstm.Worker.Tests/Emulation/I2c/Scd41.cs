// The Sensirion SCD41: CO2, temperature and humidity, measured by itself every 5 s once it was started.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: Sensirion, "SCD4x" data sheet, version 1.3, digital interface description.</summary>
/// <param name="time">The clock of measurements.</param>
/// <param name="haste">1 for the data sheet's 5 s between measurements and 0.5 s to stop; more where a test should not last so
/// long.</param>
public sealed class Scd41(TimeProvider time, double haste = 1) : CommandDevice(time)
{
    private readonly Conversion _period = new(time);
    private bool _isMeasuring;

    /// <summary>ppm.</summary>
    public int CarbonDioxide { get; init; }

    /// <summary>°C = −45 + 175 · code / 65535.</summary>
    public int Temperature { get; init; }

    /// <summary>% = 100 · code / 65535.</summary>
    public int Humidity { get; init; }

    /// <inheritdoc/>
    protected override bool Execute(ReadOnlySpan<byte> bytes)
    {
        int command = bytes.Length == 2 ? CommandOf(bytes) : -1;
        switch (command)
        {
            case 0x21B1 when !_isMeasuring:
                _isMeasuring = true;
                _period.Start(5000 / haste);
                return Take(0);
            case 0x3F86:   // stop
                _isMeasuring = false;
                _period.Reset();
                return Take(500 / haste);
            case 0xE4B8:   // data ready: the low 11 bits are 0 when there is none
                return Take(1, SensirionCrc.Words(_period.IsDone ? 0x8006 : 0x8000));
            case 0xEC05 when _period.IsDone:
                _period.Take();
                return Take(1, Words());
            case 0xEC05:   // acknowledged; the read that follows is not
                return Take(1);
            case 0x3646 when !_isMeasuring:   // reinit
                return Take(30);
            case 0x3682 when !_isMeasuring:   // serial number
                return Take(1, SensirionCrc.Words(0x0123, 0x4567, 0x89AB));
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    protected override void Reset()
    {
        _isMeasuring = false;
        _period.Reset();
    }

    private byte[] Words() =>
        SensirionCrc.Words(IsNonsense ? 0xFFFF : CarbonDioxide, IsNonsense ? 0xFFFF : Temperature, Humidity);
}
