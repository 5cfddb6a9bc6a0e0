// One measurement of an emulated sensor: when it was started, how long it takes, whether its result was taken.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>A measurement that takes as long as the data sheet says, by a clock that a test may turn by hand.</summary>
/// <param name="time">The clock.</param>
public sealed class Conversion(TimeProvider time)
{
    private long _started;
    private double _durationMs;
    private bool _isStarted;
    private bool _hadResult;

    /// <summary>True once the measurement that was started last is finished, until the next <see cref="Start"/>.</summary>
    public bool IsDone => _isStarted && time.GetElapsedTime(_started).TotalMilliseconds >= _durationMs;

    /// <summary>True while it measures.</summary>
    public bool IsRunning => _isStarted && !IsDone;

    /// <summary>True once any measurement since <see cref="Reset"/> was finished: data registers hold more than their reset
    /// value.</summary>
    public bool HasResult => _hadResult |= IsDone;

    /// <summary>Starts a measurement; one that runs is given up.</summary>
    public void Start(double durationMs)
    {
        _ = HasResult;
        _started = time.GetTimestamp();
        _durationMs = durationMs;
        _isStarted = true;
    }

    /// <summary>Takes the result of a sensor that measures again and again: its ready bit falls, the next result comes one period
    /// later.</summary>
    public void Take()
    {
        if (IsDone)
        {
            Start(_durationMs);
        }
    }

    /// <summary>Ends measuring; the last result stays.</summary>
    public void Stop()
    {
        _ = HasResult;
        _isStarted = false;
    }

    /// <summary>As before the first measurement.</summary>
    public void Reset()
    {
        _isStarted = false;
        _hadResult = false;
    }
}
