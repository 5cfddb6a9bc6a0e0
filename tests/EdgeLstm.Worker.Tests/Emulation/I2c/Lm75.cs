// The LM75A: a thermometer of 11 bits that measures by itself from power-on.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: NXP, "LM75A" data sheet, register list and temperature register.</summary>
/// <param name="time">The clock of conversions.</param>
public sealed class Lm75(TimeProvider time) : WordRegisterDevice
{
    private const byte Temperature = 0, Config = 1, Hysteresis = 2, Overtemperature = 3;
    private const double PeriodMs = 100;

    private readonly Conversion _conversion = new(time);
    private readonly int[] _limits = new int[2];
    private int _config;

    /// <summary>The temperature as the register holds it: °C = code / 256, low 5 bits not used.</summary>
    public int Code { get; init; }

    /// <inheritdoc/>
    protected override int WidthOf(byte address) => address switch { Config => 1, <= Overtemperature => 2, _ => 0 };

    /// <inheritdoc/>
    protected override void Reset()
    {
        (_config, _limits[0], _limits[1]) = (0, 0x4B00, 0x5000);
        _conversion.Reset();
        _conversion.Start(PeriodMs);
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, int value)
    {
        switch (address)
        {
            case Config:
                _config = value;
                if ((value & 1) != 0)
                {
                    _conversion.Stop();   // shut down
                }
                else
                {
                    _conversion.Start(PeriodMs);
                }

                return true;
            case Hysteresis or Overtemperature:
                _limits[address - Hysteresis] = value;
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    protected override int ReadRegister(byte address) => address switch
    {
        Config => _config,
        Hysteresis or Overtemperature => _limits[address - Hysteresis],
        _ => !_conversion.HasResult ? 0 : IsNonsense ? 0x7FFF : Code,   // 127.875 °C: beyond its 125 °C
    };
}
