// The devices of one topic with {device}: those with a stream, those refused, and a queue of messages for each stream.

using System.Text;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Finds a device's queue by the text of its level. The I/O thread looks, the thread of new devices adds.</summary>
/// <remarks>
/// The entries are an array that is replaced, never changed: looking takes no lock. At most <c>source.maxDevices</c> devices have
/// a stream and at most 64 are remembered as refused; messages of further ones are looked at each time and dropped.
/// </remarks>
internal sealed class DeviceTable
{
    /// <summary>Refused devices remembered, so that each is named once.</summary>
    public const int RefusedLimit = 64;

    private readonly Newcomers _newcomers;
    private readonly int _longestMessage;
    private volatile Entry[] _entries = [];
    private volatile string? _problem;
    private long _dropped;
    private long _unreadable;

    /// <param name="stream">The stream with {device} in its topic.</param>
    /// <param name="newcomers">Takes the messages of devices that are in no entry.</param>
    public DeviceTable(StreamPlan stream, Newcomers newcomers)
    {
        Stream = stream;
        _newcomers = newcomers;
        _longestMessage = TopicQueue.LongestMessage(stream.Profile);
    }

    private sealed record Entry(byte[] Level, QueuedSource? Source);

    /// <summary>The stream that each device gets one of.</summary>
    public StreamPlan Stream { get; }

    /// <summary>Devices with a stream.</summary>
    public int Devices => Count(refused: false);

    /// <summary>Devices without one, as far as they are remembered.</summary>
    public int Refused => Count(refused: true);

    /// <summary>Their names.</summary>
    public IEnumerable<string> RefusedNames =>
        _entries.Where(entry => entry.Source is null).Select(entry => Encoding.UTF8.GetString(entry.Level));

    /// <summary>Messages dropped: of refused devices, too long, or more new devices at once than are waited for.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Messages of unknown devices in which the profile finds no reading: another kind of device, or broken.</summary>
    public long Unreadable => Interlocked.Read(ref _unreadable);

    /// <summary>Why no message can come; null while all is well.</summary>
    public string? Problem => _problem;

    /// <summary>Takes a message on the I/O thread. Nothing is allocated.</summary>
    public void Take(ReadOnlySpan<byte> device, ReadOnlySpan<byte> payload, long timeNs)
    {
        _problem = null;
        if (!TryDeliver(device, payload, timeNs))
        {
            _newcomers.Put(this, device, payload, timeNs);
        }
    }

    /// <summary>Hands a message to a known device; false when the device is new.</summary>
    public bool TryDeliver(ReadOnlySpan<byte> device, ReadOnlySpan<byte> payload, long timeNs)
    {
        foreach (Entry entry in _entries)
        {
            if (device.SequenceEqual(entry.Level))
            {
                if (entry.Source is { } source)
                {
                    source.Offer(payload, timeNs);
                }
                else
                {
                    CountDropped();
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>Tells all devices' streams why no message comes.</summary>
    public void Lose(string problem)
    {
        _problem = problem;
        foreach (Entry entry in _entries)
        {
            entry.Source?.Lose(problem);
        }
    }

    /// <summary>A queue for a new device; messages go there once it is <see cref="Add">added</see>.</summary>
    public QueuedSource CreateSource(string device) =>
        TopicQueue.Create(Stream.Settings.Source.Topic!.Replace(TopicFilter.DevicePlace, device), _longestMessage);

    /// <summary>Adds a device; null refuses it. Called by one thread.</summary>
    public void Add(byte[] level, QueuedSource? source) => _entries = [.. _entries, new Entry(level, source)];

    /// <summary>Takes a device's stream away again: it could not be built.</summary>
    public void Refuse(byte[] level) =>
        _entries = Array.ConvertAll(_entries, entry => entry.Level == level ? entry with { Source = null } : entry);

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    public void CountUnreadable() => Interlocked.Increment(ref _unreadable);

    private int Count(bool refused)
    {
        int count = 0;
        foreach (Entry entry in _entries)
        {
            count += entry.Source is null == refused ? 1 : 0;
        }

        return count;
    }
}
