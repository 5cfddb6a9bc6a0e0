// Temperature, pressure and humidity of the Bosch BME680, without its gas sensor.

using System.Buffers.Binary;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Calibration of a BME680: registers 0x89 to 0xA1 and 0xE1 to 0xF0.</summary>
/// <remarks>
/// <code>
/// a = t / 16384 − T1 / 1024,  b = t / 131072 − T1 / 8192,  fine = a·T2 + 16·b²·T3,  °C = fine / 5120
/// u = fine / 2 − 64000,  v = (u²·P6 / 131072 + 2·u·P5) / 4 + 65536·P4
/// w = (1 + (P3·u² / 16384 + P2·u) / 524288 / 32768)·P1,  q = (1048576 − p − v / 4096)·6250 / w
/// Pa = q + (P9·q² / 2³¹ + q·P8 / 32768 + (q / 256)³·P10 / 131072 + 128·P7) / 16
/// x = (h − (16·H1 + H3 / 2·°C))·H2 / 262144·(1 + H4 / 16384·°C + H5 / 2²⁰·°C²)
/// % = x + (H6 / 16384 + H7 / 2²¹·°C)·x², between 0 and 100
/// </code>
/// Source: Bosch, BME680 data sheet (BST-BME680-DS001), 3.3.1 to 3.3.3 with tables 11 to 14 (registers), in double precision.
/// </remarks>
internal readonly record struct Bme680Calibration(
    ushort T1, short T2, sbyte T3,
    ushort P1, short P2, sbyte P3, short P4, short P5, sbyte P6, sbyte P7, short P8, short P9, byte P10,
    ushort H1, ushort H2, sbyte H3, sbyte H4, sbyte H5, byte H6, sbyte H7)
{
    /// <summary>Bytes from 0x89.</summary>
    public const int FirstBytes = 25;

    /// <summary>Bytes from 0xE1.</summary>
    public const int SecondBytes = 16;

    /// <summary>False where no sensor was calibrated so: all bytes alike.</summary>
    public bool IsPlausible => T1 is not (0 or ushort.MaxValue) && P1 is not (0 or ushort.MaxValue);

    /// <summary>Reads both blocks of registers, one after the other [41].</summary>
    public static Bme680Calibration Read(ReadOnlySpan<byte> at)
    {
        ReadOnlySpan<byte> first = at[..FirstBytes];      // register 0x89 + i
        ReadOnlySpan<byte> second = at[FirstBytes..];     // register 0xE1 + i
        return new Bme680Calibration(
            T1: (ushort)Word(second, 0xE9 - 0xE1), T2: Word(first, 0x8A - 0x89), T3: (sbyte)first[0x8C - 0x89],
            P1: (ushort)Word(first, 0x8E - 0x89), P2: Word(first, 0x90 - 0x89), P3: (sbyte)first[0x92 - 0x89],
            P4: Word(first, 0x94 - 0x89), P5: Word(first, 0x96 - 0x89), P6: (sbyte)first[0x99 - 0x89],
            P7: (sbyte)first[0x98 - 0x89], P8: Word(first, 0x9C - 0x89), P9: Word(first, 0x9E - 0x89), P10: first[0xA0 - 0x89],
            H1: (ushort)((second[0xE3 - 0xE1] << 4) | (second[0xE2 - 0xE1] & 0x0F)),
            H2: (ushort)((second[0] << 4) | (second[0xE2 - 0xE1] >> 4)),
            H3: (sbyte)second[0xE4 - 0xE1], H4: (sbyte)second[0xE5 - 0xE1], H5: (sbyte)second[0xE6 - 0xE1],
            H6: second[0xE7 - 0xE1], H7: (sbyte)second[0xE8 - 0xE1]);
    }

    /// <summary>The fine temperature, 5120 times that in °C, of a reading.</summary>
    public double FineTemperature(int reading)
    {
        double a = (reading / 16384.0) - (T1 / 1024.0);
        double b = (reading / 131072.0) - (T1 / 8192.0);
        return (a * T2) + (b * b * T3 * 16);
    }

    /// <summary>The pressure of a reading, in Pa; NaN where the calibration allows none.</summary>
    public double PressurePa(int reading, double fine)
    {
        double u = (fine / 2) - 64000;
        double v = (u * u * P6 / 131072) + (u * P5 * 2);
        v = (v / 4) + (P4 * 65536.0);
        double w = ((P3 * u * u / 16384) + (P2 * u)) / 524288;
        w = (1 + (w / 32768)) * P1;
        double q = (1048576.0 - reading - (v / 4096)) * 6250 / w;
        double cubed = q / 256 * (q / 256) * (q / 256) * P10 / 131072;
        double pa = q + (((P9 * q * q / 2147483648) + (q * P8 / 32768) + cubed + (P7 * 128.0)) / 16);
        return double.IsFinite(pa) ? pa : double.NaN;
    }

    /// <summary>The relative humidity of a reading, in %.</summary>
    public double Percent(int reading, double celsius)
    {
        double x = reading - ((H1 * 16.0) + (H3 / 2.0 * celsius));
        x *= H2 / 262144.0 * (1 + (H4 / 16384.0 * celsius) + (H5 / 1048576.0 * celsius * celsius));
        return Math.Clamp(x + (((H6 / 16384.0) + (H7 / 2097152.0 * celsius)) * x * x), 0, 100);
    }

    private static short Word(ReadOnlySpan<byte> at, int i) => BinaryPrimitives.ReadInt16LittleEndian(at[i..]);
}

/// <summary>A BME680: 25 bytes of calibration from 0x89 and 16 from 0xE1, 8 raw bytes from 0x1F.</summary>
internal sealed class Bme680 : Compensation
{
    private Bme680Calibration _calibration;

    /// <inheritdoc/>
    public override string[] Quantities { get; } = ["temperature", "pressure", "humidity"];

    /// <inheritdoc/>
    public override int[] CalibrationReads { get; } = [Bme680Calibration.FirstBytes, Bme680Calibration.SecondBytes];

    /// <inheritdoc/>
    public override int RawBytes => 8;

    /// <inheritdoc/>
    public override bool TryCalibrate(ReadOnlySpan<byte> calibration)
    {
        _calibration = Bme680Calibration.Read(calibration);
        return _calibration.IsPlausible;
    }

    /// <inheritdoc/>
    public override void Compute(ReadOnlySpan<byte> raw, Span<double> quantities)
    {
        int pressure = Read20(raw);
        int temperature = Read20(raw[3..]);
        int humidity = Read16(raw[6..]);
        double fine = temperature == Skipped ? double.NaN : _calibration.FineTemperature(temperature);
        double celsius = fine / 5120;
        quantities[0] = celsius;
        quantities[1] = pressure == Skipped ? double.NaN : _calibration.PressurePa(pressure, fine) / 100;
        quantities[2] = humidity == SkippedHumidity ? double.NaN : _calibration.Percent(humidity, celsius);
    }
}
