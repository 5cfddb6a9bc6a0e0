// Cuts a stream of bytes into frames at a delimiter: '\n' for lines, 0x00 for COBS, or up to several bytes.

namespace EdgeLstm.Worker.Framing;

/// <summary>Splits received bytes into frames, wherever the reads happened to split them.</summary>
/// <remarks>
/// At most <c>maxFrameBytes</c> are held: a longer frame is dropped to its end and counted in
/// <see cref="FrameDecoder.OverLong"/>. Joining in the middle of a frame is the normal case: everything up to the first delimiter
/// is dropped and counted in <see cref="FrameDecoder.Partial"/>. Empty frames are skipped, and a carriage return before a '\n'
/// belongs to the delimiter.
/// </remarks>
public sealed class DelimitedFrameDecoder : FrameDecoder
{
    private readonly byte[] _delimiter;
    private readonly bool _isLine;
    private readonly int _maxFrameBytes;
    private readonly byte[] _held;   // a frame, a carriage return, and a delimiter but for its last byte
    private readonly int _keep;      // bytes of a dropped frame that are held: where its delimiter may have begun
    private int _heldCount;
    private long _dropped;           // bytes of the dropped frame so far
    private bool _joining;           // dropping up to the next delimiter because the frame's start was not seen
    private bool _dropping;          // dropping up to the next delimiter because the frame is too long

    /// <param name="delimiter">The byte that ends every frame and occurs in none.</param>
    /// <param name="maxFrameBytes">Longest frame accepted, without its delimiter, in bytes.</param>
    /// <param name="atFrameStart">True when the first byte begins a frame.</param>
    public DelimitedFrameDecoder(byte delimiter, int maxFrameBytes, bool atFrameStart = false)
        : this([delimiter], maxFrameBytes, atFrameStart)
    {
    }

    /// <param name="delimiter">The bytes, at least one, that end every frame and occur in none.</param>
    /// <param name="maxFrameBytes">Longest frame accepted, without its delimiter, in bytes.</param>
    /// <param name="atFrameStart">True when the first byte begins a frame.</param>
    public DelimitedFrameDecoder(byte[] delimiter, int maxFrameBytes, bool atFrameStart = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delimiter.Length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameBytes, 1);
        _delimiter = [.. delimiter];
        _isLine = delimiter is [(byte)'\n'];
        _maxFrameBytes = maxFrameBytes;
        _held = new byte[maxFrameBytes + delimiter.Length];
        _keep = Math.Max(1, delimiter.Length - 1);
        _joining = !atFrameStart;
    }

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> payload)
    {
        while (FindDelimiter(received, out int begunBytes, out int at))
        {
            payload = Complete(begunBytes, received[..at]);
            received = received[(at + _delimiter.Length - begunBytes)..];
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
        _dropped = 0;
        _dropping = false;
        _joining = !atFrameStart;
    }

    // The first delimiter: one whose first begunBytes are held already, or one that begins at a byte of received.
    private bool FindDelimiter(ReadOnlySpan<byte> received, out int begunBytes, out int at)
    {
        at = 0;
        ReadOnlySpan<byte> held = _held.AsSpan(0, _heldCount);
        for (begunBytes = Math.Min(_delimiter.Length - 1, _heldCount); begunBytes > 0; begunBytes--)
        {
            if (held.EndsWith(_delimiter.AsSpan(0, begunBytes)) && received.StartsWith(_delimiter.AsSpan(begunBytes)))
            {
                return true;
            }
        }

        at = received.IndexOf(_delimiter);
        return at >= 0;
    }

    // The frame that ends with tail, without the delimiter's bytes that are held; nothing when it is empty or dropped.
    private ReadOnlySpan<byte> Complete(int begunBytes, ReadOnlySpan<byte> tail)
    {
        if (_joining || _dropping)
        {
            Hold(tail);
            EndDropped(begunBytes);
            return default;
        }

        ReadOnlySpan<byte> frame = tail;
        if (_heldCount > 0)
        {
            Hold(tail);
            if (_dropping)
            {
                EndDropped(begunBytes);
                return default;
            }

            frame = _held.AsSpan(0, _heldCount - begunBytes);
            _heldCount = 0;
        }

        frame = _isLine && frame.Length > 0 && frame[^1] == '\r' ? frame[..^1] : frame;
        if (frame.Length > _maxFrameBytes)
        {
            OverLong++;
            return default;
        }

        return frame;
    }

    private void EndDropped(int begunBytes)
    {
        bool endsInReturn = _isLine && _heldCount > 0 && _held[_heldCount - 1] == '\r';
        Partial += _joining && _dropped > begunBytes + (endsInReturn ? 1 : 0) ? 1 : 0;   // too long: counted when it began
        _heldCount = 0;
        _dropped = 0;
        _dropping = false;
        _joining = false;
    }

    // Keeps the beginning of a frame until its end arrives, or the end of one that is dropped.
    private void Hold(ReadOnlySpan<byte> part)
    {
        if (!_joining && !_dropping && part.Length > _held.Length - _heldCount)
        {
            _dropping = true;
            OverLong++;
        }

        if (_joining || _dropping)
        {
            _dropped += part.Length;
            KeepEnd(part);
            return;
        }

        part.CopyTo(_held.AsSpan(_heldCount));
        _heldCount += part.Length;
    }

    private void KeepEnd(ReadOnlySpan<byte> part)
    {
        ReadOnlySpan<byte> end = part.Length > _keep ? part[^_keep..] : part;
        int kept = Math.Min(_heldCount, _keep - end.Length);
        _held.AsSpan(_heldCount - kept, kept).CopyTo(_held);
        end.CopyTo(_held.AsSpan(kept));
        _heldCount = kept + end.Length;
    }
}
