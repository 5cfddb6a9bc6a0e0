// Emulated devices: the kernel's drivers and the Pi itself.

namespace EdgeLstm.Worker.Tests.Supported;

internal static class KernelRigs
{
    public static IReadOnlyList<Func<SensorRig>> All { get; } = [];
}
