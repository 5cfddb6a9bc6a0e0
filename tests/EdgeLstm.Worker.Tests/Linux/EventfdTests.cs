// The descriptor that wakes a waiting thread.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Tests.Linux;

public class EventfdTests
{
    [Fact]
    public void Set_stays_until_cleared_and_does_no_harm_after_disposal()
    {
        Eventfd wake = new();
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
}
