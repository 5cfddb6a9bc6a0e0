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
    private readonly StreamRecord[] _slots;
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
        _slots = new StreamRecord[capacity];
        for (int i = 0; i < capacity; i++)
        {
            _slots[i] = new StreamRecord(channelCount, outputCount);
        }
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

            _slots[_head % _slots.Length].CopyFrom(record);
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

            destination.CopyFrom(_slots[_tail % _slots.Length]);
            _tail++;
            if (_writerWaits && _head - _tail <= _slots.Length / 2)
            {
                Monitor.PulseAll(_gate);
            }

            return true;
        }
    }
}
