// Temperature, pressure and humidity of the Bosch BME280; the first two are those of the BMP280.

using System.Buffers.Binary;

namespace EdgeLstm.Worker.Sensors;

/// <summary>The humidity's calibration: register 0xA1 and registers 0xE1 to 0xE7.</summary>
/// <remarks>
/// <code>
/// u = fine − 76800
/// x = (h − (64·H4 + H5 / 16384·u))·H2 / 65536·(1 + H6 / 2²⁶·u·(1 + H3 / 2²⁶·u))
/// % = x·(1 − H1·x / 524288), between 0 and 100
/// </code>
/// Source: Bosch, BME280 data sheet (BST-BME280-DS002), 4.2.2 (registers) and 8.1.
/// </remarks>
internal readonly record struct Bme280HumidityCalibration(byte H1, short H2, byte H3, short H4, short H5, sbyte H6)
{
    /// <summary>Bytes from 0xE1.</summary>
    public const int Bytes = 7;

    /// <summary>Reads register 0xA1 and the registers from 0xE1 [7].</summary>
    public static Bme280HumidityCalibration Read(byte h1, ReadOnlySpan<byte> at) => new(
        h1,
        BinaryPrimitives.ReadInt16LittleEndian(at),
        at[2],
        (short)(((sbyte)at[3] << 4) | (at[4] & 0x0F)),
        (short)(((sbyte)at[5] << 4) | (at[4] >> 4)),
        (sbyte)at[6]);

    /// <summary>The relative humidity of a reading, in %.</summary>
    public double Percent(int reading, double fine)
    {
        double u = fine - 76800;
        double x = (reading - ((H4 * 64.0) + (H5 / 16384.0 * u)))
            * (H2 / 65536.0 * (1 + (H6 / 67108864.0 * u * (1 + (H3 / 67108864.0 * u)))));
        return Math.Clamp(x * (1 - (H1 * x / 524288)), 0, 100);
    }
}

/// <summary>A BME280: 26 bytes of calibration from 0x88 and 7 from 0xE1, 8 raw bytes from 0xF7.</summary>
internal sealed class Bme280 : Compensation
{
    private const int FirstBytes = 26;   // 0x88 to 0xA1, the last of which is H1

    private Bmp280Calibration _calibration;
    private Bme280HumidityCalibration _humidity;

    /// <inheritdoc/>
    public override string[] Quantities { get; } = ["temperature", "pressure", "humidity"];

    /// <inheritdoc/>
    public override int[] CalibrationReads { get; } = [FirstBytes, Bme280HumidityCalibration.Bytes];

    /// <inheritdoc/>
    public override int RawBytes => 8;

    /// <inheritdoc/>
    public override bool TryCalibrate(ReadOnlySpan<byte> calibration)
    {
        _calibration = Bmp280Calibration.Read(calibration);
        _humidity = Bme280HumidityCalibration.Read(calibration[FirstBytes - 1], calibration[FirstBytes..]);
        return _calibration.IsPlausible;
    }

    /// <inheritdoc/>
    public override void Compute(ReadOnlySpan<byte> raw, Span<double> quantities)
    {
        double fine = Bmp280.Compute(_calibration, raw, quantities);
        int humidity = Read16(raw[6..]);
        quantities[2] = humidity == SkippedHumidity ? double.NaN : _humidity.Percent(humidity, fine);
    }
}
