// A bounded queue of records between one stream thread and the I/O thread; when it is full the oldest go first, counted.

namespace EdgeLstm.Worker.Streams;

/// <summary>First in, first out, fixed capacity, nothing allocated after construction.</summary>
/// <remarks>
/// One writer and one reader. The lock is held only while one record is copied, so neither side ever waits for a socket or a
/// disk. When the ring is full, <see cref="Append"/> overwrites the oldest record and counts it in <see cref="Dropped"/>; a
/// writer whose source can wait calls <see cref="WaitForRoom"/> first.
/// </remarks>
public sealed class RecordRing
{
    private readonly object _gate = new();   // no Lock: the writer waits on it
    // Two plain arrays instead of an object for each slot: memory that no record has reached yet is never touched, so a backlog
    // that is empty costs nothing.
    private readonly Slot[] _slots;
    private readonly float[] _figures;
    private readonly int _stride;
    private long _head;
    private long _tail;
    private long _dropped;
    private bool _writerWaits;

    /// <param name="capacity">Records held at most; at least 1.</param>
    /// <param name="channelCount">Channels of every record.</param>
    /// <param name="outputCount">Outputs of every record.</param>
    public RecordRing(int capacity, int channelCount, int outputCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _stride = new StreamRecord(channelCount, outputCount).Figures.Length;
        _slots = GC.AllocateUninitializedArray<Slot>(capacity);
        _figures = GC.AllocateUninitializedArray<float>(checked(capacity * _stride));
    }

    /// <summary>Position after the newest record; positions count up from 0 and never wrap.</summary>
    public long Head
    {
        get { lock (_gate) { return _head; } }
    }

    /// <summary>Records waiting.</summary>
    public long Count
    {
        get { lock (_gate) { return _head - _tail; } }
    }

    /// <summary>Records overwritten before they were read.</summary>
    public long Dropped
    {
        get { lock (_gate) { return _dropped; } }
    }

    /// <summary>Adds a copy of <paramref name="record"/> as the newest; drops the oldest when full.</summary>
    public void Append(StreamRecord record)
    {
        lock (_gate)
        {
            if (_head - _tail == _slots.Length)
            {
                _tail++;
                _dropped++;
            }

            int slot = (int)(_head % _slots.Length);
            _slots[slot] = new Slot(record);
            record.Figures.CopyTo(_figures.AsSpan(slot * _stride));
            _head++;
        }
    }

    /// <summary>Waits while the ring is full, then until it is half empty, so that the writer is not woken for each
    /// record.</summary>
    /// <param name="timeoutMs">How long to wait at most, in milliseconds.</param>
    /// <returns>False when the ring is still full.</returns>
    public bool WaitForRoom(int timeoutMs)
    {
        lock (_gate)
        {
            if (_head - _tail == _slots.Length)
            {
                _writerWaits = true;
                Monitor.Wait(_gate, timeoutMs);
                _writerWaits = false;
            }

            return _head - _tail < _slots.Length;
        }
    }

    /// <summary>Copies the oldest record into <paramref name="destination"/> and removes it; false when empty.</summary>
    /// <param name="destination">Receives the record.</param>
    /// <param name="position">The position the record had.</param>
    public bool TryTake(StreamRecord destination, out long position)
    {
        lock (_gate)
        {
            position = _tail;
            if (_head == _tail)
            {
                return false;
            }

            int slot = (int)(_tail % _slots.Length);
            _slots[slot].CopyTo(destination);
            _figures.AsSpan(slot * _stride, _stride).CopyTo(destination.Figures);
            _tail++;
            if (_writerWaits && _head - _tail <= _slots.Length / 2)
            {
                Monitor.PulseAll(_gate);
            }

            return true;
        }
    }

    // The fields of a record beside its figures.
    private readonly struct Slot(StreamRecord record)
    {
        private readonly long _sequence = record.Sequence;
        private readonly long _timestampUnixMs = record.TimestampUnixMs;
        private readonly bool _isUnsynced = record.IsUnsynced;
        private readonly float _score = record.Score;
        private readonly float _threshold = record.Threshold;
        private readonly AlarmIncident _incident = record.Incident;
        private readonly StreamStatus _status = record.Status;
        private readonly AlarmState _alarm = record.Alarm;
        private readonly StreamEvent _event = record.Event;

        public void CopyTo(StreamRecord destination)
        {
            destination.Sequence = _sequence;
            destination.TimestampUnixMs = _timestampUnixMs;
            destination.IsUnsynced = _isUnsynced;
            destination.Score = _score;
            destination.Threshold = _threshold;
            destination.Incident = _incident;
            destination.Status = _status;
            destination.Alarm = _alarm;
            destination.Event = _event;
        }
    }
}
