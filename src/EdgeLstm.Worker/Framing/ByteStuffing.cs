// Byte stuffing: how a sender keeps the byte that ends a frame out of the frame.
//   cobs  every block is one byte n (1…255) and n − 1 bytes without a zero; a zero follows unless n is 255 or it is the last
//   slip  0xDB 0xDC stands for 0xC0, 0xDB 0xDD for 0xDB; 0xC0 ends a frame
//   hdlc  0x7D b stands for b ^ 0x20; 0x7E ends a frame, 0x7D 0x7E breaks it off

namespace EdgeLstm.Worker.Framing;

/// <summary>Takes byte stuffing out of frames. Never throws, allocates nothing.</summary>
/// <remarks>Sources: Cheshire and Baker (1999), "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2);
/// RFC 1055 (SLIP); RFC 1662, 4.2 (HDLC-like octet stuffing).</remarks>
internal static class ByteStuffing
{
    /// <summary>The byte that ends SLIP frames.</summary>
    public const byte SlipEnd = 0xC0;

    /// <summary>The byte that ends HDLC frames.</summary>
    public const byte HdlcFlag = 0x7E;

    private const byte SlipEscape = 0xDB;
    private const byte SlipEscapedEnd = 0xDC;
    private const byte SlipEscapedEscape = 0xDD;
    private const byte HdlcEscape = 0x7D;
    private const byte HdlcXor = 0x20;

    /// <summary>Removes COBS byte stuffing.</summary>
    /// <param name="encoded">One frame without its 0x00.</param>
    /// <param name="decoded">Receives at most as many bytes as were encoded.</param>
    /// <param name="length">Bytes decoded.</param>
    /// <returns>False when a block is longer than what is left, a zero stands inside, or <paramref name="decoded"/> is too
    /// short.</returns>
    public static bool TryRemoveCobs(ReadOnlySpan<byte> encoded, Span<byte> decoded, out int length)
    {
        length = 0;
        while (encoded.Length > 0)
        {
            int block = encoded[0];
            if (block == 0 || block > encoded.Length || block > decoded.Length - length || encoded[1..block].Contains((byte)0))
            {
                return false;
            }

            encoded[1..block].CopyTo(decoded[length..]);
            length += block - 1;
            encoded = encoded[block..];
            if (block < 255 && encoded.Length > 0)
            {
                decoded[length++] = 0;
            }
        }

        return true;
    }

    /// <summary>Removes SLIP escapes.</summary>
    /// <param name="encoded">One frame without its 0xC0.</param>
    /// <param name="decoded">Receives at most as many bytes as were encoded.</param>
    /// <param name="length">Bytes decoded.</param>
    /// <returns>False when 0xDB is followed by neither 0xDC nor 0xDD, or <paramref name="decoded"/> is too short.</returns>
    public static bool TryRemoveSlip(ReadOnlySpan<byte> encoded, Span<byte> decoded, out int length)
    {
        length = 0;
        while (CopyUpTo(SlipEscape, ref encoded, decoded, ref length))
        {
            byte escaped = encoded.Length > 0 ? encoded[0] : (byte)0;
            if (escaped is not (SlipEscapedEnd or SlipEscapedEscape) || length == decoded.Length)
            {
                return false;
            }

            decoded[length++] = escaped == SlipEscapedEnd ? SlipEnd : SlipEscape;
            encoded = encoded[1..];
        }

        return encoded.IsEmpty;
    }

    /// <summary>Removes HDLC-like escapes.</summary>
    /// <param name="encoded">One frame without its 0x7E.</param>
    /// <param name="decoded">Receives at most as many bytes as were encoded.</param>
    /// <param name="length">Bytes decoded.</param>
    /// <returns>False when the sender broke the frame off (0x7D at its end), or <paramref name="decoded"/> is too
    /// short.</returns>
    public static bool TryRemoveHdlc(ReadOnlySpan<byte> encoded, Span<byte> decoded, out int length)
    {
        length = 0;
        while (CopyUpTo(HdlcEscape, ref encoded, decoded, ref length))
        {
            if (encoded.IsEmpty || length == decoded.Length)
            {
                return false;
            }

            decoded[length++] = (byte)(encoded[0] ^ HdlcXor);
            encoded = encoded[1..];
        }

        return encoded.IsEmpty;
    }

    // Copies up to the next escape and cuts that off too; false when none is left, or no room: then bytes are left over.
    private static bool CopyUpTo(byte escape, ref ReadOnlySpan<byte> encoded, Span<byte> decoded, ref int length)
    {
        int plain = encoded.IndexOf(escape);
        ReadOnlySpan<byte> run = plain < 0 ? encoded : encoded[..plain];
        if (run.Length > decoded.Length - length)
        {
            return false;
        }

        run.CopyTo(decoded[length..]);
        length += run.Length;
        encoded = plain < 0 ? default : encoded[(plain + 1)..];
        return plain >= 0;
    }
}
