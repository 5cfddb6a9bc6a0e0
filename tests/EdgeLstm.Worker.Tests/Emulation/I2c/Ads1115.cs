// The Texas Instruments ADS1115: four inputs, one converter of 16 bits with a programmable range.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: Texas Instruments, "ADS111x" data sheet, SBAS444, register map.</summary>
/// <param name="time">The clock of conversions.</param>
public sealed class Ads1115(TimeProvider time) : WordRegisterDevice
{
    private const byte Conversion_ = 0, Config = 1, LowThreshold = 2, HighThreshold = 3;
    private const int Ready = 0x8000, ConfigReset = 0x8583;
    private static readonly int[] FullScaleMicrovolt =
        [6_144_000, 4_096_000, 2_048_000, 1_024_000, 512_000, 256_000, 256_000, 256_000];
    private static readonly int[] RatesHz = [8, 16, 32, 64, 128, 250, 475, 860];

    private readonly Conversion _conversion = new(time);
    private readonly int[] _thresholds = [0x8000, 0x7FFF];
    private int _config;
    private int _result;

    /// <summary>Voltages of AIN0 to AIN3 against ground, in µV.</summary>
    public int[] InputsMicrovolt { get; init; } = new int[4];

    /// <inheritdoc/>
    protected override int WidthOf(byte address) => address <= HighThreshold ? 2 : 0;

    /// <inheritdoc/>
    protected override void Reset()
    {
        _config = ConfigReset;
        _result = 0;
        _conversion.Reset();
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, int value)
    {
        switch (address)
        {
            case Config:
                _config = value & ~Ready;
                if ((value & Ready) != 0)
                {
                    _conversion.Start(1000.0 / RatesHz[(value >> 5) & 7] * 1.1);   // its oscillator may be 10 % slow
                }

                return true;
            case LowThreshold or HighThreshold:
                _thresholds[address - LowThreshold] = value;
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    protected override int ReadRegister(byte address)
    {
        if (_conversion.IsDone)
        {
            _result = Convert();
            _conversion.Stop();
        }

        return address switch
        {
            Conversion_ => _result,
            Config => (_config & ~Ready) | (_conversion.IsRunning ? 0 : Ready),
            _ => _thresholds[address - LowThreshold],
        };
    }

    private int Convert()
    {
        if (IsNonsense)
        {
            return 0x8000;   // minus full scale, which no input against ground can have
        }

        int mux = (_config >> 12) & 7;
        (int plus, int minus) = mux switch { 0 => (0, 1), 1 => (0, 3), 2 => (1, 3), 3 => (2, 3), _ => (mux - 4, -1) };
        long microvolt = InputsMicrovolt[plus] - (minus < 0 ? 0 : InputsMicrovolt[minus]);
        return (int)Math.Clamp(microvolt * 32768 / FullScaleMicrovolt[(_config >> 9) & 7], -32768, 32767);
    }
}
