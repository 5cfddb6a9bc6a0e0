// Emulated devices: serial lines.

namespace EdgeLstm.Worker.Tests.Supported;

internal static class SerialRigs
{
    public static IReadOnlyList<Func<SensorRig>> All { get; } = [];
}
