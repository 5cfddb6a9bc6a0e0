// A source that another thread feeds: a bus that serves several sensors, or the broker's connection.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Whole records from one producing thread to one stream, at most <c>capacity</c> of them.</summary>
/// <remarks>
/// When the ring is full the oldest record is dropped and counted: a sensor does not wait. Allocates nothing after it was built.
/// A loss is told once, and before it all records that arrived before it.
/// </remarks>
public sealed class QueuedSource : ByteSource
{
    private const long NsPerMs = 1_000_000;

    private readonly Lock _gate = new();
    private readonly WakeSignal _wake = new();
    private readonly byte[] _bytes;      // [capacity · recordBytes]
    private readonly int[] _lengths;     // [capacity]
    private readonly long[] _timesNs;    // [capacity]
    private readonly int _recordBytes;
    private int _first;
    private int _count;
    private bool _lost;                  // as the producer says
    private bool _saidLost;              // as the stream has been told
    private volatile string? _problem;
    private long _rejected;              // written by the producer, read by who reports health
    private long _late;

    /// <param name="description">What is read, for logs: "SHT31 at 0x44 on /dev/i2c-1".</param>
    /// <param name="recordBytes">Longest record, in bytes; at most what the stream's buffer holds.</param>
    /// <param name="capacity">Records that wait at most.</param>
    /// <param name="givesPhysicalValues">True where a record holds float64 numbers in the units of the channels.</param>
    public QueuedSource(string description, int recordBytes, int capacity, bool givesPhysicalValues = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(recordBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Description = description;
        GivesPhysicalValues = givesPhysicalValues;
        _recordBytes = recordBytes;
        _bytes = new byte[capacity * recordBytes];
        _lengths = new int[capacity];
        _timesNs = new long[capacity];
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override bool StartsAtFrameStart => true;

    /// <inheritdoc/>
    public override bool GivesPhysicalValues { get; }

    /// <inheritdoc/>
    public override string? Problem => _problem;

    /// <summary>Records that could not be handed over: the ring was full, or they were longer than a place in it.</summary>
    public long Dropped { get; private set; }

    /// <inheritdoc/>
    public override long Rejected => Volatile.Read(ref _rejected);

    /// <inheritdoc/>
    public override long Late => Volatile.Read(ref _late);

    /// <summary>Counts a measurement that gave no record; only by the producer.</summary>
    public void Reject() => Volatile.Write(ref _rejected, _rejected + 1);

    /// <summary>Counts readings in <see cref="Late"/>; by the producing thread.</summary>
    /// <param name="readings">How many turns passed.</param>
    public void Miss(long readings) => Volatile.Write(ref _late, _late + readings);

    /// <summary>Hands a record to the stream. Never waits; false when it is too long and was dropped.</summary>
    /// <param name="record">The record.</param>
    /// <param name="timeNs">When it was measured or arrived, in monotonic nanoseconds.</param>
    public bool Offer(ReadOnlySpan<byte> record, long timeNs)
    {
        lock (_gate)
        {
            if (record.Length is 0 || record.Length > _recordBytes)
            {
                Dropped++;
                return false;
            }

            if (_count == _lengths.Length)
            {
                Dropped++;
                _first = (_first + 1) % _lengths.Length;
                _count--;
            }

            int place = (_first + _count++) % _lengths.Length;
            record.CopyTo(_bytes.AsSpan(place * _recordBytes));
            _lengths[place] = record.Length;
            _timesNs[place] = timeNs;
            _lost = false;
            _problem = null;
        }

        _wake.Set();
        return true;
    }

    /// <summary>Says that the sensor does not answer; it is back with the next record.</summary>
    /// <param name="problem">What was found, and what to do.</param>
    public void Lose(string problem)
    {
        lock (_gate)
        {
            _lost = true;
            _problem = problem;
        }

        _wake.Set();
    }

    /// <inheritdoc/>
    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs)
    {
        SourceRead found = Take(buffer, out count, out timeNs);
        if (found == SourceRead.Idle && timeoutMs > 0)
        {
            bool woken = Descriptor.Wait(-1, _wake.Fd, timeoutMs * NsPerMs, out _);
            found = woken && _wake.Clear() ? Take(buffer, out count, out timeNs) : SourceRead.Idle;
        }

        BytesRead += count;
        return found;
    }

    /// <inheritdoc/>
    public override void Wake() => _wake.Set();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _wake.Dispose();

    private SourceRead Take(Span<byte> buffer, out int count, out long timeNs)
    {
        count = 0;
        timeNs = MonotonicNs();
        lock (_gate)
        {
            if (_count > 0)
            {
                if (_saidLost)
                {
                    _saidLost = false;
                    Reopened++;
                    return SourceRead.Back;
                }

                count = _lengths[_first];
                timeNs = _timesNs[_first];
                _bytes.AsSpan(_first * _recordBytes, count).CopyTo(buffer);
                _count--;

                // An empty ring begins anew: memory that no backlog has reached is never touched.
                _first = _count == 0 ? 0 : (_first + 1) % _lengths.Length;
                return SourceRead.Data;
            }

            if (_lost && !_saidLost)
            {
                _saidLost = true;
                return SourceRead.Lost;
            }

            return SourceRead.Idle;
        }
    }
}
