// The Texas Instruments INA226: voltage, current and power of a supply line, computed in the sensor by its calibration.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>
/// <code>
/// current = shunt · calibration / 2048        power = current · bus / 20000
/// </code>
/// Source: Texas Instruments, "INA226" data sheet, SBOS547, programming and register maps.
/// </summary>
/// <param name="time">The clock of conversions.</param>
public sealed class Ina226(TimeProvider time) : WordRegisterDevice
{
    private const byte Config = 0, Shunt = 1, Bus = 2, Power = 3, Current = 4, Calibration = 5, MaskEnable = 6, AlertLimit = 7;
    private const byte Manufacturer = 0xFE, Die = 0xFF;
    private const int ConfigReset = 0x4127, ResetBit = 0x8000, Ready = 8;
    private static readonly int[] Averages = [1, 4, 16, 64, 128, 256, 512, 1024];
    private static readonly double[] TimesMs = [0.14, 0.204, 0.332, 0.588, 1.1, 2.116, 4.156, 8.244];

    private readonly Conversion _conversion = new(time);
    private int _config;
    private int _calibration;
    private int _mask;
    private int _limit;

    /// <summary>Voltage of the shunt, in 2.5 µV.</summary>
    public int ShuntCode { get; init; }

    /// <summary>Voltage of the supply line, in 1.25 mV.</summary>
    public int BusCode { get; init; }

    /// <inheritdoc/>
    protected override int WidthOf(byte address) => address is <= AlertLimit or >= Manufacturer ? 2 : 0;

    /// <inheritdoc/>
    protected override void Reset()
    {
        (_calibration, _mask, _limit) = (0, 0, 0);
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
                _calibration = value & 0x7FFF;
                return true;
            case MaskEnable:
                _mask = value & ~Ready;
                return true;
            case AlertLimit:
                _limit = value;
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    protected override int ReadRegister(byte address)
    {
        bool done = _conversion.HasResult;
        int shunt = !done ? 0 : IsNonsense ? 0x7FFF : ShuntCode;
        int bus = !done ? 0 : IsNonsense ? 0x7FFF : BusCode;
        int current = shunt * _calibration / 2048;
        switch (address)
        {
            case Config:
                return _config;
            case Shunt:
                return shunt;
            case Bus:
                return bus;
            case Power:
                return (int)((long)Math.Abs(current) * bus / 20000);
            case Current:
                return current;
            case Calibration:
                return _calibration;
            case MaskEnable:
                int flags = _mask | (_conversion.IsDone ? Ready : 0);
                _conversion.Take();   // CVRF falls when it is read
                return flags;
            case AlertLimit:
                return _limit;
            default:
                return address == Manufacturer ? 0x5449 : 0x2260;
        }
    }

    private void Configure(int value)
    {
        _config = value;
        if ((value & 7) == 7)
        {
            _conversion.Start(Averages[(value >> 9) & 7] * (TimesMs[(value >> 6) & 7] + TimesMs[(value >> 3) & 7]));
        }
        else
        {
            _conversion.Stop();
        }
    }
}
