// One thread for all devices of a line: whoever is due the longest comes next, and an end comes at once.

using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors;

public class PollingThreadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private sealed class Line : IDisposable
    {
        public bool IsClosed { get; private set; }

        public void Dispose() => IsClosed = true;
    }

    private sealed class Device(char name, long periodNs, int runs, List<char> order, CountdownEvent done) : PolledTask
    {
        private int _left = runs;

        public Device StartAt(long dueNs)
        {
            DueNs = dueNs;
            return this;
        }

        public override void Run(long nowNs)
        {
            order.Add(name);
            DueNs += periodNs;
            if (--_left == 0)
            {
                DueNs = long.MaxValue;
                done.Signal();
            }
        }
    }

    [Fact]
    public void Devices_run_in_the_order_in_which_they_are_due()
    {
        Line line = new();
        List<char> order = [];
        using CountdownEvent done = new(2);
        using (PollingThread thread = new("bus", line))
        {
            // Long due, so that nothing depends on how fast this machine is: a at 0, 3, 6, 9, b at 1, 11, 21.
            thread.Add(new Device('a', 3, 4, order, done).StartAt(0));
            thread.Add(new Device('b', 10, 3, order, done).StartAt(1));
            thread.Start();
            Assert.True(done.Wait(Patience));
        }

        Assert.Equal("abaaabb", string.Concat(order));
        Assert.True(line.IsClosed);
    }

    [Fact]
    public async Task A_thread_that_waits_for_its_next_device_ends_at_once()
    {
        Line line = new();
        using CountdownEvent done = new(1);
        PollingThread thread = new("bus", line);
        thread.Add(new Device('a', 0, 1, [], done).StartAt(0));
        thread.Start();
        Assert.True(done.Wait(Patience));
        await Task.Run(thread.Dispose).WaitAsync(Patience);
        Assert.True(line.IsClosed);
    }

    [Fact]
    public void A_thread_that_was_never_started_closes_its_line()
    {
        Line line = new();
        new PollingThread("bus", line).Dispose();
        Assert.True(line.IsClosed);
    }
}
