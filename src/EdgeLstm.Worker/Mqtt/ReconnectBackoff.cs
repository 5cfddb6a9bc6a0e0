// How long to wait before the next attempt to reach the broker:  base = min(60 s, 1 s · 2ⁿ),  wait = base · (½ … 1) at random.

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Doubles from 0.5…1 s up to 30…60 s; the random part keeps a hall of devices from calling at the same
/// instant.</summary>
internal sealed class ReconnectBackoff(Random random)
{
    /// <summary>Longest wait.</summary>
    public const int MaximumMs = 60_000;

    /// <summary>A connection that held this long starts the next series from the beginning; a shorter one does not, so that two
    /// clients of one id, which throw each other out at once, slow down.</summary>
    public const int StableMs = 10_000;

    private const int FirstMs = 1000;
    private int _failures;

    /// <summary>Milliseconds to wait before the next attempt.</summary>
    public int NextDelayMs()
    {
        int baseMs = Math.Min(MaximumMs, FirstMs << Math.Min(_failures, 6));
        _failures++;
        return (int)(baseMs * (0.5 + (0.5 * random.NextDouble())));
    }

    /// <summary>The last connection was a good one.</summary>
    public void Reset() => _failures = 0;
}
