// The machine itself as a source: load, memory, processor time and temperatures as values by name.

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads figures of /proc and /sys/class/thermal; their names are those of <see cref="SystemFigures"/>.</summary>
public sealed class SystemSource : KernelSource
{
    private readonly KernelSensor _sensor;

    /// <param name="sensor">Which figures; the names of the device are not looked at.</param>
    public SystemSource(KernelSensor sensor)
        : base(sensor.Fields.Count) => _sensor = sensor;

    /// <inheritdoc/>
    public override string Description => $"this machine, {_sensor.Pace}";

    private protected override KernelDevice? TryOpen(out string problem)
    {
        return PolledDevice.TryOpen(Description, _sensor, TryOpenField, out problem);

        KernelReading? TryOpenField(string field, out string fieldProblem) =>
            SystemFigures.TryOpen(_sensor.Root, field, out fieldProblem);
    }
}
