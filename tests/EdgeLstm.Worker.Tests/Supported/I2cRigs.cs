// Emulated devices: I²C sensors.

using EdgeLstm.Worker.Tests.Emulation.I2c;

namespace EdgeLstm.Worker.Tests.Supported;

internal static class I2cRigs
{
    private static readonly TimeProvider Time = TimeProvider.System;

    public static IReadOnlyList<Func<I2cRig>> All { get; } =
    [
        () => new I2cRig("mpu6050",
            new Mpu6050(Time) { Acceleration = (8192, -4096, 16384), Temperature = -3920, Rotation = (131, -262, 0) },
            "formulas of InvenSense RM-MPU-6000A-00, rev. 4.2: code/340 + 36.53 °C (4.18), 16384 LSB/g, 131 LSB/(°/s)",
            ("accel_x", 4.903325, 1e-5), ("accel_y", -2.4516625, 1e-5), ("accel_z", 9.80665, 1e-5),
            ("temperature", 25.000588, 1e-4), ("gyro_x", 1, 1e-5), ("gyro_y", -2, 1e-5), ("gyro_z", 0, 1e-5)),
        () => new I2cRig("lsm6ds3",
            new Lsm6ds3(Time) { Acceleration = (0x1669, -0x1669, 0x4009), Temperature = -80, Rotation = (0x2CA4, -0x2CA4, 0) },
            "ST AN4650: 0x2CA4 is 100 °/s; ST AN4682: 0x1669 is 0.35 g; formulas: 0.061 mg, 8.75 m°/s, 1/16 °C a count",
            ("temperature", 20, 1e-5), ("gyro_x", 100, 0.01), ("gyro_y", -100, 0.01), ("gyro_z", 0, 0.01),
            ("accel_x", 3.4323275, 5e-4), ("accel_y", -3.4323275, 5e-4), ("accel_z", 9.80665, 5e-4)),
        () => new I2cRig("adxl345",
            new Adxl345(Time) { Acceleration = (256, -128, 1024) },
            "formula of the Analog Devices ADXL345 data sheet: 256 LSB/g in full resolution",
            ("accel_x", 9.80665, 1e-5), ("accel_y", -4.903325, 1e-5), ("accel_z", 39.2266, 1e-4)),
        () => new I2cRig("ads1115",
            new Ads1115(Time) { InputsMicrovolt = [5_000_000, 2_048_000, 125, 0] },
            "formula of the TI ADS1115: 0x7FFF is full scale, a count 4.096 V/2¹⁵, as ti-ads1015.c computes it",
            ("ain0", 4.095875, 1e-6), ("ain1", 2.048, 1e-6), ("ain2", 0.000125, 1e-9), ("ain3", 0, 1e-9)),
        () => new I2cRig("ina219",
            new Ina219(Time) { ShuntCode = 2000, BusCode = 2995 },
            "registers 07D0h and 5D98h of the example in TI SBOS448F, table 3 (20 mV, 11.98 V), with 0.1 Ω",
            ("voltage", 11.98, 1e-5), ("shunt", 20, 1e-5), ("current", 0.2, 1e-6), ("power", 2.396, 1e-5)),
        () => new I2cRig("ina226",
            new Ina226(Time) { ShuntCode = 8000, BusCode = 9584 },
            "registers 1F40h and 2570h of the example in TI SBOS547, table 1 (20 mV, 11.98 V), with 0.1 Ω",
            ("voltage", 11.98, 1e-5), ("shunt", 20, 1e-5), ("current", 0.2, 1e-6), ("power", 2.396, 0.000625)),
        () => new I2cRig("sht31",
            new Sht31(Time) { Temperature = 0x6666, Humidity = 0x8000 },
            "formulas of the Sensirion SHT3x-DIS data sheet, version 5, 4.13: −45 + 175·code/65535, 100·code/65535",
            ("temperature", 25, 1e-4), ("humidity", 50.000763, 1e-4))
        { HasChecksum = true },
        () => new I2cRig("sht40",
            new Sht40(Time) { Temperature = 0x6666, Humidity = 0x6666 },
            "formulas of Sensirion's own driver embedded-i2c-sht4x: −45 + 175·code/65535, −6 + 125·code/65535",
            ("temperature", 25, 1e-4), ("humidity", 44, 1e-4))
        { HasChecksum = true },
        () => new I2cRig("lm75",
            new Lm75(Time) { Code = 0x1900 },
            "formula of the NXP LM75A data sheet, rev. 04, 7.4.3: 0.125 °C a count of 11 bits",
            ("temperature", 25, 1e-5)),
        () => new I2cRig("tmp117",
            new Tmp117(Time) { Code = 0x0C80 },
            "TI SNOSD82D, table 7-1: 0C80h is 25 °C",
            ("temperature", 25, 1e-5)),
        () => new I2cRig("bh1750",
            new Bh1750(Time) { Counts = 0x8390 },
            "example of the ROHM BH1750FVI technical note, rev. B, page 10: 1000_0011 1001_0000 is 28067 lx",
            ("illuminance", 28067, 0.5)),
        () => new I2cRig("veml7700",
            new Veml7700(Time) { LightCounts = 1480, WhiteCounts = 2100 },
            "Vishay 84286, rev. 1.7: 0.0042 lx a count at gain 2 and 800 ms, times 128 at gain 1/8 and 100 ms",
            ("illuminance", 795.648, 1e-3), ("white", 2100, 1e-3)),
        () => new I2cRig("scd41",
            new Scd41(Time, haste: 250) { CarbonDioxide = 0x01F4, Temperature = 0x6667, Humidity = 0x5EB9 },
            "example of the Sensirion SCD4x data sheet, read_measurement, as drivers' tests quote it: 0x01F4 0x6667 0x5EB9",
            ("co2", 500, 1e-3), ("temperature", 25, 5e-3), ("humidity", 37, 5e-3))
        { HasChecksum = true, LongestWaitMs = 5500.0 / 250 },
        () => new I2cRig("sgp40",
            new Sgp40(Time) { RawSignal = 30000 },
            "Sensirion SGP40 data sheet, version 1.0, tables 9 to 11: ticks as they are; its parameters for 50 % and 25 °C",
            ("voc_raw", 30000, 1e-3))
        { HasChecksum = true },
        () => new I2cRig("aht20",
            new Aht20(Time) { Temperature = 0x642E7, Humidity = 0x269A7 },
            "a sensor's own reading 26 9A 76 42 E7 (elixir-sensors/aht20); formulas as Adafruit_AHTX0 and ESPHome compute them",
            ("temperature", 28.266716, 1e-4), ("humidity", 15.079403, 1e-4))
        { HasChecksum = true },
        () => new I2cRig("bme280",
            new Bme280(Time, hasHumidity: true),
            "example of the BMP280 data sheet, 3.12 (25.08 °C, 100653.27 Pa); humidity as Bosch's BME280_SensorAPI has it",
            ("temperature", 25.08, 0.005), ("pressure", 1006.5327, 0.005), ("humidity", 42.403527, 1e-3)),
        () => new I2cRig("bmp280",
            new Bme280(Time, hasHumidity: false),
            "example of the BMP280 data sheet, 3.12, as drivers' tests quote it (25.08 °C, 100653.27 Pa)",
            ("temperature", 25.08, 0.005), ("pressure", 1006.5327, 0.005)),
        () => new I2cRig("bme680",
            new Bme680(Time),
            "as Bosch's BME68x_SensorAPI computes it in floating point",
            ("temperature", 24.848744, 1e-4), ("pressure", 981.33473, 1e-3), ("humidity", 49.898441, 1e-4)),
    ];
}
