// The Sensirion SHT40: humidity and temperature, single shots by one-byte commands.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: Sensirion, "SHT4x" data sheet, command overview and conversion of signal output.</summary>
/// <param name="time">The clock of measurements.</param>
public sealed class Sht40(TimeProvider time) : CommandDevice(time)
{
    /// <summary>°C = −45 + 175 · code / 65535.</summary>
    public int Temperature { get; init; }

    /// <summary>% = −6 + 125 · code / 65535.</summary>
    public int Humidity { get; init; }

    /// <inheritdoc/>
    protected override bool Execute(ReadOnlySpan<byte> bytes) => (bytes.Length == 1 ? bytes[0] : -1) switch
    {
        0xFD => Measure(8.3),
        0xF6 => Measure(4.5),
        0xE0 => Measure(1.6),
        0x89 => Take(1, SensirionCrc.Words(0x0123, 0x4567)),   // serial number
        0x94 => Take(1),                                       // soft reset
        _ => false,
    };

    /// <inheritdoc/>
    protected override void Reset()
    {
    }

    private bool Measure(double durationMs) =>
        Take(durationMs, SensirionCrc.Words(IsNonsense ? 0xFFFF : Temperature, IsNonsense ? 0xFFFF : Humidity));
}
