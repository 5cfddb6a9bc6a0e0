// Emulated sensors with registers against transfers written from their data sheets, without any profile.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

public class RegisterSensorTests
{
    [Fact]
    public void An_MPU_6050_sleeps_after_power_on_and_scales_by_its_range()
    {
        Wire wire = new(time => new Mpu6050(time)
        {
            Acceleration = (0x4000, 0x2000, 0),
            Rotation = (131, 0, 0),
            Temperature = -3920,
        });
        Assert.Equal("68", wire.Transfer("75", 1));
        Assert.Equal("40", wire.Transfer("6B", 1));
        wire.Pass(1000);
        Assert.Equal("00 00 00 00 00 00", wire.Transfer("3B", 6));
        Assert.True(wire.Write("38 01") && wire.Write("1A 03") && wire.Write("6B 01"));
        Assert.Equal("00", wire.Transfer("3A", 1));
        wire.Pass(1);
        Assert.Equal("01", wire.Transfer("3A", 1));
        Assert.Equal("00", wire.Transfer("3A", 1));   // cleared by reading
        Assert.Equal("40 00 20 00 00 00 F0 B0 00 83 00 00 00 00", wire.Transfer("3B", 14));
        Assert.True(wire.Write("1C 08"));             // ±4 g
        wire.Pass(1);
        Assert.Equal("20 00 10 00", wire.Transfer("3B", 4));
        Assert.False(wire.Write("75 00"), "WHO_AM_I is read-only");
        wire.LosePower();
        Assert.Equal("40", wire.Transfer("6B", 1));
        Assert.Equal("00 00", wire.Transfer("3B", 2));
    }

    [Fact]
    public void An_LSM6DS3_measures_at_the_rates_it_is_given_and_sends_the_low_byte_first()
    {
        Wire wire = new(time => new Lsm6ds3(time) { Acceleration = (0x4009, 0, 0), Rotation = (0x2CA4, 0, 0), Temperature = 16 });
        Assert.Equal("69", wire.Transfer("0F", 1));
        wire.Pass(1000);
        Assert.Equal("00", wire.Transfer("1E", 1));   // powered down
        Assert.True(wire.Write("10 40"));             // 104 Hz, ±2 g
        wire.Pass(9.7);
        Assert.Equal("05", wire.Transfer("1E", 1));
        Assert.True(wire.Write("11 40"));             // 104 Hz, 245 °/s
        wire.Pass(9.7);
        Assert.Equal("07", wire.Transfer("1E", 1));
        Assert.Equal("10 00 A4 2C 00 00 00 00 09 40 00 00 00 00", wire.Transfer("20", 14));
        Assert.Equal("00", wire.Transfer("1E", 1));
        Assert.True(wire.Write("12 00"));             // IF_INC off: the address stays
        Assert.Equal("10 10 10", wire.Transfer("20", 3));
    }

    [Fact]
    public void An_ADXL345_measures_once_told_to_and_keeps_256_counts_a_g_in_full_resolution()
    {
        Wire wire = new(time => new Adxl345(time) { Acceleration = (256, -256, 1024) });
        Assert.Equal("E5", wire.Transfer("00", 1));
        Assert.Equal("0A", wire.Transfer("2C", 1));
        wire.Pass(1000);
        Assert.Equal("02", wire.Transfer("30", 1));
        Assert.Equal("00 00 00 00 00 00", wire.Transfer("32", 6));
        Assert.True(wire.Write("31 0B") && wire.Write("2D 08"));
        wire.Pass(9.9);
        Assert.Equal("02", wire.Transfer("30", 1));
        wire.Pass(0.1);
        Assert.Equal("82", wire.Transfer("30", 1));
        Assert.Equal("00 01 00 FF 00 04", wire.Transfer("32", 6));
        Assert.Equal("02", wire.Transfer("30", 1));
        Assert.True(wire.Write("31 03"));             // 10 bits for ±16 g
        Assert.Equal("20 00 E0 FF 80 00", wire.Transfer("32", 6));
        Assert.False(wire.Write("32 00"));
    }

    [Fact]
    public void An_ADS1115_converts_the_input_and_range_of_its_config_register()
    {
        Wire wire = new(time => new Ads1115(time) { InputsMicrovolt = [2_048_000, 5_000_000, 0, -125] });
        Assert.Equal("85 83", wire.Transfer("01", 2));
        Assert.Equal("00 00", wire.Transfer("00", 2));
        Assert.True(wire.Write("01 C3 83"));          // AIN0, ±4.096 V, single shot, 128/s
        Assert.Equal("43 83", wire.Transfer("01", 2));
        Assert.Equal("00 00", wire.Transfer("00", 2));
        wire.Pass(8.6);
        Assert.Equal("C3 83", wire.Transfer("01", 2));
        Assert.Equal("40 00", wire.Transfer("00", 2));
        Assert.Equal("7F FF", Convert(0xD383));       // 5 V at ±4.096 V
        Assert.Equal("7F FF", Convert(0xC583));       // 2.048 V at ±2.048 V
        Assert.Equal("FF FF", Convert(0xF383));
        Assert.Equal("C2 80", Convert(0x8183));       // AIN0 − AIN1 at ±6.144 V: −2.952 V is −15744 counts
        Assert.False(wire.Write("00 12 34"), "the result is read-only");
        Assert.False(wire.Write("04"));

        string Convert(int config)
        {
            Assert.True(wire.Write($"01 {config:X4}"));
            wire.Pass(8.6);
            return wire.Transfer("00", 2);
        }
    }

    // TI, SBOS448: 10 A through 2 mΩ, 11.98 V, calibration 0x5000 for 1 mA.
    [Fact]
    public void An_INA219_computes_the_example_of_its_data_sheet()
    {
        Wire wire = new(time => new Ina219(time) { ShuntCode = 0x07D0, BusCode = 0x5D98 >> 3 });
        Assert.Equal("39 9F", wire.Transfer("00", 2));
        Assert.Equal("00 00", wire.Transfer("01", 2));
        wire.Pass(1.1);
        Assert.Equal("07 D0", wire.Transfer("01", 2));
        Assert.Equal("5D 9A", wire.Transfer("02", 2));   // 0x5D98 and the ready bit
        Assert.Equal("00 00", wire.Transfer("04", 2));   // not calibrated
        Assert.True(wire.Write("05 50 00"));
        Assert.Equal("27 10", wire.Transfer("04", 2));
        Assert.Equal("17 66", wire.Transfer("03", 2));
        Assert.Equal("5D 98", wire.Transfer("02", 2));   // reading power cleared it
        Assert.False(wire.Write("04 00 00"));
        wire.LosePower();
        Assert.Equal("00 00", wire.Transfer("05", 2));
    }

    // TI, SBOS547: 10 A through 2 mΩ, 11.98 V, calibration 0x0A00 for 1 mA.
    [Fact]
    public void An_INA226_computes_the_example_of_its_data_sheet()
    {
        Wire wire = new(time => new Ina226(time) { ShuntCode = 0x1F40, BusCode = 0x2570 });
        Assert.Equal("41 27", wire.Transfer("00", 2));
        Assert.Equal("54 49", wire.Transfer("FE", 2));
        Assert.Equal("22 60", wire.Transfer("FF", 2));
        Assert.Equal("00 00", wire.Transfer("06", 2));
        wire.Pass(2.2);
        Assert.Equal("00 08", wire.Transfer("06", 2));
        Assert.Equal("00 00", wire.Transfer("06", 2));
        Assert.Equal("1F 40", wire.Transfer("01", 2));
        Assert.Equal("25 70", wire.Transfer("02", 2));
        Assert.True(wire.Write("05 0A 00"));
        Assert.Equal("27 10", wire.Transfer("04", 2));
        Assert.Equal("12 B8", wire.Transfer("03", 2));
        Assert.True(wire.Write("00 80 00"));             // reset
        Assert.Equal("00 00", wire.Transfer("05", 2));
    }

    [Fact]
    public void An_LM75_measures_from_power_on_until_it_is_shut_down()
    {
        Wire wire = new(time => new Lm75(time) { Code = 0x1900 });
        Assert.Equal("00 00", wire.Transfer("00", 2));
        wire.Pass(100);
        Assert.Equal("19 00", wire.Transfer("00", 2));
        Assert.Equal("00", wire.Transfer("01", 1));
        Assert.Equal("4B 00", wire.Transfer("02", 2));   // 75 °C
        Assert.Equal("50 00", wire.Transfer("03", 2));   // 80 °C
        Assert.False(wire.Write("00 19 00"));
        wire.LosePower();
        Assert.True(wire.Write("01 01"));
        wire.Pass(1000);
        Assert.Equal("00 00", wire.Transfer("00", 2));
    }

    [Fact]
    public void A_TMP117_holds_minus_256_degrees_until_its_first_conversion()
    {
        Wire wire = new(time => new Tmp117(time) { Code = 0x0C80 });
        Assert.Equal("01 17", wire.Transfer("0F", 2));
        Assert.Equal("02 20", wire.Transfer("01", 2));
        Assert.Equal("80 00", wire.Transfer("00", 2));
        wire.Pass(1000);
        Assert.Equal("22 20", wire.Transfer("01", 2));
        Assert.Equal("02 20", wire.Transfer("01", 2));   // reading it cleared the ready bit
        Assert.Equal("0C 80", wire.Transfer("00", 2));
        Assert.True(wire.Write("01 00 20"));             // 8 readings, no pause
        wire.Pass(124);
        Assert.Equal("00 20", wire.Transfer("01", 2));
        wire.Pass(1);
        Assert.Equal("20 20", wire.Transfer("01", 2));
    }

    [Fact]
    public void A_VEML7700_is_shut_down_after_power_on_and_counts_by_gain_and_time()
    {
        Wire wire = new(time => new Veml7700(time) { LightCounts = 1480, WhiteCounts = 16 });
        Assert.Equal("01 00", wire.Transfer("00", 2));
        wire.Pass(1000);
        Assert.Equal("00 00", wire.Transfer("04", 2));
        Assert.True(wire.Write("00 00 10"));             // gain 1/8, 100 ms
        wire.Pass(102);
        Assert.Equal("00 00", wire.Transfer("04", 2));
        wire.Pass(0.5);
        Assert.Equal("C8 05", wire.Transfer("04", 2));
        Assert.True(wire.Write("00 40 00"));             // gain 1, 200 ms: sixteen times as many
        wire.Pass(202.5);
        Assert.Equal("80 5C", wire.Transfer("04", 2));
        Assert.Equal("00 01", wire.Transfer("05", 2));
        Assert.False(wire.Write("04 00 00"));
    }

    [Fact]
    public void A_BME280_measures_once_for_each_forced_mode_and_skips_what_it_is_not_told()
    {
        Wire wire = new(time => new Bme280(time, hasHumidity: true));
        Assert.Equal("60", wire.Transfer("D0", 1));
        // dig_T1 27504, dig_T2 26435, dig_T3 −1000, dig_P1 36477: BMP280 data sheet, 3.12
        Assert.Equal("70 6B 43 67 18 FC 7D 8E", wire.Transfer("88", 8));
        Assert.Equal("80 00 00 80 00 00 80 00", wire.Transfer("F7", 8));
        Assert.True(wire.Write("F4 2D"));                // T ×1, p ×4, forced; humidity still skipped
        Assert.Equal("08", wire.Transfer("F3", 1));
        wire.Pass(13.4);
        Assert.Equal("00", wire.Transfer("F3", 1));
        Assert.Equal("65 5A C0 7E ED 00 80 00", wire.Transfer("F7", 8));   // 415148 and 519888
        Assert.Equal("2C", wire.Transfer("F4", 1));      // asleep again
        Assert.True(wire.Write("F2 01 F4 2D"));          // pairs of register and value
        wire.Pass(16.2);
        Assert.Equal("65 5A C0 7E ED 00 75 30", wire.Transfer("F7", 8));
        Assert.True(wire.Write("E0 B6"));
        Assert.Equal("NACK", wire.Transfer("D0", 1));
        wire.Pass(2);
        Assert.Equal("80 00 00 80 00 00 80 00", wire.Transfer("F7", 8));
        Assert.False(wire.Write("F7 00"));
    }

    [Fact]
    public void A_BMP280_has_no_humidity()
    {
        Wire wire = new(time => new Bme280(time, hasHumidity: false));
        Assert.Equal("58", wire.Transfer("D0", 1));
        Assert.False(wire.Write("F2 01"));
        Assert.Equal("00 00", wire.Transfer("FD", 2));
    }

    [Fact]
    public void A_BME680_sets_its_new_data_bit_after_a_forced_measurement()
    {
        Wire wire = new(time => new Bme680(time));
        Assert.Equal("61", wire.Transfer("D0", 1));
        Assert.True(wire.Write("72 01") && wire.Write("74 2D"));
        Assert.Equal("20", wire.Transfer("1D", 1));
        wire.Pass(17.1);
        Assert.Equal("80", wire.Transfer("1D", 1));
        Assert.Equal("5A 55 00 79 56 80 55 F0", wire.Transfer("1F", 8));   // 370000, 497000, 22000
        // par_h2 1016 = 0x3F8 and par_h1 777 = 0x309 share 0xE2
        Assert.Equal("3F 89 30", wire.Transfer("E1", 3));
    }
}
