// Reads a rig's source as a stream's pipeline does: frames, then channels.

using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Supported;

/// <summary>The way from a source to channel values.</summary>
internal sealed class RigReader
{
    private const int WaitMs = 100;
    private const int SilentReads = 3;

    private readonly ByteSource _source;
    private readonly ProfileReader _profile;
    private readonly FrameDecoder _frames;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly float[] _channels;
    private byte[] _received = [];
    private long _faultsSeen;
    private bool _faultSeen;
    private int _silent;

    public RigReader(SensorProfile profile, ByteSource source)
    {
        _source = source;
        Channels = [.. profile.Channels.Select(channel => channel.Name)];
        _profile = new ProfileReader(profile, Channels);
        _frames = _profile.CreateFrameDecoder(source.StartsAtFrameStart);
        _channels = new float[Channels.Count];
    }

    public IReadOnlyList<string> Channels { get; }

    public string? Problem => _source.Problem;

    /// <summary>Forgets what went wrong so far.</summary>
    public void Mark()
    {
        _faultsSeen = FaultCount();
        _faultSeen = false;
        _silent = 0;
    }

    /// <summary>True once a fault since <see cref="Mark"/> shows in what a person could see: lost, rejected, out of range, cut
    /// off, or silence.</summary>
    public bool FaultShows => _faultSeen || _silent >= SilentReads || FaultCount() > _faultsSeen;

    /// <summary>The next record's channels; null where there is none within 0.1 s.</summary>
    public float[]? Read()
    {
        ReadOnlySpan<byte> received = _received;
        if (received.IsEmpty)
        {
            SourceRead found = _source.Read(_buffer, WaitMs, out int count, out _);
            _silent = found == SourceRead.Data ? 0 : _silent + 1;
            _faultSeen |= found == SourceRead.Lost;
            if (found == SourceRead.Back)
            {
                _frames.Restart(atFrameStart: false);
                _profile.Restart();
            }

            received = _buffer.AsSpan(0, count);
        }

        bool read = _frames.TryRead(ref received, out ReadOnlySpan<byte> payload) && _profile.TryReadChannels(payload, _channels);
        _received = received.ToArray();
        return read ? [.. _channels] : null;
    }

    private long FaultCount() =>
        _profile.Rejected + _profile.OutOfRange + _frames.Partial + _frames.OverLong + (_source.Problem is null ? 0 : 1)
            + _source.Rejected;
}
