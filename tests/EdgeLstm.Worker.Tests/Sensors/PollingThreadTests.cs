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

    private sealed class Faulty(CountdownEvent runs) : PolledTask
    {
        public string? Said { get; private set; }

        public override void Run(long nowNs)
        {
            DueNs = long.MaxValue;
            runs.Signal();
            throw new InvalidOperationException("made for a test");
        }

        protected override void Report(string problem) => Said = problem;
    }

    [Fact]
    public void A_device_whose_code_throws_is_told_and_does_not_stop_the_others()
    {
        Line line = new();
        using CountdownEvent done = new(2);
        Faulty faulty = new(done);
        using (PollingThread thread = new("bus", line))
        {
            thread.Add(faulty);
            thread.Add(new Device('a', 0, 3, [], done).StartAt(1));
            thread.Start();
            Assert.True(done.Wait(Patience));
        }

        Assert.Contains("InvalidOperationException: made for a test", faulty.Said, StringComparison.Ordinal);
        Assert.InRange(faulty.DueNs - ByteSource.MonotonicNs(), 1, 5_000_000_000);   // and is tried again
    }

    [Fact]
    public void Devices_come_and_go_while_the_thread_runs()
    {
        Line line = new();
        using CountdownEvent first = new(1);
        using CountdownEvent second = new(1);
        List<char> order = [];
        using PollingThread thread = new("bus", line);
        thread.Start();
        Device a = new Device('a', 0, 1, order, first).StartAt(0);
        thread.Add(a);
        Assert.True(first.Wait(Patience));
        thread.Remove(a);
        Assert.False(thread.HasTasks);
        thread.Add(new Device('b', 0, 1, order, second).StartAt(0));
        Assert.True(second.Wait(Patience));
        Assert.Equal("ab", string.Concat(order));
    }

    [Fact]
    public void A_thread_that_was_never_started_closes_its_line()
    {
        Line line = new();
        new PollingThread("bus", line).Dispose();
        Assert.True(line.IsClosed);
    }
}
