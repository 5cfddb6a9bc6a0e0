// Emulated devices: Modbus RTU slaves.

namespace EdgeLstm.Worker.Tests.Supported;

internal static class ModbusRigs
{
    public static IReadOnlyList<Func<SensorRig>> All { get; } = [];
}
