// Messages of devices that have no stream yet, handed from the I/O thread to the thread that makes streams.

namespace EdgeLstm.Worker.Sensors;

/// <summary>One message of a device without a stream.</summary>
internal readonly ref struct Newcomer
{
    public required DeviceTable Table { get; init; }

    /// <summary>Text of the topic's level, UTF-8.</summary>
    public required ReadOnlySpan<byte> Device { get; init; }

    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>When it arrived, in monotonic nanoseconds.</summary>
    public required long TimeNs { get; init; }
}

/// <summary>At most 32 messages; when full the newest is dropped and counted by its table. The lock is held for one
/// copy.</summary>
internal sealed class Newcomers
{
    public const int Capacity = 32;

    /// <summary>Longest text of a level, in bytes.</summary>
    public const int DeviceLimitBytes = 256;

    private const int SlotBytes = DeviceLimitBytes + TopicQueue.MessageLimitBytes;

    private readonly object _gate = new();   // no Lock: the taker waits on it
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity * SlotBytes);   // touched as far as used
    private readonly byte[] _taken = GC.AllocateUninitializedArray<byte>(SlotBytes);
    private readonly Slot[] _slots = new Slot[Capacity];
    private int _first;
    private int _count;
    private bool _ended;

    private record struct Slot(DeviceTable? Table, int DeviceBytes, int PayloadBytes, long TimeNs);

    /// <summary>Takes a message on the I/O thread; hands it to the device's stream if that has come into being
    /// meanwhile.</summary>
    public void Put(DeviceTable table, ReadOnlySpan<byte> device, ReadOnlySpan<byte> payload, long timeNs)
    {
        lock (_gate)
        {
            if (table.TryDeliver(device, payload, timeNs))
            {
                return;
            }

            bool fits = device.Length is > 0 and <= DeviceLimitBytes
                && payload.Length is > 0 and <= TopicQueue.MessageLimitBytes;
            if (!fits || _count == Capacity)
            {
                table.CountDropped();
                return;
            }

            int slot = (_first + _count++) % Capacity;
            _slots[slot] = new Slot(table, device.Length, payload.Length, timeNs);
            device.CopyTo(_bytes.AsSpan(slot * SlotBytes));
            payload.CopyTo(_bytes.AsSpan((slot * SlotBytes) + DeviceLimitBytes));
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits for a message and takes it; false after <see cref="End"/>. What it returns is valid until the next
    /// call.</summary>
    public bool TryTake(out Newcomer newcomer)
    {
        newcomer = default;
        lock (_gate)
        {
            while (!_ended)
            {
                if (_count == 0)
                {
                    Monitor.Wait(_gate);
                    continue;
                }

                int slot = _first;
                _count--;
                _first = _count == 0 ? 0 : (_first + 1) % Capacity;
                if (_slots[slot].Table is not null)
                {
                    newcomer = CopyOut(slot);
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Adds a device to its table; what waits of it here goes to its queue, in order, before anything newer.</summary>
    public void Admit(DeviceTable table, byte[] level, QueuedSource? source)
    {
        lock (_gate)
        {
            table.Add(level, source);
            for (int i = 0; i < _count; i++)
            {
                int index = (_first + i) % Capacity;
                Slot slot = _slots[index];
                ReadOnlySpan<byte> device = _bytes.AsSpan(index * SlotBytes, slot.DeviceBytes);
                if (slot.Table == table && device.SequenceEqual(level))
                {
                    table.TryDeliver(device, PayloadOf(_bytes, index, slot), slot.TimeNs);
                    _slots[index].Table = null;
                }
            }
        }
    }

    /// <summary>Ends <see cref="TryTake"/> for good.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    private Newcomer CopyOut(int index)
    {
        Slot slot = _slots[index];
        _bytes.AsSpan(index * SlotBytes, DeviceLimitBytes + slot.PayloadBytes).CopyTo(_taken);
        return new Newcomer
        {
            Table = slot.Table!,
            Device = _taken.AsSpan(0, slot.DeviceBytes),
            Payload = PayloadOf(_taken, 0, slot),
            TimeNs = slot.TimeNs,
        };
    }

    private static ReadOnlySpan<byte> PayloadOf(byte[] bytes, int index, Slot slot) =>
        bytes.AsSpan((index * SlotBytes) + DeviceLimitBytes, slot.PayloadBytes);
}
