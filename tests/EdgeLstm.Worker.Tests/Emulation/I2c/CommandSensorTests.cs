// Emulated sensors that take commands against transfers written from their data sheets, without any profile.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

public class CommandSensorTests
{
    [Fact]
    public void The_checksum_is_the_one_of_the_data_sheets()
    {
        Assert.Equal(0x92, SensirionCrc.Of([0xBE, 0xEF]));   // every Sensirion data sheet
        Assert.Equal([0x80, 0x00, 0xA2, 0x66, 0x66, 0x93], SensirionCrc.Words(0x8000, 0x6666));   // SGP40: 50 %, 25 °C
        Assert.Equal(0x76, SensirionCrc.Of([0x1C, 0x26, 0x9A, 0x76, 0x42, 0xE7]));   // an AHT20's answer (elixir-sensors/aht20)
    }

    [Fact]
    public void An_SHT31_acknowledges_no_read_before_its_measurement_is_done()
    {
        Wire wire = new(time => new Sht31(time) { Temperature = 0x6666, Humidity = 0x8000 });
        Assert.Equal("NACK", wire.Read(6));
        Assert.True(wire.Write("24 00"));
        wire.Pass(14.9);
        Assert.Equal("NACK", wire.Read(6));
        Assert.False(wire.Write("24 00"), "it measures");
        wire.Pass(0.1);
        Assert.Equal("66 66 93 80 00 A2", wire.Read(6));
        Assert.Equal("NACK", wire.Read(6));
        Assert.Equal("80 10 E1", wire.Transfer("F3 2D", 3));   // as after a reset
        Assert.True(wire.Write("30 6D"));
        Assert.StartsWith("A0 10", wire.Transfer("F3 2D", 3), StringComparison.Ordinal);   // heater on
        Assert.False(wire.Write("12 34"));
    }

    [Fact]
    public void An_SHT40_measures_in_8_3_ms()
    {
        Wire wire = new(time => new Sht40(time) { Temperature = 0x6666, Humidity = 0x8000 });
        Assert.False(wire.Write("24 00"), "that is an SHT31's command");
        Assert.True(wire.Write("FD"));
        wire.Pass(8.2);
        Assert.Equal("NACK", wire.Read(6));
        wire.Pass(0.1);
        Assert.Equal("66 66 93 80 00 A2", wire.Read(6));
        Assert.True(wire.Write("94"));
        Assert.False(wire.Write("FD"), "it resets");
    }

    // Sensirion, SCD4x data sheet: read_measurement gives 0x01F4 0x6667 0xA2 0x5EB9 0x3C (it prints 0x7B for the first checksum,
    // which is the one of 0x7FCE).
    [Fact]
    public void An_SCD41_gives_each_measurement_once_and_refuses_what_it_cannot_do_meanwhile()
    {
        Wire wire = new(time => new Scd41(time) { CarbonDioxide = 500, Temperature = 0x6667, Humidity = 0x5EB9 });
        Assert.True(wire.Write("EC 05"));
        wire.Pass(1);
        Assert.Equal("NACK", wire.Read(9));              // not started
        Assert.True(wire.Write("21 B1"));
        Assert.False(wire.Write("21 B1"), "it measures already");
        wire.Pass(4999);
        Assert.True(wire.Write("E4 B8"));
        Assert.Equal("NACK", wire.Read(3));
        wire.Pass(1);
        Assert.Equal("80 00 A2", wire.Read(3));          // no data: the answer is of the moment it was asked
        Assert.True(wire.Write("EC 05"));
        wire.Pass(1);
        Assert.Equal("01 F4 33 66 67 A2 5E B9 3C", wire.Read(9));
        Assert.True(wire.Write("EC 05"));
        wire.Pass(1);
        Assert.Equal("NACK", wire.Read(9));
        Assert.True(wire.Write("3F 86"));
        wire.Pass(499);
        Assert.False(wire.Write("21 B1"), "it stops");
        wire.Pass(1);
        Assert.True(wire.Write("21 B1"));
    }

    [Fact]
    public void An_SGP40_takes_no_parameters_with_a_wrong_checksum()
    {
        Wire wire = new(time => new Sgp40(time) { RawSignal = 0x8000 });
        Assert.False(wire.Write("26 0F"));
        Assert.False(wire.Write("26 0F 80 00 A3 66 66 93"));
        Assert.True(wire.Write("26 0F 80 00 A2 66 66 93"));
        wire.Pass(29);
        Assert.Equal("NACK", wire.Read(3));
        wire.Pass(1);
        Assert.Equal("80 00 A2", wire.Read(3));
        Assert.True(wire.Write("28 0E"));
        wire.Pass(320);
        Assert.StartsWith("D4 00", wire.Read(3), StringComparison.Ordinal);
    }

    [Fact]
    public void An_AHT20_measures_only_after_its_initialisation()
    {
        Wire wire = new(time => new Aht20(time) { Temperature = 0x60000, Humidity = 0x80000 });
        Assert.Equal("10", wire.Transfer("71", 1));
        Assert.False(wire.Write("AC 33 00"));
        Assert.True(wire.Write("BE 08 00"));
        Assert.Equal("NACK", wire.Read(1));
        wire.Pass(10);
        Assert.True(wire.Write("AC 33 00"));
        wire.Pass(79);
        Assert.Equal("98 00 00 00 00 00", wire.Read(6));  // busy
        wire.Pass(1);
        string answer = wire.Read(7);
        Assert.Equal("18 80 00 06 00 00", answer[..17]);
        Assert.Equal($"{SensirionCrc.Of([0x18, 0x80, 0x00, 0x06, 0x00, 0x00]):X2}", answer[18..]);
        wire.LosePower();
        Assert.Equal("10", wire.Transfer("71", 1));
    }

    [Fact]
    public void A_BH1750_keeps_its_last_result_and_powers_down_after_one_measurement()
    {
        Wire wire = new(time => new Bh1750(time) { Counts = 0x8390 });
        Assert.False(wire.Write("07"), "reset only while on");
        Assert.Equal("00 00", wire.Read(2));
        Assert.True(wire.Write("20"));
        wire.Pass(179);
        Assert.Equal("00 00", wire.Read(2));
        wire.Pass(1);
        Assert.Equal("83 90", wire.Read(2));             // the technical note's example
        Assert.False(wire.Write("07"));
        Assert.True(wire.Write("11"));                   // twice the counts
        wire.Pass(180);
        Assert.Equal("FF FF", wire.Read(2));
        wire.LosePower();
        Assert.Equal("00 00", wire.Read(2));
    }
}
