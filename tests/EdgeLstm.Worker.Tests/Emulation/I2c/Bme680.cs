// The Bosch BME680: temperature, pressure, humidity, and the resistance of its gas sensor where that is heated.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>The data sheet has no worked example: calibration of the size that real sensors have.</summary>
/// <remarks>Source: Bosch Sensortec, "BME680" data sheet, BST-BME680-DS001, 3.3 and 5.3.</remarks>
/// <param name="time">The clock of measurements.</param>
public sealed class Bme680(TimeProvider time) : BoschDevice(time)
{
    private const byte STATUS = 0x1D, PRESS_MSB = 0x1F, TEMP_MSB = 0x22, HUM_MSB = 0x25, HUM_LSB = 0x26;
    private const byte CTRL_GAS_0 = 0x70, CTRL_GAS_1 = 0x71, CTRL_HUM = 0x72, CTRL_MEAS = 0x74, CONFIG = 0x75;
    private const byte GAS_R_MSB = 0x2A, GAS_R_LSB = 0x2B, RES_HEAT_0 = 0x5A, GAS_WAIT_0 = 0x64, GAS_WAIT_9 = 0x6D;
    private const int RunGas = 0x10, HeatOff = 0x08, GasValid = 0x20, HeaterStable = 0x10;
    private const int Skipped = 0x80000, SkippedHumidity = 0x8000, Measuring = 0x20, NewData = 0x80;

    private int _humiditySamples;

    /// <summary>A raw temperature.</summary>
    public int Temperature { get; init; } = 497000;

    /// <summary>A raw pressure.</summary>
    public int Pressure { get; init; } = 370000;

    /// <summary>A raw humidity.</summary>
    public int Humidity { get; init; } = 22000;

    /// <summary>A raw gas resistance, 10 bits, and its range.</summary>
    public (int Code, int Range) Gas { get; init; }

    private bool Heats => (this[CTRL_GAS_1] & RunGas) != 0 && (this[CTRL_GAS_0] & HeatOff) == 0;

    /// <inheritdoc/>
    protected override byte ChipId => 0x61;

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
        // T1 26125, T2 26382, T3 3
        yield return (0xE9, Words(26125));
        yield return (0x8A, [.. Words(26382), 3]);

        // P1 36236, P2 −10389, P3 88, P4 6779, P5 −167, P7 42, P6 30, P8 −3588, P9 −2306, P10 30
        yield return (0x8E, [.. Words(36236, -10389), 88]);
        yield return (0x94, [.. Words(6779, -167), 42, 30]);
        yield return (0x9C, [.. Words(-3588, -2306), 30]);

        // H2 1016 and H1 777 share the middle byte; H3 0, H4 45, H5 20, H6 120, H7 −100
        yield return (0xE1, [1016 >> 4, ((1016 & 15) << 4) | (777 & 15), 777 >> 4, 0, 45, 20, 120, 256 - 100]);
    }

    /// <inheritdoc/>
    protected override bool WriteRegister(byte address, byte value)
    {
        if (address is not ((>= RES_HEAT_0 and <= GAS_WAIT_9) or CTRL_GAS_0 or CTRL_GAS_1 or CTRL_HUM or CTRL_MEAS or CONFIG))
        {
            return base.WriteRegister(address, value);
        }

        this[address] = value;
        if (address == CTRL_MEAS && (value & 3) == 1)
        {
            _humiditySamples = SamplesOf(this[CTRL_HUM] & 7);
            this[STATUS] = 0;
            int samples = SamplesOf(value >> 5) + SamplesOf(value >> 2 & 7) + _humiditySamples;
            double heatMs = 0;
            if (Heats)
            {
                int wait = this[(byte)(GAS_WAIT_0 + (this[CTRL_GAS_1] & 15))];
                heatMs = (wait & 0x3F) << (2 * (wait >> 6));
            }

            // As Bosch's driver computes it.
            Measurement.Start((1.963 * samples) + (0.477 * 4) + (0.477 * 5) + 1 + heatMs);
        }

        return true;
    }

    /// <inheritdoc/>
    protected override byte ReadRegister(byte address)
    {
        if (Measurement.IsDone)
        {
            Measurement.Stop();
            this[CTRL_MEAS] &= 0xFC;
            this[STATUS] = NewData;
            int control = this[CTRL_MEAS];
            Put20(TEMP_MSB, control >> 5 == 0 ? Skipped : IsNonsense ? 0xFFFFF : Temperature);
            Put20(PRESS_MSB, (control >> 2 & 7) == 0 ? Skipped : IsNonsense ? 0xFFFFF : Pressure);
            // The formula of humidity ends at 0 and 100 %: only "not measured" is impossible.
            PutHumidity(_humiditySamples == 0 || IsNonsense ? SkippedHumidity : Humidity);
            this[GAS_R_MSB] = (byte)(Gas.Code >> 2);
            this[GAS_R_LSB] = (byte)((Gas.Code << 6) | (Heats ? GasValid | HeaterStable : 0) | Gas.Range);
        }

        return address == STATUS && Measurement.IsRunning ? (byte)Measuring : base.ReadRegister(address);
    }

    private void PutHumidity(int value)
    {
        this[HUM_MSB] = (byte)(value >> 8);
        this[HUM_LSB] = (byte)value;
    }
}
