// Which sensor of the kernel's drivers a stream reads, and how often.

using System.Globalization;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Which sensor, which of its channels, how often.</summary>
/// <param name="Root">The folder that stands for / in /sys and /dev.</param>
/// <param name="Name">What the driver calls the device, or its label.</param>
/// <param name="Chosen">Which of several with that name; null for the only one.</param>
/// <param name="Fields">The channels of a record, in its order.</param>
/// <param name="RateHz">Records per second.</param>
public sealed record KernelSensor(string Root, string Name, string? Chosen, IReadOnlyList<string> Fields, double RateHz)
{
    internal string Pace => string.Create(CultureInfo.InvariantCulture, $"polled at {RateHz:0.###} Hz");

    /// <summary>A path below the root.</summary>
    internal string At(string path) => Path.Combine(Root, path);
}
