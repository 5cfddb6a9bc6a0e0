// How long to wait before a lost sensor is tried again: 0.25 s, doubled after each failure, 5 s at most.

namespace EdgeLstm.Worker.Sensors;

/// <summary>The wait before the next try of a port, a sensor or a slave.</summary>
internal sealed class RetryWait
{
    /// <summary>The first wait.</summary>
    public const long FirstNs = 250_000_000;

    private const long LastNs = 5_000_000_000;

    /// <summary>The wait after the next failure, in nanoseconds.</summary>
    public long Ns { get; private set; } = FirstNs;

    /// <summary>Counts a failure.</summary>
    public void Grow() => Ns = Math.Min(2 * Ns, LastNs);

    /// <summary>The last try was a good one.</summary>
    public void Reset() => Ns = FirstNs;
}
