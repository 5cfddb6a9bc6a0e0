// Cuts a stream of bytes into frames at a delimiter byte: '\n' for lines, 0x00 for COBS.

namespace EdgeLstm.Worker.Framing;

/// <summary>Splits received bytes into frames, wherever the reads happened to split them.</summary>
/// <remarks>
/// At most <c>maxFrameBytes</c> are held: a longer frame is dropped to its end and counted in
/// <see cref="FrameDecoder.OverLong"/>. Joining in the middle of a frame is the normal case: everything up to the first delimiter
/// is dropped and counted in <see cref="FrameDecoder.Partial"/>. Empty frames are skipped, and a carriage return before a '\n' belongs to the delimiter.
/// </remarks>
public sealed class DelimitedFrameDecoder : FrameDecoder
{
    private readonly byte _delimiter;
    private readonly byte[] _held;
    private int _heldCount;
    private bool _joining;       // dropping up to the next delimiter because the frame's start was not seen
    private bool _dropping;      // dropping up to the next delimiter because the frame is too long

    /// <param name="delimiter">The byte that ends every frame and occurs in none.</param>
    /// <param name="maxFrameBytes">Longest frame accepted, without its delimiter, in bytes.</param>
    /// <param name="atFrameStart">True when the first byte begins a frame.</param>
    public DelimitedFrameDecoder(byte delimiter, int maxFrameBytes, bool atFrameStart = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameBytes, 1);
        _delimiter = delimiter;
        _held = new byte[maxFrameBytes + 1];   // one more for the carriage return, which is not part of the frame
        _joining = !atFrameStart;
    }

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> payload)
    {
        int length;
        while ((length = received.IndexOf(_delimiter)) >= 0)
        {
            ReadOnlySpan<byte> tail = received[..length];
            received = received[(length + 1)..];
            payload = Complete(tail);
            if (payload.Length > 0)
            {
                Frames++;
                return true;
            }
        }

        Hold(received);
        received = default;
        payload = default;
        return false;
    }

    /// <inheritdoc/>
    public override void Restart(bool atFrameStart)
    {
        Partial += !_dropping && _heldCount > 0 ? 1 : 0;
        _heldCount = 0;
        _dropping = false;
        _joining = !atFrameStart;
    }

    // The frame that ends with tail, or nothing when it is empty or dropped.
    private ReadOnlySpan<byte> Complete(ReadOnlySpan<byte> tail)
    {
        ReadOnlySpan<byte> frame = tail;
        if (_heldCount > 0)
        {
            Hold(tail);
            frame = _held.AsSpan(0, _heldCount);
        }

        bool dropping = _dropping;
        bool joining = _joining;
        _heldCount = 0;
        _dropping = false;
        _joining = false;
        if (_delimiter == '\n' && frame.Length > 0 && frame[^1] == '\r')
        {
            frame = frame[..^1];
        }

        if (joining)
        {
            Partial += frame.Length > 0 ? 1 : 0;
            return default;
        }

        if (dropping || frame.Length >= _held.Length)
        {
            OverLong += dropping ? 0 : 1;   // counted when the dropping began
            return default;
        }

        return frame;
    }

    // Keeps the beginning of a frame until its end arrives; while joining one byte stands for all that is dropped.
    private void Hold(ReadOnlySpan<byte> part)
    {
        if (part.Length == 0 || _dropping)
        {
            return;
        }

        if (_joining)
        {
            _held[0] = part[0];
            _heldCount = 1;
            return;
        }

        if (part.Length > _held.Length - _heldCount)
        {
            _dropping = true;
            OverLong++;
            _heldCount = 1;
            return;
        }

        part.CopyTo(_held.AsSpan(_heldCount));
        _heldCount += part.Length;
    }
}
