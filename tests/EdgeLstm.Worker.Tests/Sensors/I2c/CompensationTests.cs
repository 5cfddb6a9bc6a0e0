// Bosch's compensations: the data sheet's worked example, and the data sheets' integer formulas written out a second time.

using System.Buffers.Binary;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.I2c;

public class CompensationTests
{
    // BMP280 data sheet (BST-BMP280-DS001), 3.12.
    private static readonly Bmp280Calibration Example =
        new(27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000);

    // As read from a BME280 and a BME680.
    private static readonly Bme280HumidityCalibration Humidity = new(75, 362, 0, 318, 50, 30);

    private static readonly Bme680Calibration Gas = new(26203, 26383, 3, 35713, -10396, 88, 7158, -153, 30, 29, -3402, -2407, 30,
        767, 1023, 0, 45, 20, 120, -100);

    private static byte[] FirstRegisters
    {
        get
        {
            short[] words = [27504, 26435, -1000, unchecked((short)36477), -10685, 3024, 2855, 140, -7, 15500, -14600, 6000];
            byte[] bytes = new byte[24];
            for (int i = 0; i < words.Length; i++)
            {
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(2 * i), words[i]);
            }

            return bytes;
        }
    }

    private static byte[] Raw(int pressure, int temperature, int? humidity = null)
    {
        byte[] raw = [(byte)(pressure >> 12), (byte)(pressure >> 4), (byte)(pressure << 4),
            (byte)(temperature >> 12), (byte)(temperature >> 4), (byte)(temperature << 4)];
        return humidity is { } h ? [.. raw, (byte)(h >> 8), (byte)h] : raw;
    }

    [Fact]
    public void The_worked_example_of_the_BMP280_comes_out_as_printed()
    {
        double fine = Example.FineTemperature(519888);
        Assert.Equal(25.08, fine / 5120, 2);
        Assert.Equal(100653.27, Example.PressurePa(415148, fine), 1);
        Bmp280 sensor = new();
        double[] quantities = new double[2];
        Assert.True(sensor.TryCalibrate(FirstRegisters));
        sensor.Compute(Raw(415148, 519888), quantities);
        Assert.Equal([25.08, 1006.53], quantities.Select(value => Math.Round(value, 2)));
    }

    [Fact]
    public void The_BME280_agrees_with_its_data_sheets_integer_formulas()
    {
        for (int temperature = 420_000; temperature <= 600_000; temperature += 12_345)
        {
            double fine = Example.FineTemperature(temperature);
            int fineInteger = FineInteger(temperature);
            Assert.Equal(((fineInteger * 5) + 128 >> 8) / 100.0, fine / 5120, 0.011);
            for (int pressure = 250_000; pressure <= 500_000; pressure += 23_456)
            {
                Assert.Equal(PressureInteger(pressure, fineInteger) / 256.0, Example.PressurePa(pressure, fine), 2.0);
            }

            for (int humidity = 15_000; humidity <= 45_000; humidity += 1_234)
            {
                Assert.Equal(HumidityInteger(humidity, fineInteger) / 1024.0, Humidity.Percent(humidity, fine), 0.02);
            }
        }
    }

    [Fact]
    public void The_BME280_is_read_from_its_registers()
    {
        // H2 = 362, H3 = 0, H4 = 318 = 0x13E, H5 = 50 = 0x032, H6 = 30
        byte[] second = [0x6A, 0x01, 0x00, 0x13, 0x2E, 0x03, 0x1E];
        Assert.Equal(Humidity, Bme280HumidityCalibration.Read(75, second));
        // negative ones: H4 = −2 = 0xFFE, H5 = −33 = 0xFDF
        Assert.Equal(new Bme280HumidityCalibration(1, 0, 0, -2, -33, -1),
            Bme280HumidityCalibration.Read(1, [0x00, 0x00, 0x00, 0xFF, 0xFE, 0xFD, 0xFF]));
        Bme280 sensor = new();
        Assert.True(sensor.TryCalibrate([.. FirstRegisters, 0, 75, .. second]));
        double[] quantities = new double[3];
        sensor.Compute(Raw(415148, 519888, 30000), quantities);
        double fine = Example.FineTemperature(519888);
        Assert.Equal([fine / 5120, Example.PressurePa(415148, fine) / 100, Humidity.Percent(30000, fine)], quantities);
        Assert.InRange(quantities[2], 40, 60);
    }

    [Fact]
    public void The_BME680_agrees_with_its_data_sheets_integer_formulas()
    {
        for (int temperature = 420_000; temperature <= 600_000; temperature += 12_345)
        {
            double fine = Gas.FineTemperature(temperature);
            int fineInteger = GasFineInteger(temperature);
            int celsius100 = ((fineInteger * 5) + 128) >> 8;
            Assert.Equal(celsius100 / 100.0, fine / 5120, 0.011);
            for (int pressure = 250_000; pressure <= 500_000; pressure += 23_456)
            {
                Assert.Equal(GasPressureInteger(pressure, fineInteger), Gas.PressurePa(pressure, fine), 12.0);
            }

            for (int humidity = 14_000; humidity <= 30_000; humidity += 1_234)
            {
                Assert.Equal(GasHumidityInteger(humidity, celsius100) / 1000.0, Gas.Percent(humidity, fine / 5120), 0.06);
            }
        }
    }

    [Fact]
    public void The_BME680_is_read_from_its_registers()
    {
        byte[] registers = new byte[256];
        void Word(int at, int value) => BinaryPrimitives.WriteInt16LittleEndian(registers.AsSpan(at), unchecked((short)value));
        Word(0xE9, 26203);
        Word(0x8A, 26383);
        registers[0x8C] = 3;
        Word(0x8E, 35713);
        Word(0x90, -10396);
        registers[0x92] = 88;
        Word(0x94, 7158);
        Word(0x96, -153);
        registers[0x98] = 29;
        registers[0x99] = 30;
        Word(0x9C, -3402);
        Word(0x9E, -2407);
        registers[0xA0] = 30;
        registers[0xE1] = 1023 >> 4;
        registers[0xE2] = ((1023 & 0x0F) << 4) | (767 & 0x0F);
        registers[0xE3] = 767 >> 4;
        registers[0xE5] = 45;
        registers[0xE6] = 20;
        registers[0xE7] = 120;
        registers[0xE8] = unchecked((byte)-100);
        byte[] calibration = [.. registers.AsSpan(0x89, 25), .. registers.AsSpan(0xE1, 16)];
        Assert.Equal(Gas, Bme680Calibration.Read(calibration));
        Bme680 sensor = new();
        Assert.True(sensor.TryCalibrate(calibration));
        double[] quantities = new double[3];
        sensor.Compute(Raw(415148, 500000, 22000), quantities);
        double fine = Gas.FineTemperature(500000);
        Assert.Equal([fine / 5120, Gas.PressurePa(415148, fine) / 100, Gas.Percent(22000, fine / 5120)], quantities);
    }

    [Theory]
    [InlineData("bmp280")]
    [InlineData("bme280")]
    [InlineData("bme680")]
    public void A_quantity_that_was_not_measured_is_missing_and_without_temperature_all_are(string name)
    {
        Compensation sensor = Compensation.Create(name)!;
        byte[] calibration = [.. Enumerable.Range(0, sensor.CalibrationReads.Sum()).Select(i => (byte)(17 * (i + 1)))];
        Assert.True(sensor.TryCalibrate(calibration));
        double[] quantities = new double[Compensation.MostQuantities];
        sensor.Compute(Raw(0x80000, 519888, 0x8000).AsSpan(0, sensor.RawBytes), quantities);
        Assert.True(double.IsFinite(quantities[0]));
        Assert.All(quantities[1..sensor.Quantities.Length], value => Assert.Equal(double.NaN, value));
        sensor.Compute(Raw(415148, 0x80000, 30000).AsSpan(0, sensor.RawBytes), quantities);
        Assert.All(quantities[..sensor.Quantities.Length], value => Assert.Equal(double.NaN, value));
    }

    [Theory]
    [InlineData("bmp280", 0x00)]
    [InlineData("bme280", 0xFF)]
    [InlineData("bme680", 0x00)]
    [InlineData("bme680", 0xFF)]
    public void A_blank_calibration_is_refused(string name, byte value)
    {
        Compensation sensor = Compensation.Create(name)!;
        byte[] calibration = new byte[sensor.CalibrationReads.Sum()];
        calibration.AsSpan().Fill(value);
        Assert.False(sensor.TryCalibrate(calibration));
    }

    [Fact]
    public void Humidity_stays_between_0_and_100()
    {
        double fine = Example.FineTemperature(519888);
        Assert.Equal((0.0, 100.0), (Humidity.Percent(0, fine), Humidity.Percent(65535, fine)));
        Assert.Equal((0.0, 100.0), (Gas.Percent(0, 25), Gas.Percent(65535, 25)));
    }

    // BME280 data sheet, 4.2.3: 32-bit temperature, 64-bit pressure (Pa · 256), 32-bit humidity (% · 1024).
    private static int FineInteger(int t)
    {
        int var1 = (((t >> 3) - (Example.T1 << 1)) * Example.T2) >> 11;
        int var2 = (((((t >> 4) - Example.T1) * ((t >> 4) - Example.T1)) >> 12) * Example.T3) >> 14;
        return var1 + var2;
    }

    private static long PressureInteger(int reading, int fine)
    {
        long var1 = (long)fine - 128000;
        long var2 = var1 * var1 * Example.P6;
        var2 += (var1 * Example.P5) << 17;
        var2 += (long)Example.P4 << 35;
        var1 = ((var1 * var1 * Example.P3) >> 8) + ((var1 * Example.P2) << 12);
        var1 = (((1L << 47) + var1) * Example.P1) >> 33;
        long p = 1048576 - reading;
        p = ((p << 31) - var2) * 3125 / var1;
        var1 = (Example.P9 * (p >> 13) * (p >> 13)) >> 25;
        var2 = (Example.P8 * p) >> 19;
        return ((p + var1 + var2) >> 8) + ((long)Example.P7 << 4);
    }

    private static uint HumidityInteger(int reading, int fine)
    {
        int v = fine - 76800;
        v = ((((reading << 14) - (Humidity.H4 << 20) - (Humidity.H5 * v)) + 16384) >> 15)
            * (((((((v * Humidity.H6) >> 10) * (((v * Humidity.H3) >> 11) + 32768)) >> 10) + 2097152) * Humidity.H2
                + 8192) >> 14);
        v -= ((((v >> 15) * (v >> 15)) >> 7) * Humidity.H1) >> 4;
        v = Math.Clamp(v, 0, 419430400);
        return (uint)(v >> 12);
    }

    // BME680 data sheet, 3.3.1 to 3.3.3: temperature, pressure (Pa), humidity (% · 1000).
    private static int GasFineInteger(int t)
    {
        int var1 = (t >> 3) - (Gas.T1 << 1);
        int var2 = (var1 * Gas.T2) >> 11;
        int var3 = ((((var1 >> 1) * (var1 >> 1)) >> 12) * (Gas.T3 << 4)) >> 14;
        return var2 + var3;
    }

    private static int GasPressureInteger(int reading, int fine)
    {
        int var1 = (fine >> 1) - 64000;
        int var2 = ((((var1 >> 2) * (var1 >> 2)) >> 11) * Gas.P6) >> 2;
        var2 += (var1 * Gas.P5) << 1;
        var2 = (var2 >> 2) + (Gas.P4 << 16);
        var1 = (((((var1 >> 2) * (var1 >> 2)) >> 13) * (Gas.P3 << 5)) >> 3) + ((Gas.P2 * var1) >> 1);
        var1 >>= 18;
        var1 = ((32768 + var1) * Gas.P1) >> 15;
        int p = 1048576 - reading;
        p = (int)((p - (var2 >> 12)) * 3125u);
        p = (uint)p >= 0x40000000 ? (int)((uint)p / (uint)var1 << 1) : (int)(((uint)p << 1) / (uint)var1);
        var1 = (Gas.P9 * (((p >> 3) * (p >> 3)) >> 13)) >> 12;
        var2 = ((p >> 2) * Gas.P8) >> 13;
        int var3 = (int)(((long)(p >> 8) * (p >> 8) * (p >> 8) * Gas.P10) >> 17);   // in 32 bits it overflows above 1060 hPa
        return p + ((var1 + var2 + var3 + (Gas.P7 << 7)) >> 4);
    }

    private static int GasHumidityInteger(int reading, int celsius100)
    {
        int var1 = reading - (Gas.H1 << 4) - ((celsius100 * Gas.H3 / 100) >> 1);
        int var2 = (Gas.H2 * ((celsius100 * Gas.H4 / 100) + (((celsius100 * (celsius100 * Gas.H5 / 100)) >> 6) / 100)
            + (1 << 14))) >> 10;
        int var3 = var1 * var2;
        int var4 = ((Gas.H6 << 7) + (celsius100 * Gas.H7 / 100)) >> 4;
        int var5 = ((var3 >> 14) * (var3 >> 14)) >> 10;
        int var6 = (var4 * var5) >> 1;
        return Math.Clamp(((var3 + var6) >> 10) * 1000 >> 12, 0, 100_000);
    }
}
