// A token bucket: at most so many per second, in bursts of a tenth of a second.

using System.Diagnostics;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Limits how fast the backlog is sent, so that live records never queue behind it at the broker or on the
/// way.</summary>
/// <param name="perSecond">Tokens per second, at least 1.</param>
internal sealed class RateLimit(int perSecond)
{
    private readonly double _burst = Math.Max(1.0, perSecond / 10.0);
    private double _tokens = 1.0;
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>Takes one token if there is one.</summary>
    /// <param name="now">Stopwatch ticks.</param>
    public bool TryTake(long now)
    {
        _tokens = Math.Min(_burst, _tokens + ((now - _last) * (double)perSecond / Stopwatch.Frequency));
        _last = now;
        if (_tokens < 1.0)
        {
            return false;
        }

        _tokens--;
        return true;
    }

    /// <summary>Milliseconds until a token is there, rounded up.</summary>
    public int WaitMs => _tokens >= 1.0 ? 0 : (int)Math.Ceiling((1.0 - _tokens) * 1000.0 / perSecond);
}
