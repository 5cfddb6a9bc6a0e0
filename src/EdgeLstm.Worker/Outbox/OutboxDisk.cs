// The disk thread:  every flush interval  collect → one transaction → settle → feed.

using System.Diagnostics;
using EdgeLstm.Worker.Mqtt;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Outbox;

/// <summary>Writes what the broker has not acknowledged in time, deletes what it has, and feeds what it missed. The only thread
/// that touches the disk; nobody waits for it.</summary>
/// <remarks>
/// Where the disk fails, memory alone serves, and the file is tried again after 1 s, then 2 s, up to a minute. A file found
/// damaged is set aside and what can be read of it goes into a new one.
/// </remarks>
internal sealed class OutboxDisk : IDisposable
{
    private const int LongestRetryMs = 60_000;

    /// <summary>Transactions before the feed gets its turn.</summary>
    private const int BatchesAtOnce = 16;

    private readonly RecordOutbox _outbox;
    private readonly OutboxPlan _plan;
    private readonly TimeProvider _wall;
    private readonly Func<bool> _isTimeKnown;
    private readonly Action _wakeLink;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly AutoResetEvent _wake = new(false);
    private readonly OutboxBatch _batch = new();
    private OutboxStore? _store;
    private volatile bool _stopping;
    private long _afterEvent;
    private long _afterSample;
    private int _retryMs;

    /// <param name="outbox">What it serves.</param>
    /// <param name="plan">Where and how much.</param>
    /// <param name="wall">The clock that ages are measured against.</param>
    /// <param name="isTimeKnown">False while that clock may be wrong.</param>
    /// <param name="wakeLink">Called when there is something to publish.</param>
    /// <param name="logger">Gets a line when the disk fails, serves again, or was damaged.</param>
    public OutboxDisk(RecordOutbox outbox, OutboxPlan plan, TimeProvider wall, Func<bool> isTimeKnown, Action wakeLink,
        ILogger logger)
    {
        (_outbox, _plan, _wall, _isTimeKnown, _wakeLink, _logger) = (outbox, plan, wall, isTimeKnown, wakeLink, logger);
        _outbox.Urgent += Wake;
        _thread = new Thread(Run) { IsBackground = true, Name = "outbox" };
    }

    /// <summary>What was counted; written by the disk thread.</summary>
    public OutboxCounters Counters { get; } = new();

    /// <summary>Starts the thread, which opens the file.</summary>
    public void Start() => _thread.Start();

    /// <summary>Writes all that is left, closes the file. Call when the link has stopped.</summary>
    /// <param name="limit">How long to wait for it.</param>
    public void Stop(TimeSpan limit)
    {
        _stopping = true;
        if (!_thread.IsAlive)
        {
            return;
        }

        Wake();
        if (!_thread.Join(limit))
        {
            MqttLog.OutboxLeftBehind(_logger, _outbox.Queued);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _outbox.Urgent -= Wake;
        if (!_thread.IsAlive)
        {
            _wake.Dispose();
        }
    }

    private void Wake() => _wake.Set();

    private void Run()
    {
        bool isLast = false;
        while (!isLast)
        {
            isLast = _stopping;
            try
            {
                Serve(isLast);
                Recover();
            }
            catch (OutboxException failure)
            {
                Fail(failure);
            }

            if (!isLast)
            {
                _wake.WaitOne(_retryMs > 0 ? _retryMs : (int)_plan.Tick.TotalMilliseconds);
            }
        }

        Close();
        if (_outbox.Queued > 0)
        {
            MqttLog.OutboxLeftBehind(_logger, _outbox.Queued);
        }
    }

    private void Serve(bool isLast)
    {
        _store ??= Open();
        long dueTicks = (long)(_plan.Due.TotalSeconds * Stopwatch.Frequency);
        long before = isLast ? long.MaxValue : Stopwatch.GetTimestamp() - dueTicks;
        bool hasMore = true;
        for (int i = 0; hasMore && (isLast || i < BatchesAtOnce); i++)
        {
            _batch.Clear();
            _outbox.Collect(_batch, before);
            hasMore = _batch.IsFull;
            Write(_store);
        }

        Feed(_store);
        Count(_store);
    }

    private OutboxStore Open()
    {
        OutboxStore store = OutboxStore.Open(_plan.Path, _plan.Limits, _wall);
        if (store.Salvage is { } salvage)
        {
            Counters.Saved += salvage.Saved;
            Counters.Lost += salvage.Lost;
            string lost = salvage.IsLostExact ? $"{salvage.Lost}" : $"at least {salvage.Lost}";
            MqttLog.OutboxDamaged(_logger, store.Path, salvage.Reason, salvage.Saved, lost, salvage.File);
        }

        (_afterEvent, _afterSample) = (0, 0);
        _outbox.SayOpened(store.Rows);
        return store;
    }

    private void Write(OutboxStore store)
    {
        if (_batch.IsEmpty)
        {
            return;
        }

        store.Begin();
        foreach (long id in _batch.Deletes)
        {
            store.Delete(id);
        }

        for (long i = _batch.Copies.First; i < _batch.Copies.Next; i++)
        {
            ref OutboxEntry entry = ref _batch.Copies.At(i);
            entry.RowId = store.Append(new OutboxRow(
                _outbox.NameOf(entry.Stream), entry.Kind, entry.Boot, entry.Sequence, entry.TimestampUnixMs,
                _batch.Copies.Payload(i)));
        }

        store.Trim(_isTimeKnown());
        store.Commit();
        _outbox.Settle(_batch, store.Rows);
        _outbox.CountDropped(store.Dropped);
        Counters.RecordsWritten += _batch.Copies.Count;
        _batch.Clear();
        _wakeLink();   // what was released, or the last that was waited for
    }

    // Events first: a day of samples takes its time.
    private void Feed(OutboxStore store)
    {
        if (_outbox.TakeRestart())
        {
            (_afterEvent, _afterSample) = (0, 0);
        }

        bool more = FeedKind(store, OutboxKind.Event, ref _afterEvent);
        more |= FeedKind(store, OutboxKind.Sample, ref _afterSample);
        _outbox.SayFed(more);
    }

    private bool FeedKind(OutboxStore store, OutboxKind kind, ref long after)
    {
        long first = after;
        bool isRefused = false;
        foreach (OutboxRow row in store.Read(after, kind))
        {
            isRefused = !_outbox.TryFeed(row);
            after = isRefused ? row.Id - 1 : row.Id;
            if (isRefused)
            {
                break;
            }
        }

        if (after > first)
        {
            _wakeLink();
        }

        // Ids only grow: rows of the other kind are walked over once, not at every interval.
        after = isRefused ? after : store.LastId;
        return isRefused;
    }

    private void Count(OutboxStore store)
    {
        Counters.Rows = store.Rows;
        Counters.Events = store.Events;
        Counters.FileBytes = store.Bytes;
        Counters.WrittenBytes = Counters.WrittenByFormer + store.WrittenBytes;
        Counters.OldestUnixMs = store.OldestTimestampUnixMs;
    }

    private void Recover()
    {
        if (_retryMs > 0)
        {
            _retryMs = 0;
            Counters.Problem = null;
            MqttLog.OutboxServes(_logger, _plan.Path);
        }
    }

    private void Fail(OutboxException failure)
    {
        bool canRead = _store is not null && failure.Fault is OutboxFault.Full or OutboxFault.Unwritable;
        _outbox.Fail(_batch, canRead);
        _batch.Clear();
        Counters.Faults++;
        Counters.Problem = failure.Message;
        if (_retryMs == 0)
        {
            MqttLog.OutboxFails(_logger, failure.Message);
        }

        // A damaged file is opened again at once, which sets it aside; where that did not help, the disk is no better.
        _retryMs = failure.Fault == OutboxFault.Damaged && _retryMs == 0 ? 1 : Math.Clamp(_retryMs * 2, 1000, LongestRetryMs);
        if (!canRead)
        {
            Close();
        }
        else
        {
            FeedInspite();
        }
    }

    // A full disk can still be read: what the broker missed goes out, and room comes with it.
    private void FeedInspite()
    {
        try
        {
            Feed(_store!);
        }
        catch (OutboxException)
        {
            _outbox.Fail(_batch, canRead: false);
            Close();
        }
    }

    private void Close()
    {
        Counters.WrittenByFormer = Counters.WrittenBytes;
        _store?.Dispose();
        _store = null;
    }
}
