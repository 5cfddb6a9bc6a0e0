// The Vishay VEML7700: ambient light through an eye-like filter and without one, words little endian.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: Vishay, "VEML7700" data sheet (84286), command register format.</summary>
/// <param name="time">The clock of integrations.</param>
public sealed class Veml7700(TimeProvider time) : WordRegisterDevice
{
    private const byte Config = 0, PowerSaving = 3, Light = 4, White = 5, Interrupt = 6;
    private const int ShutDown = 1;
    private const double StartMs = 2.5;

    private readonly Conversion _integration = new(time);
    private readonly int[] _settings = new int[4];

    /// <summary>Counts of the filtered channel at gain 1/8 and 100 ms.</summary>
    public int LightCounts { get; init; }

    /// <summary>Counts of the white channel at gain 1/8 and 100 ms.</summary>
    public int WhiteCounts { get; init; }

    /// <inheritdoc/>
    protected override bool IsLittleEndian => true;

    /// <inheritdoc/>
    protected override int WidthOf(byte address) => address <= Interrupt ? 2 : 0;

    /// <inheritdoc/>
    protected override void Reset()
    {
        Array.Clear(_settings);
        _settings[Config] = ShutDown;
        _integration.Reset();
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, int value)
    {
        if (address > PowerSaving)
        {
            return false;
        }

        _settings[address] = value;
        if (address == Config && (value & ShutDown) == 0)
        {
            _integration.Start(StartMs + IntegrationMs());
        }
        else if (address == Config)
        {
            _integration.Stop();
        }

        return true;
    }

    /// <inheritdoc/>
    protected override int ReadRegister(byte address) => address switch
    {
        Light => Counts(LightCounts),
        White => Counts(WhiteCounts),
        Interrupt => 0,
        _ => _settings[address],
    };

    private int Counts(int counts)
    {
        double gain = ((_settings[Config] >> 11) & 3) switch { 0 => 1, 1 => 2, 2 => 0.125, _ => 0.25 };
        double full = counts * (gain / 0.125) * (IntegrationMs() / 100);
        return !_integration.HasResult ? 0 : IsNonsense ? 0xFFFF : (int)Math.Min(full, 0xFFFF);
    }

    private double IntegrationMs() => ((_settings[Config] >> 6) & 15) switch
    {
        0b1100 => 25,
        0b1000 => 50,
        1 => 200,
        2 => 400,
        3 => 800,
        _ => 100,
    };
}
