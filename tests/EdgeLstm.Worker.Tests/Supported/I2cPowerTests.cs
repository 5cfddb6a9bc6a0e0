// A brown-out that no transfer notices: the sensor forgot its configuration and would go on answering.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Tests.FirmwareConfigs;

namespace EdgeLstm.Worker.Tests.Supported;

public class I2cPowerTests
{
    // An LM75 measures by itself from power-on, says 0 °C until then, and has no bit that tells.
    public static TheoryData<string> Profiles => [.. SensorRigs.All.Keys
        .Where(profile => profile.StartsWith("i2c/", StringComparison.Ordinal) && profile != "i2c/lm75.json")];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_sensor_that_lost_its_power_between_two_readings_is_set_up_again_and_gives_no_wrong_value(string name)
    {
        using I2cRig rig = (I2cRig)SensorRigs.All[name]();
        ProblemList problems = new(name);
        SensorProfile profile = SensorProfile.Load(Path.Combine(Firmware.Configs, name), problems)!;
        Assert.False(problems.Any, problems.ToString());
        RigReader reader = new(profile, rig.Open(profile));
        int wrong = RigTrial.CountWrongUntilExample(rig, reader, examples: 1);
        rig.InterruptPower();
        wrong += RigTrial.CountWrongUntilExample(rig, reader, examples: 5);
        // The power may have gone in the middle of a measurement, between its start or its ready bit and its result.
        Assert.InRange(wrong, 0, 1);
    }
}
