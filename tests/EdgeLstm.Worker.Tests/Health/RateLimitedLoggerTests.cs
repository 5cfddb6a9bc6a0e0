// Lines pass at once up to the limit; what is held back is told once, by a clock that the test turns.

using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Worker.Tests.Health;

public sealed class RateLimitedLoggerTests : IDisposable
{
    private const int Limit = RateLimitedLogger.LinesPerMinute;

    private readonly LineLogger _lines = new();
    private readonly HandTurnedClock _clock = new();
    private readonly RateLimitedLogger _log;

    public RateLimitedLoggerTests() => _log = new RateLimitedLogger(_lines, _clock);

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Lines_below_the_limit_pass_at_once_and_as_they_are()
    {
        Back("oven", Limit);
        _clock.Turn(TimeSpan.FromMinutes(2));

        Assert.Equal(Limit, _lines.Lines.Count);
        Assert.All(_lines.Lines, line => Assert.Equal("Information: oven: port is back", line));
        Assert.Equal(0, _log.HeldBack);
    }

    [Fact]
    public void Lines_beyond_the_limit_are_told_in_one_line_at_the_end_of_the_minute()
    {
        Back("oven", Limit + 57);
        Assert.Equal(Limit, _lines.Lines.Count);

        _clock.Turn(TimeSpan.FromSeconds(59));
        Assert.Equal(Limit, _lines.Lines.Count);
        _clock.Turn(TimeSpan.FromSeconds(1));

        Assert.Equal("Information: oven: port is back … 57 more in the last minute", _lines.Lines[^1]);
        Assert.Equal(Limit + 1, _lines.Lines.Count);
        Assert.Equal(57, _log.HeldBack);
    }

    [Fact]
    public void After_the_minute_lines_pass_again()
    {
        Back("oven", Limit + 1);
        _clock.Turn(TimeSpan.FromMinutes(1));
        int told = _lines.Lines.Count;

        Back("oven", 1);

        Assert.Equal(told + 1, _lines.Lines.Count);
    }

    [Fact]
    public void Another_stream_and_another_message_are_counted_apart()
    {
        Back("oven", Limit + 5);
        Back("pump", 1);
        WorkerLog.SourceRead(_log, "oven", "port");

        Assert.Equal("Information: pump: port is back", _lines.Lines[^2]);
        Assert.Equal("Information: oven: reads port", _lines.Lines[^1]);
    }

    [Fact]
    public void Each_window_ends_a_minute_after_its_own_first_line()
    {
        Back("oven", Limit + 1);
        _clock.Turn(TimeSpan.FromSeconds(30));
        Back("pump", Limit + 2);

        _clock.Turn(TimeSpan.FromSeconds(30));
        Assert.EndsWith("… 1 more in the last minute", _lines.Lines[^1], StringComparison.Ordinal);
        _clock.Turn(TimeSpan.FromSeconds(30));

        Assert.Equal("Information: pump: port is back … 2 more in the last minute", _lines.Lines[^1]);
        Assert.Equal((2 * Limit) + 2, _lines.Lines.Count);
    }

    [Fact]
    public void What_is_held_back_at_the_end_is_told_then()
    {
        Back("oven", Limit + 3);

        _log.Dispose();

        Assert.EndsWith("… 3 more in the last minute", _lines.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void More_kinds_than_are_counted_apart_share_a_count()
    {
        for (int i = 0; i < RateLimitedLogger.MostKinds; i++)
        {
            Back($"stream{i}", 1);
        }

        for (int i = 0; i < 100; i++)
        {
            Back($"further{i}", 1);
        }

        Assert.Equal(RateLimitedLogger.MostKinds + Limit, _lines.Lines.Count);
        Assert.Equal(100 - Limit, _log.HeldBack);
    }

    [Fact]
    public void Lines_from_many_threads_are_all_passed_or_counted()
    {
        Parallel.For(0, 8, _ => Back("oven", 100));

        Assert.Equal(Limit, _lines.Lines.Count);
        Assert.Equal(800 - Limit, _log.HeldBack);
    }

    private void Back(string stream, int times)
    {
        for (int i = 0; i < times; i++)
        {
            WorkerLog.SourceBack(_log, stream, "port");
        }
    }

    /// <summary>Time that stands until it is turned; its timers fire while it is.</summary>
    private sealed class HandTurnedClock : TimeProvider
    {
        private readonly List<HandTurnedTimer> _timers = [];
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            HandTurnedTimer timer = new(this, () => callback(state));
            timer.Change(dueTime, period);
            _timers.Add(timer);
            return timer;
        }

        public void Turn(TimeSpan by)
        {
            _now += by;
            _timers.ForEach(timer => timer.FireIfDue(_now));
        }

        private sealed class HandTurnedTimer(HandTurnedClock clock, Action fire) : ITimer
        {
            private TimeSpan? _due;

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
                return true;
            }

            public void FireIfDue(TimeSpan now)
            {
                if (_due <= now)
                {
                    _due = null;
                    fire();
                }
            }

            public void Dispose() => _due = null;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
