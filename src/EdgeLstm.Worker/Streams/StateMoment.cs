// When a state was saved, by the clocks that its age can be told from.

namespace EdgeLstm.Worker.Streams;

/// <summary>A moment by two clocks.</summary>
/// <param name="UnixMs">The system's clock, in milliseconds since 1970 UTC.</param>
/// <param name="SteadyNs">The monotonic clock, in nanoseconds; counts within one boot of the machine.</param>
/// <param name="KernelBoot">Names that boot; empty where it is not known.</param>
/// <param name="IsTimeKnown">Whether the system's clock was right, as far as can be told.</param>
public readonly record struct StateMoment(
    long UnixMs, long SteadyNs = 0, Guid KernelBoot = default, bool IsTimeKnown = true)
{
    private const double NsPerMs = 1e6;

    /// <summary>Milliseconds from an earlier moment to this one; NaN where it cannot be told.</summary>
    /// <remarks>Within one boot the monotonic clock says it, however the system's clock was set; over a boot the system's clock
    /// does, if it was right both times.</remarks>
    public double MsSince(StateMoment earlier) =>
        KernelBoot != Guid.Empty && KernelBoot == earlier.KernelBoot ? (SteadyNs - earlier.SteadyNs) / NsPerMs
        : IsTimeKnown && earlier.IsTimeKnown ? UnixMs - earlier.UnixMs
        : double.NaN;
}
