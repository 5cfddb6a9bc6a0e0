// A profile at work: frames in, channels in physical units out, in the order a model asks for.

namespace EdgeLstm.Worker.Framing;

/// <summary>Decodes records by a profile: value = raw · scale + offset, NaN where that is missing or out of range.</summary>
public sealed class ProfileReader
{
    /// <summary>Longest line in bytes where the profile does not say.</summary>
    public const int DefaultLineBytes = 1024;

    /// <summary>Longest binary frame in bytes where the profile does not say.</summary>
    public const int DefaultBinaryFrameBytes = 512;

    /// <param name="profile">A profile without problems.</param>
    /// <param name="channelNames">Channels to read, in this order; each must be one of the profile's.</param>
    public ProfileReader(SensorProfile profile, IReadOnlyList<string> channelNames)
    {
        _ = (profile, channelNames);
        Records = null!;
    }

    /// <summary>The decoder of raw values, for its counters.</summary>
    public RecordDecoder Records { get; }

    /// <summary>Frames that held no readable record.</summary>
    public long Rejected => Records.Rejected;

    /// <summary>Readings outside their channel's range, turned into NaN.</summary>
    public long OutOfRange { get; private set; }

    /// <summary>Reads one record into physical units. Allocates nothing on valid input.</summary>
    /// <param name="payload">One frame without its delimiter.</param>
    /// <param name="channels">Receives the values [channels asked for].</param>
    /// <returns>False when the frame holds no record: noise (counted in <see cref="Rejected"/>), a blank or a header line (not counted).</returns>
    public bool TryReadChannels(ReadOnlySpan<byte> payload, Span<float> channels) => throw new NotImplementedException();

    /// <summary>A new decoder for the frames of this profile.</summary>
    /// <param name="atFrameStart">True when the first byte begins a frame.</param>
    public FrameDecoder CreateFrameDecoder(bool atFrameStart = false) => throw new NotImplementedException();

    /// <summary>Forgets what was learnt from the stream (a header), after the source was lost and came back.</summary>
    public void Restart() => Records.Restart();
}
