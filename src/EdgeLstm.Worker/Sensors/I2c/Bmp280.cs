// Temperature and pressure of the Bosch BMP280.

using System.Buffers.Binary;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Calibration of a BMP280, and of a BME280's first part: registers 0x88 to 0x9F, low byte first.</summary>
/// <remarks>
/// <code>
/// a = t / 16384 − T1 / 1024,  b = t / 131072 − T1 / 8192,  fine = a·T2 + b²·T3,  °C = fine / 5120
/// u = fine / 2 − 64000,  v = (u²·P6 / 32768 + 2·u·P5) / 4 + 65536·P4
/// w = (1 + (P3·u² / 524288 + P2·u) / 524288 / 32768)·P1,  q = (1048576 − p − v / 4096)·6250 / w
/// Pa = q + (P9·q² / 2³¹ + q·P8 / 32768 + P7) / 16
/// </code>
/// Source: Bosch, BMP280 data sheet (BST-BMP280-DS001), 3.11.3 and 8.1, in double precision; the same as BME280 data sheet
/// (BST-BME280-DS002), 8.1.
/// </remarks>
internal readonly record struct Bmp280Calibration(
    ushort T1, short T2, short T3,
    ushort P1, short P2, short P3, short P4, short P5, short P6, short P7, short P8, short P9)
{
    /// <summary>Bytes from 0x88.</summary>
    public const int Bytes = 24;

    /// <summary>False where no sensor was calibrated so: all bytes alike.</summary>
    public bool IsPlausible => T1 is not (0 or ushort.MaxValue) && P1 is not (0 or ushort.MaxValue);

    /// <summary>Reads the registers [24].</summary>
    public static Bmp280Calibration Read(ReadOnlySpan<byte> at) => new(
        (ushort)Word(at, 0), Word(at, 1), Word(at, 2),
        (ushort)Word(at, 3), Word(at, 4), Word(at, 5), Word(at, 6), Word(at, 7), Word(at, 8), Word(at, 9), Word(at, 10),
        Word(at, 11));

    /// <summary>The fine temperature, 5120 times that in °C, of a reading.</summary>
    public double FineTemperature(int reading)
    {
        double a = (reading / 16384.0) - (T1 / 1024.0);
        double b = (reading / 131072.0) - (T1 / 8192.0);
        return (a * T2) + (b * b * T3);
    }

    /// <summary>The pressure of a reading, in Pa; NaN where the calibration allows none.</summary>
    public double PressurePa(int reading, double fine)
    {
        double u = (fine / 2) - 64000;
        double v = (u * u * P6 / 32768) + (u * P5 * 2);
        v = (v / 4) + (P4 * 65536.0);
        double w = ((P3 * u * u / 524288) + (P2 * u)) / 524288;
        w = (1 + (w / 32768)) * P1;
        double q = (1048576.0 - reading - (v / 4096)) * 6250 / w;
        double pa = q + (((P9 * q * q / 2147483648) + (q * P8 / 32768) + P7) / 16);
        return double.IsFinite(pa) ? pa : double.NaN;
    }

    private static short Word(ReadOnlySpan<byte> at, int i) => BinaryPrimitives.ReadInt16LittleEndian(at[(2 * i)..]);
}

/// <summary>A BMP280: 24 bytes of calibration from 0x88, 6 raw bytes from 0xF7.</summary>
internal sealed class Bmp280 : Compensation
{
    private Bmp280Calibration _calibration;

    /// <inheritdoc/>
    public override string[] Quantities { get; } = ["temperature", "pressure"];

    /// <inheritdoc/>
    public override int[] CalibrationReads { get; } = [Bmp280Calibration.Bytes];

    /// <inheritdoc/>
    public override int RawBytes => 6;

    /// <inheritdoc/>
    public override bool TryCalibrate(ReadOnlySpan<byte> calibration)
    {
        _calibration = Bmp280Calibration.Read(calibration);
        return _calibration.IsPlausible;
    }

    /// <inheritdoc/>
    public override void Compute(ReadOnlySpan<byte> raw, Span<double> quantities) => Compute(_calibration, raw, quantities);

    /// <summary>Temperature (°C) and pressure (hPa) of the raw registers 0xF7 to 0xFC; the fine temperature for what else there
    /// is, NaN without one.</summary>
    public static double Compute(in Bmp280Calibration calibration, ReadOnlySpan<byte> raw, Span<double> quantities)
    {
        int pressure = Read20(raw);
        int temperature = Read20(raw[3..]);
        double fine = temperature == Skipped ? double.NaN : calibration.FineTemperature(temperature);
        quantities[0] = fine / 5120;
        quantities[1] = pressure == Skipped ? double.NaN : calibration.PressurePa(pressure, fine) / 100;
        return fine;
    }
}
