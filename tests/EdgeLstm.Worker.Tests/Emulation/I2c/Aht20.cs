// The Aosong AHT20: humidity and temperature of 20 bits each behind a status byte.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Source: Aosong, "AHT20" product manual, sensor communication.</summary>
/// <param name="time">The clock of measurements.</param>
public sealed class Aht20(TimeProvider time) : EmulatedI2cDevice
{
    private const int Busy = 0x80, Calibrated = 0x08, Unused = 0x10;

    private readonly Conversion _work = new(time);
    private readonly Conversion _measurement = new(time);
    private readonly byte[] _answer = new byte[7];
    private bool _isCalibrated;
    private bool _isNonsense;

    /// <summary>% = 100 · code / 2²⁰.</summary>
    public int Humidity { get; init; }

    /// <summary>°C = 200 · code / 2²⁰ − 50.</summary>
    public int Temperature { get; init; }

    /// <inheritdoc/>
    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        if (_work.IsRunning || _measurement.IsRunning)
        {
            return false;
        }

        switch (bytes)
        {
            case [0xBA]:   // soft reset
                PowerOn();
                _work.Start(20);
                return true;
            case [0xBE, 0x08, 0x00]:
                _isCalibrated = true;
                _work.Start(10);
                return true;
            case [0xAC, 0x33, 0x00] when _isCalibrated:
                _measurement.Start(80);
                return true;
            default:
                return bytes is [0x71];   // status, which every read begins with
        }
    }

    /// <inheritdoc/>
    public override bool Read(Span<byte> bytes)
    {
        if (_work.IsRunning || bytes.Length > _answer.Length)
        {
            return false;
        }

        if (_measurement.IsDone)
        {
            Settle();
        }

        _answer[0] = (byte)(Unused | (_measurement.IsRunning ? Busy : 0) | (_isCalibrated ? Calibrated : 0));
        _answer[6] = SensirionCrc.Of(_answer.AsSpan(0, 6));
        _answer.AsSpan(0, bytes.Length).CopyTo(bytes);
        return true;
    }

    /// <inheritdoc/>
    public override void PlugIn() => PowerOn();

    /// <inheritdoc/>
    public override void PowerOn()
    {
        _isCalibrated = false;
        _work.Reset();
        _measurement.Reset();
        Array.Clear(_answer);
    }

    /// <inheritdoc/>
    public override void BeNonsense(bool nonsense) => _isNonsense = nonsense;

    private void Settle()
    {
        long humidity = Humidity;
        long temperature = _isNonsense ? 0xFFFFF : Temperature;   // 150 °C; no humidity is impossible
        long both = (humidity << 20) | temperature;
        for (int i = 0; i < 5; i++)
        {
            _answer[1 + i] = (byte)(both >> (32 - (8 * i)));
        }

        _measurement.Stop();
    }
}
