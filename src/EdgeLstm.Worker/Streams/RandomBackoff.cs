// How long to rest after a failure before the next attempt:  base = min(60 s, 1 s · 2ⁿ),  wait = base · (½ … 1) at random.

namespace EdgeLstm.Worker.Streams;

/// <summary>Doubles from 0.5…1 s up to 30…60 s; the random part keeps a hall of devices, or streams that fail of one cause, from
/// trying again at the same instant.</summary>
/// <param name="random">Draws the random part.</param>
/// <param name="stableMs">What held this long starts the next series from the beginning; what failed sooner does not, so that two
/// clients of one id, which throw each other out at once, slow down.</param>
internal sealed class RandomBackoff(Random random, int stableMs)
{
    /// <summary>Longest wait.</summary>
    public const int MaximumMs = 60_000;

    private const int FirstMs = 1000;
    private const int Doublings = 6;
    private int _failures;

    /// <summary>Milliseconds to wait after a failure.</summary>
    /// <param name="heldMs">How long what has failed had worked before; 0 for an attempt that failed.</param>
    public int NextMs(double heldMs = 0)
    {
        _failures = heldMs >= stableMs ? 0 : _failures;
        int baseMs = Math.Min(MaximumMs, FirstMs << Math.Min(_failures, Doublings));
        _failures++;
        return (int)(baseMs * (0.5 + (0.5 * random.NextDouble())));
    }
}
