// Bounds the log: of each message of each stream so many lines a minute, then one line that says how many more there were.

using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Health;

/// <summary>Passes lines on at once; those beyond <see cref="LinesPerMinute"/> of one kind are counted, and told in one line at
/// the end of the minute.</summary>
/// <remarks>
/// A kind is an event id with the stream that the line names. Of <see cref="MostKinds"/> kinds at once each has a count of its
/// own; of further ones the lines share the event's. Any thread.
/// </remarks>
internal sealed class RateLimitedLogger : ILogger, IDisposable
{
    /// <summary>Lines of one kind in a minute at most, from the first one on.</summary>
    public const int LinesPerMinute = 20;

    /// <summary>Kinds counted apart at most.</summary>
    public const int MostKinds = 1024;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ILogger _inner;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<(int Event, string Stream), Window> _windows = [];
    private readonly ITimer _timer;
    private bool _isTimerSet;
    private long _heldBack;

    /// <param name="inner">Gets what passes.</param>
    /// <param name="time">The clock of the minutes.</param>
    public RateLimitedLogger(ILogger inner, TimeProvider time)
    {
        (_inner, _time) = (inner, time);
        _timer = time.CreateTimer(_ => Tell(all: false), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Lines that were held back since the start.</summary>
    public long HeldBack => Interlocked.Read(ref _heldBack);

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => _inner.BeginScope(state);

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => _inner.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!_inner.IsEnabled(logLevel))
        {
            return;
        }

        int number = Count(eventId.Id, state, logLevel, out Window window);
        if (number <= LinesPerMinute)
        {
            _inner.Log(logLevel, eventId, state, exception, formatter);
        }

        if (number == LinesPerMinute)
        {
            window.Line = formatter(state, exception);   // what the line at the end of the minute speaks of
        }
    }

    /// <summary>Tells what is held back now, and ends the minutes.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Tell(all: true);
    }

    // The number of a line in its minute.
    private int Count(int id, object? state, LogLevel level, out Window window)
    {
        (int Event, string Stream) kind = (id, StreamOf(state));
        Window? ended = null;
        long now = _time.GetTimestamp();
        int number;
        lock (_gate)
        {
            if (!_windows.TryGetValue(kind, out Window? found) && _windows.Count >= MostKinds)
            {
                kind = (id, "");
                _windows.TryGetValue(kind, out found);
            }

            if (found is null || IsOver(found, now))
            {
                ended = found;
                found = _windows[kind] = new Window(now, level);
                SetTimer(Minute);
            }

            window = found;
            number = ++window.Lines;
        }

        TellOf(ended);
        Interlocked.Add(ref _heldBack, number > LinesPerMinute ? 1 : 0);
        return number;
    }

    private bool IsOver(Window window, long now) => _time.GetElapsedTime(window.BeganAt, now) >= Minute;

    // One timer for all windows, set for the one that ends first.
    private void SetTimer(TimeSpan wait)
    {
        if (!_isTimerSet)
        {
            _isTimerSet = true;
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Tell(bool all)
    {
        List<Window> ended = [];
        long now = _time.GetTimestamp();
        TimeSpan next = TimeSpan.MaxValue;
        lock (_gate)
        {
            foreach (((int, string) kind, Window window) in _windows)
            {
                TimeSpan left = Minute - _time.GetElapsedTime(window.BeganAt, now);
                if (all || left <= TimeSpan.Zero)
                {
                    ended.Add(window);
                    _windows.Remove(kind);
                }
                else
                {
                    next = left < next ? left : next;
                }
            }

            _isTimerSet = false;
            if (_windows.Count > 0)
            {
                SetTimer(next);
            }
        }

        ended.ForEach(TellOf);
    }

    private void TellOf(Window? window)
    {
        if (window is { Line: { } line } && window.Lines > LinesPerMinute)
        {
            WorkerLog.HeldBack(_inner, window.Level, line, window.Lines - LinesPerMinute);
        }
    }

    private static string StreamOf(object? state)
    {
        if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            for (int i = 0; i < values.Count; i++)
            {
                if (values[i].Key == "Stream")
                {
                    return values[i].Value as string ?? "";
                }
            }
        }

        return "";
    }

    private sealed class Window(long beganAt, LogLevel level)
    {
        public long BeganAt => beganAt;

        public LogLevel Level => level;

        public int Lines { get; set; }

        public string? Line { get; set; }
    }
}
