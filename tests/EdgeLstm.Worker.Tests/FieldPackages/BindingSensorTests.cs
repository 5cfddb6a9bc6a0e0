// A sensor behind its binding on virtual time: what failures do to its stream.

using EdgeLstm.Worker.FieldPackages;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.Sensors.I2c;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.Worker.Tests.FieldPackages;

public sealed class BindingSensorTests
{
    private const double RateHz = 20;

    private static (VirtualLine Line, BindingSensor Sensor, int Address) Start(string binding, bool attached = true)
    {
        I2cRig rig = BindingRigs.Create(binding);
        SensorProfile profile = BindingRigs.ProfileOf(rig);
        int address = (int)profile.Transport!.I2c!.Address.Value;
        VirtualLine line = new();
        if (attached)
        {
            line.Emulated.Attach(address, rig.Device);
        }

        string[] fields = [.. profile.Channels.Select(channel => channel.FieldText)];
        return (line, line.Add(new BindingSensor(line, profile, fields, address, RateHz) { Clock = () => line.NowNs }), address);
    }

    [Fact]
    public void An_absent_sensor_costs_one_transfer_a_try_and_is_told_as_our_own_reading_tells_it()
    {
        (VirtualLine line, BindingSensor sensor, _) = Start("sht3x", attached: false);
        using (line)
        {
            line.RunUntilMs(20_000);
            double[] gaps = [.. line.Log.Zip(line.Log.Skip(1), (a, b) => Math.Round((b.AtNs - a.AtNs) / 1e6))];
            Assert.Equal([250, 500, 1000, 2000, 4000, 5000, 5000], gaps);
            Assert.Equal([SourceRead.Lost], VirtualLine.Drain(sensor).Select(read => read.Found));
            Assert.Equal("nobody answers at 0x44 on /dev/i2c-1: check the wiring, the supply and the address (edgelstm scan "
                + "lists who answers)", sensor.Source.Problem);
        }
    }

    [Fact]
    public void A_sensor_that_is_pulled_out_is_lost_once_and_set_up_again_when_it_is_back()
    {
        (VirtualLine line, BindingSensor sensor, int address) = Start("mpu6050");
        using (line)
        {
            line.RunUntilMs(95);
            line.Emulated.Break(address, Fault.GoneAndBack);
            line.RunUntilMs(2000);
            Assert.StartsWith("nobody answers at 0x68", sensor.Source.Problem, StringComparison.Ordinal);
            SourceRead[] before = [.. VirtualLine.Drain(sensor).Select(read => read.Found)];
            line.RunUntilMs(5000);
            Assert.Empty(VirtualLine.Drain(sensor));
            line.Emulated.Mend(address);
            line.RunUntilMs(12_000);
            SourceRead[] after = [.. VirtualLine.Drain(sensor).Select(read => read.Found)];
            Assert.Equal([SourceRead.Data, SourceRead.Lost], before.Distinct());
            Assert.Equal([SourceRead.Back, SourceRead.Data], after.Distinct());
            Assert.Equal((1, 1), (before.Count(read => read == SourceRead.Lost), after.Count(read => read == SourceRead.Back)));
            Assert.Null(sensor.Source.Problem);
        }
    }

    [Theory]
    [InlineData("sht3x")]
    [InlineData("sht4x")]
    public void A_wrong_checksum_costs_its_record_and_ten_in_a_row_the_sensor(string binding)
    {
        (VirtualLine line, BindingSensor sensor, int address) = Start(binding);
        using (line)
        {
            line.RunUntilMs(45);
            long measured = sensor.Measured;
            line.Emulated.Break(address, Fault.WrongChecksum);
            line.RunUntilMs(445);
            Assert.Equal((measured, 8, 8), (sensor.Measured, sensor.Failed, sensor.BadChecksums));
            Assert.Null(sensor.Source.Problem);
            line.RunUntilMs(1000);
            Assert.Contains("10 wrong checksums in a row", sensor.Source.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Another_sensor_at_the_address_is_told_before_the_binding_touches_it()
    {
        (VirtualLine line, BindingSensor sensor, int address) = Start("bme280", attached: false);
        using (line)
        {
            line.Emulated.Attach(address, new Emulation.I2c.Bme280(TimeProvider.System, hasHumidity: false));
            line.RunUntilMs(10);
            Assert.Equal("bme280 at 0x76 on /dev/i2c-1: identify[0] got 0x58, expected 0x60 under mask 0xFF: another sensor, or "
                + "it is not ready", sensor.Source.Problem);
            Assert.All(line.Log, entry => Assert.Equal([0xD0], entry.Written));
        }
    }

    [Fact]
    public void What_a_binding_says_for_itself_is_passed_on()
    {
        using VirtualLine line = new();
        line.Emulated.Attach(0x68, new Mpu6050(TimeProvider.System));
        BindingSensor sensor = line.Add(new BindingSensor(
            line, BindingRigs.OnlyBinding("mpu9250", 0x68), ["accel_x"], 0x68, RateHz)
        {
            Clock = () => line.NowNs,
        });
        line.RunUntilMs(10);
        Assert.StartsWith(
            "mpu9250 at 0x68 on /dev/i2c-1: Iot.Device.Bindings: ", sensor.Source.Problem, StringComparison.Ordinal);
        Assert.Contains("0x71", sensor.Source.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_holds_the_channels_that_are_asked_for_in_their_order_and_no_others_are_measured()
    {
        using VirtualLine line = new();
        line.Emulated.Attach(0x48, new Ads1115(TimeProvider.System) { InputsMicrovolt = [1_000_000, 2_000_000, 3_000_000, 0] });
        SensorProfile profile = BindingRigs.OnlyBinding("ads1115", 0x48);
        BindingSensor sensor = line.Add(new BindingSensor(line, profile, ["ain2", "ain0"], 0x48, RateHz)
        {
            Clock = () => line.NowNs,
        });
        line.RunUntilMs(2000);
        byte[] record = VirtualLine.Drain(sensor)[0].Record;
        Assert.Equal([3, 1], new[] { BitConverter.ToDouble(record), BitConverter.ToDouble(record, 8) });
        int[] inputs = [.. line.Log.Where(entry => entry.Written is [0x01, _, _]).Select(entry => (entry.Written[1] >> 4) & 7)];
        Assert.DoesNotContain(5, inputs);
        Assert.DoesNotContain(7, inputs);
    }
}
