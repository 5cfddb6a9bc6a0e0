// How long a stream that failed rests before it is started again:  base = min(60 s, 1 s · 2ⁿ),  wait = base · (½ … 1) at random.

namespace EdgeLstm.Worker.Streams;

/// <summary>Doubles from 0.5…1 s up to 30…60 s; the random part keeps streams that fail of one cause from starting at
/// once.</summary>
internal sealed class RestartWait(Random random)
{
    /// <summary>Longest wait.</summary>
    public const int MaximumMs = 60_000;

    /// <summary>A stream that ran this long starts the next series from the beginning.</summary>
    public const int StableMs = 60_000;

    private const int FirstMs = 1000;
    private const int Doublings = 6;
    private int _failures;

    /// <summary>Milliseconds to wait after a failure.</summary>
    /// <param name="ranMs">How long the stream had run before it.</param>
    public int NextMs(double ranMs)
    {
        _failures = ranMs >= StableMs ? 0 : _failures;
        int baseMs = Math.Min(MaximumMs, FirstMs << Math.Min(_failures, Doublings));
        _failures++;
        return (int)(baseMs * (0.5 + (0.5 * random.NextDouble())));
    }
}
