// The Texas Instruments INA219: voltage, current and power of a supply line, computed in the sensor by its calibration.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>
/// <code>
/// current = shunt · calibration / 4096        power = current · bus / 5000
/// </code>
/// Source: Texas Instruments, "INA219" data sheet, SBOS448, programming and register details.
/// </summary>
/// <param name="time">The clock of conversions.</param>
public sealed class Ina219(TimeProvider time) : WordRegisterDevice
{
    private const byte Config = 0, Shunt = 1, Bus = 2, Power = 3, Current = 4, Calibration = 5;
    private const int ConfigReset = 0x399F, ResetBit = 0x8000, Ready = 2;
    private static readonly double[] AveragedMs = [0.532, 1.06, 2.13, 4.26, 8.51, 17.02, 34.05, 68.10];
    private static readonly double[] SingleMs = [0.084, 0.148, 0.276, 0.532];

    private readonly Conversion _conversion = new(time);
    private int _config;
    private int _calibration;

    /// <summary>Voltage of the shunt, in 10 µV.</summary>
    public int ShuntCode { get; init; }

    /// <summary>Voltage of the supply line, in 4 mV.</summary>
    public int BusCode { get; init; }

    private bool IsContinuous => (_config & 7) == 7;

    /// <inheritdoc/>
    protected override int WidthOf(byte address) => address <= Calibration ? 2 : 0;

    /// <inheritdoc/>
    protected override void Reset()
    {
        _calibration = 0;
        _conversion.Reset();
        Configure(ConfigReset);
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, int value)
    {
        switch (address)
        {
            case Config when (value & ResetBit) != 0:
                Reset();
                return true;
            case Config:
                Configure(value);
                return true;
            case Calibration:
                _calibration = value & 0xFFFE;   // bit 0 is void
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    protected override int ReadRegister(byte address)
    {
        bool done = _conversion.HasResult;
        int limit = 4000 << ((_config >> 11) & 3);
        int shunt = !done ? 0 : IsNonsense ? 0x7FFF : Math.Clamp(ShuntCode, -limit, limit);
        int bus = !done ? 0 : IsNonsense ? 0x1FFF : Math.Clamp(BusCode, 0, (_config & 0x2000) != 0 ? 8000 : 4000);
        int current = shunt * _calibration / 4096;
        switch (address)
        {
            case Config:
                return _config;
            case Shunt:
                return shunt;
            case Bus:
                return (bus << 3) | (_conversion.IsDone ? Ready : 0);
            case Current:
                return current;
            case Power:
                _conversion.Take();   // CNVR falls when power is read
                return Math.Abs(current) * bus / 5000;
            default:
                return _calibration;
        }
    }

    private void Configure(int value)
    {
        _config = value;
        if (IsContinuous)
        {
            _conversion.Start(DurationMs((value >> 7) & 15) + DurationMs((value >> 3) & 15));
        }
        else
        {
            _conversion.Stop();
        }
    }

    private static double DurationMs(int code) => (code & 8) != 0 ? AveragedMs[code & 7] : SingleMs[code & 3];
}
