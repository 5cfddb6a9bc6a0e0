// Cuts what a source gives into frames, each of which holds one record.

namespace EdgeLstm.Worker.Framing;

/// <summary>Splits received bytes into frames, wherever the reads happened to split them. Never throws on input, allocates
/// nothing, holds a bounded part of a frame.</summary>
public abstract class FrameDecoder
{
    /// <summary>Frames handed out.</summary>
    public long Frames { get; protected set; }

    /// <summary>Frames dropped because they were longer than the limit.</summary>
    public long OverLong { get; protected set; }

    /// <summary>Frames dropped because the stream was joined, or broke off, in their middle: bytes that belong to no whole
    /// frame.</summary>
    public long Partial { get; protected set; }

    /// <summary>Takes the next frame; call until it returns false, which it does when <paramref name="received"/> is used
    /// up.</summary>
    /// <param name="received">Bytes just read; what has been consumed is cut off its front.</param>
    /// <param name="payload">The frame without what delimits it, valid until the next call.</param>
    public abstract bool TryRead(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> payload);

    /// <summary>Forgets a half-received frame, after the source was lost and came back.</summary>
    /// <param name="atFrameStart">True when the next byte begins a frame.</param>
    public abstract void Restart(bool atFrameStart);
}
