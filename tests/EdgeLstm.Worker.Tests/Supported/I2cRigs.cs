// Emulated devices: I²C sensors.

namespace EdgeLstm.Worker.Tests.Supported;

internal static class I2cRigs
{
    public static IReadOnlyList<Func<SensorRig>> All { get; } = [];
}
