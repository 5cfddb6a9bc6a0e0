// hwmon devices: names and labels, units, broken sensors, which of several.

using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Kernel;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

public sealed class HwmonSourceTests : IDisposable
{
    private readonly FakeSysfs _tree = new();

    public void Dispose() => _tree.Dispose();

    private HwmonSource Open(string[] fields, string name = "chip", string? chosen = null) =>
        new(new KernelSensor(_tree.Root, name, chosen, fields, 1000));

    [Fact]
    public void Every_kind_of_sensor_is_given_in_our_unit()
    {
        _tree.AddHwmon(0, "chip", "1-0040", ("temp1_input", "-25125"), ("in1_input", "11980"), ("curr1_input", "-250"),
            ("power1_input", "119800000"), ("power2_average", "1500000"), ("energy1_input", "2000000"), ("fan1_input", "2750"),
            ("humidity1_input", "45678"));
        using HwmonSource source = Open(["temp1", "in1", "curr1", "power1", "power2", "energy1", "fan1", "humidity1"]);
        double[] expected = [-25.125, 11.98, -0.25, 119.8, 1.5, 2, 2750, 45.678];
        Assert.Equal(expected, source.ReadValues(), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal("chip (hwmon0) polled at 1000 Hz", source.Description);
    }

    [Fact]
    public void A_channel_is_found_by_its_label_and_a_mistyped_one_told_with_the_nearest()
    {
        _tree.AddHwmon(0, "chip", "1-0040", ("temp2_input", "40000"), ("temp2_label", "SoC hot spot"));
        using HwmonSource source = Open(["SoC hot spot"]);
        Assert.Equal([40.0], source.ReadValues());
        using HwmonSource wrong = Open(["tmp2"]);
        wrong.ReadUntil(SourceRead.Lost);
        Assert.EndsWith("no channel 'tmp2'; did you mean 'temp2'?", wrong.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sensor_that_says_it_is_broken_gives_NaN_until_it_is_well()
    {
        string folder = _tree.AddHwmon(0, "chip", "1-0040", ("temp1_input", "0"), ("temp1_fault", "1"), ("temp2_input", "2000"));
        using HwmonSource source = Open(["temp1", "temp2"]);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal([double.NaN, 2], source.ReadValues());
        }

        _tree.Write($"{folder}/temp1_fault", "0");
        Assert.Equal([0, 2], source.ReadValues());
    }

    [Fact]
    public void Of_several_devices_one_is_chosen_by_its_number_or_by_its_place()
    {
        _tree.AddHwmon(1, "w1_slave_temp", "28-0000071c9ad2", ("temp1_input", "1000"));
        _tree.AddHwmon(2, "w1_slave_temp", "28-0000071ca0ff", ("temp1_input", "2000"));
        using HwmonSource byNumber = Open(["temp1"], "w1_slave_temp", "hwmon2");
        Assert.Equal([2.0], byNumber.ReadValues());
        using HwmonSource byPlace = Open(["temp1"], "w1_slave_temp", "28-0000071c9ad2");
        Assert.Equal([1.0], byPlace.ReadValues());
        using HwmonSource any = Open(["temp1"], "w1_slave_temp");
        any.ReadUntil(SourceRead.Lost);
        Assert.Contains("2 devices are called 'w1_slave_temp': hwmon1 (28-0000071c9ad2), hwmon2 (28-0000071ca0ff)", any.Problem,
            StringComparison.Ordinal);
    }
}
