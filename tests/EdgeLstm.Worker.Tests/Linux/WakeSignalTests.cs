// The descriptor that wakes a waiting thread.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Tests.Linux;

public class WakeSignalTests
{
    [Fact]
    public void Set_stays_until_cleared_and_does_no_harm_after_disposal()
    {
        WakeSignal wake = new();
        Assert.False(wake.Clear());
        wake.Set();
        wake.Set();
        Assert.True(Descriptor.Wait(-1, wake.Fd, 60_000_000_000, out _));
        Assert.True(wake.Clear());
        Assert.False(Descriptor.Wait(-1, wake.Fd, 0, out _));
        wake.Dispose();
        wake.Set();
        Assert.False(wake.Clear());
        Assert.Equal(-1, wake.Fd);
    }

    [Fact]
    public void A_set_is_seen_after_every_clear()
    {
        using WakeSignal signal = new();
        for (int i = 0; i < 3; i++)
        {
            Assert.False(Poll(signal, 0));
            signal.Set();
            signal.Set();
            Assert.True(Poll(signal, 0));
            signal.Clear();
        }
    }

    [Fact]
    public void No_set_is_lost_between_two_threads()
    {
        using WakeSignal signal = new();
        const int Total = 200_000;
        int stored = 0;
        Thread writer = new(() =>
        {
            for (int i = 0; i < Total; i++)
            {
                Interlocked.Increment(ref stored);
                signal.Set();
            }
        });
        writer.Start();
        int seen = 0;
        while (seen < Total)
        {
            Assert.True(Poll(signal, 10_000_000_000), $"lost a wake-up after {seen}");
            signal.Clear();
            seen = Volatile.Read(ref stored);
        }

        writer.Join();
    }

    private static bool Poll(WakeSignal signal, long timeoutNs) => Descriptor.Wait(-1, signal.Fd, timeoutNs, out _);
}
