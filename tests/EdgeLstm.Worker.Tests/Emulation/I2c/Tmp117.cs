// The Texas Instruments TMP117: a thermometer of 1/128 °C with a ready bit.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: Texas Instruments, "TMP117" data sheet, SNOSD82, register map and conversion cycle times.</summary>
/// <param name="time">The clock of conversion cycles.</param>
public sealed class Tmp117(TimeProvider time) : WordRegisterDevice
{
    private const byte Temperature = 0, Config = 1, HighLimit = 2, LowLimit = 3, EepromUnlock = 4, Offset = 7, DeviceId = 15;
    private const int ConfigReset = 0x0220, SoftReset = 2, Ready = 0x2000, NotMeasured = 0x8000;
    private static readonly double[] CyclesMs = [15.5, 125, 250, 500, 1000, 4000, 8000, 16000];
    private static readonly double[] AveragingMs = [15.5, 125, 500, 1000];

    private readonly Conversion _cycle = new(time);
    private readonly int[] _others = new int[16];
    private int _config;

    /// <summary>The temperature: °C = code / 128.</summary>
    public int Code { get; init; }

    /// <inheritdoc/>
    protected override int WidthOf(byte address) => address is <= 8 or DeviceId ? 2 : 0;

    /// <inheritdoc/>
    protected override void Reset()
    {
        Array.Clear(_others);
        (_others[HighLimit], _others[LowLimit], _others[DeviceId]) = (0x6000, 0x8000, 0x0117);
        _cycle.Reset();
        Configure(ConfigReset);
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, int value)
    {
        switch (address)
        {
            case Config when (value & SoftReset) != 0:
                Reset();
                return true;
            case Config:
                Configure(value);
                return true;
            case HighLimit or LowLimit or EepromUnlock or Offset:
                _others[address] = value;
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    protected override int ReadRegister(byte address)
    {
        int value = address switch
        {
            Temperature => !_cycle.HasResult || IsNonsense ? NotMeasured : Code,
            Config => _config | (_cycle.IsDone ? Ready : 0),
            _ => _others[address],
        };
        if (address is Temperature or Config)
        {
            _cycle.Take();   // reading either register clears the ready bit
        }

        return value;
    }

    private void Configure(int value)
    {
        _config = value & 0x0FFC;
        if ((value & 0x0C00) is 0 or 0x0800)   // continuous
        {
            _cycle.Start(Math.Max(CyclesMs[(value >> 7) & 7], AveragingMs[(value >> 5) & 3]));
        }
        else
        {
            _cycle.Stop();
        }
    }
}
