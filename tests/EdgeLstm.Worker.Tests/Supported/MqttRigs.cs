// Emulated devices: MQTT devices.

namespace EdgeLstm.Worker.Tests.Supported;

internal static class MqttRigs
{
    public static IReadOnlyList<Func<SensorRig>> All { get; } = [];
}
