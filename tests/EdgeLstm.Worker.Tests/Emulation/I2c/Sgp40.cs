// The Sensirion SGP40: the raw signal of a heated metal oxide, for the air's humidity and temperature that it is told.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: Sensirion, "SGP40" data sheet, version 1, operation and data transfer.</summary>
/// <param name="time">The clock of measurements.</param>
public sealed class Sgp40(TimeProvider time) : CommandDevice(time)
{
    /// <summary>SRAW_VOC, in ticks.</summary>
    public int RawSignal { get; init; }

    /// <inheritdoc/>
    protected override bool Execute(ReadOnlySpan<byte> bytes) => CommandOf(bytes) switch
    {
        0x260F when bytes.Length == 8 && IsWord(bytes[2..5]) && IsWord(bytes[5..8]) =>
            Take(30, SensirionCrc.Words(IsNonsense ? 0xFFFF : RawSignal)),
        0x280E when bytes.Length == 2 => Take(320, SensirionCrc.Words(0xD400)),           // self-test: all passed
        0x3615 when bytes.Length == 2 => Take(1),                                         // heater off
        0x3682 when bytes.Length == 2 => Take(1, SensirionCrc.Words(0x0000, 0x0123, 0x4567)),
        _ => false,
    };

    /// <inheritdoc/>
    protected override void Reset()
    {
    }

    private static bool IsWord(ReadOnlySpan<byte> word) => SensirionCrc.Of(word[..2]) == word[2];
}
