// The Bosch BME280 (temperature, pressure, humidity), and the BMP280 as the same without humidity.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Temperature and pressure, with their calibration, are those of the BMP280 data sheet's worked example.</summary>
/// <remarks>Sources: Bosch Sensortec, "BMP280" data sheet, BST-BMP280-DS001, 3.12 and 4.3; "BME280" data sheet,
/// BST-BME280-DS002, 5.3 and 9.1 (measurement time).</remarks>
/// <param name="time">The clock of measurements.</param>
/// <param name="hasHumidity">True for a BME280.</param>
public sealed class Bme280(TimeProvider time, bool hasHumidity) : BoschDevice(time)
{
    private const byte CTRL_HUM = 0xF2, STATUS = 0xF3, CTRL_MEAS = 0xF4, CONFIG = 0xF5, PRESS_MSB = 0xF7, TEMP_MSB = 0xFA;
    private const byte HUM_MSB = 0xFD, HUM_LSB = 0xFE;
    private const int Skipped = 0x80000, SkippedHumidity = 0x8000, Measuring = 8;

    private int _humiditySamples;   // ctrl_hum counts only once ctrl_meas is written

    /// <summary>The raw temperature of the worked example.</summary>
    public int Temperature { get; init; } = 519888;

    /// <summary>The raw pressure of the worked example.</summary>
    public int Pressure { get; init; } = 415148;

    /// <summary>A raw humidity.</summary>
    public int Humidity { get; init; } = 30000;

    /// <inheritdoc/>
    protected override byte ChipId => (byte)(hasHumidity ? 0x60 : 0x58);

    /// <inheritdoc/>
    protected override void Reset()
    {
        base.Reset();
        Put20(PRESS_MSB, Skipped);
        Put20(TEMP_MSB, Skipped);
        PutHumidity(SkippedHumidity);
    }

    /// <inheritdoc/>
    protected override IEnumerable<(int Register, byte[] Bytes)> Calibration()
    {
        yield return (0x88, Words(27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000));
        if (hasHumidity)
        {
            // H1 75, H2 355, H3 0, H4 346, H5 50, H6 30: of the size that real sensors have.
            yield return (0xA1, [75]);
            yield return (0xE1, [355 & 0xFF, 355 >> 8, 0, 346 >> 4, (346 & 15) | ((50 & 15) << 4), 50 >> 4, 30]);
        }
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, byte value)
    {
        switch (address)
        {
            case CTRL_HUM when hasHumidity:
            case CONFIG:
                this[address] = value;
                return true;
            case CTRL_MEAS:
                this[CTRL_MEAS] = value;
                _humiditySamples = SamplesOf(this[CTRL_HUM] & 7);
                if ((value & 3) != 0)
                {
                    Measurement.Start(LongestMs(value));
                }

                return true;
            default:
                return base.WriteRegister(address, value);
        }
    }

    /// <inheritdoc/>
    protected override byte ReadRegister(byte address)
    {
        if (Measurement.IsDone)
        {
            Measurement.Stop();
            this[CTRL_MEAS] &= 0xFC;   // a forced measurement ends in sleep
            int control = this[CTRL_MEAS];
            Put20(TEMP_MSB, control >> 5 == 0 ? Skipped : IsNonsense ? 0xFFFFF : Temperature);
            Put20(PRESS_MSB, (control >> 2 & 7) == 0 ? Skipped : IsNonsense ? 0xFFFFF : Pressure);
            // The formula of humidity ends at 0 and 100 %: only "not measured" is impossible.
            PutHumidity(_humiditySamples == 0 || IsNonsense ? SkippedHumidity : Humidity);
        }

        this[STATUS] = (byte)(Measurement.IsRunning ? Measuring : 0);
        return base.ReadRegister(address);
    }

    private void PutHumidity(int value)
    {
        this[HUM_MSB] = (byte)(hasHumidity ? value >> 8 : 0);
        this[HUM_LSB] = (byte)(hasHumidity ? value : 0);
    }

    private double LongestMs(int control)
    {
        int pressureSamples = SamplesOf(control >> 2 & 7);
        return 1.25 + (2.3 * SamplesOf(control >> 5)) + (pressureSamples == 0 ? 0 : (2.3 * pressureSamples) + 0.575)
            + (_humiditySamples == 0 ? 0 : (2.3 * _humiditySamples) + 0.575);
    }
}
