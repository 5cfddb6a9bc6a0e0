// A clock that stands still until a test turns it.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>Monotonic time in microseconds.</summary>
public sealed class HandClock : TimeProvider
{
    private long _microseconds;

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000;

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Read(ref _microseconds);

    /// <summary>Turns it forward.</summary>
    public void Pass(double milliseconds) => Interlocked.Add(ref _microseconds, (long)(milliseconds * 1000));
}
