// All rigs, in the order of the table.

namespace EdgeLstm.Worker.Tests.Supported;

/// <summary>The rigs by their profile's file.</summary>
internal static class SensorRigs
{
    public static IReadOnlyDictionary<string, Func<SensorRig>> All { get; } =
        new[] { I2cRigs.All, KernelRigs.All, ModbusRigs.All, MqttRigs.All, SerialRigs.All }.SelectMany(rigs => rigs)
            .ToDictionary(ProfileOf);

    private static string ProfileOf(Func<SensorRig> create)
    {
        using SensorRig rig = create();
        return rig.Profile;
    }
}
