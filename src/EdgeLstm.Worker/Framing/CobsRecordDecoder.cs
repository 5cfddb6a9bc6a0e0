// Binary records: COBS(fields, CRC low byte, CRC high byte), each ended by 0x00.
//   COBS: every block is one byte n (1…255) and n − 1 bytes without a zero; a zero follows unless n is 255 or it is the last.
//   CRC:  CRC-16/CCITT-FALSE over the fields: polynomial 0x1021, start 0xFFFF, not reflected; "123456789" gives 0x29B1.

namespace EdgeLstm.Worker.Framing;

/// <summary>Reads channels from COBS records with a checksum.</summary>
/// <remarks>Source: Cheshire and Baker (1999), "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking
/// 7(2).</remarks>
public sealed class CobsRecordDecoder : RecordDecoder
{
    private const int ChecksumBytes = 2;

    private readonly BinaryField[] _fields;   // [channels]
    private readonly int[] _offsets;          // [channels] first byte of the field in the record
    private readonly int _recordBytes;        // all fields of the record, without checksum
    private readonly bool _bigEndian;
    private readonly byte[] _record;

    /// <param name="fields">Name or 0-based index of each channel's field [channels].</param>
    /// <param name="types">Types of all fields of the record, such as "int16".</param>
    /// <param name="columns">Names of all fields; null when channels are read by index.</param>
    /// <param name="bigEndian">Byte order of the fields.</param>
    /// <param name="maxFrameBytes">Longest encoded frame, in bytes.</param>
    /// <exception cref="ArgumentException">A field is not in the record, or a type is unknown: a profile with
    /// problems.</exception>
    public CobsRecordDecoder(
        IReadOnlyList<string> fields, IReadOnlyList<string> types, IReadOnlyList<string>? columns = null, bool bigEndian = false,
        int maxFrameBytes = ProfileReader.DefaultBinaryFrameBytes)
    {
        _fields = new BinaryField[fields.Count];
        _offsets = new int[fields.Count];
        _bigEndian = bigEndian;
        _record = new byte[maxFrameBytes];
        int[] wanted = [.. fields.Select(field => IndexOf(field, columns))];
        for (int i = 0; i < types.Count; i++)
        {
            if (!BinaryField.TryParse(types[i], out BinaryField field))
            {
                throw new ArgumentException($"unknown field type '{types[i]}'", nameof(types));
            }

            for (int channel = 0; channel < wanted.Length; channel++)
            {
                if (wanted[channel] == i)
                {
                    (_fields[channel], _offsets[channel]) = (field, _recordBytes);
                }
            }

            _recordBytes += field.Bytes;
        }

        if (wanted.AsSpan().ContainsAnyExceptInRange(0, types.Count - 1))
        {
            throw new ArgumentException("a channel's field is not in the record", nameof(fields));
        }
    }

    /// <inheritdoc/>
    public override bool TryReadChannels(ReadOnlySpan<byte> payload, Span<float> channels)
    {
        if (payload.Length == 0)
        {
            return false;
        }

        if (!TryUnstuff(payload, _record, out int length))
        {
            Malformed++;
            return false;
        }

        ReadOnlySpan<byte> record = _record.AsSpan(0, length);
        if (length < ChecksumBytes || Crc16(record[..^2]) != (record[^2] | (record[^1] << 8)))
        {
            BadChecksum++;
            return false;
        }

        if (length - ChecksumBytes != _recordBytes)
        {
            BadLength++;
            return false;
        }

        for (int channel = 0; channel < _fields.Length; channel++)
        {
            float value = _fields[channel].Read(record[_offsets[channel]..], _bigEndian);
            channels[channel] = float.IsInfinity(value) ? float.NaN : value;
        }

        return true;
    }

    /// <summary>Removes COBS byte stuffing.</summary>
    /// <param name="encoded">One frame without its 0x00.</param>
    /// <param name="decoded">Receives at most as many bytes as were encoded.</param>
    /// <param name="length">Bytes decoded.</param>
    /// <returns>False when a block is longer than what is left, a zero stands inside, or <paramref name="decoded"/> is too
    /// short.</returns>
    public static bool TryUnstuff(ReadOnlySpan<byte> encoded, Span<byte> decoded, out int length)
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

    /// <summary>CRC-16/CCITT-FALSE of <paramref name="bytes"/>.</summary>
    public static ushort Crc16(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFF;
        foreach (byte value in bytes)
        {
            // The eight steps of a byte at once: x folded onto itself gives the quotient, which is then added at taps 12, 5 and
            // 0.
            uint x = ((crc >> 8) ^ value) & 0xFF;
            x ^= x >> 4;
            crc = ((crc << 8) ^ (x << 12) ^ (x << 5) ^ x) & 0xFFFF;
        }

        return (ushort)crc;
    }

    private static int IndexOf(string field, IReadOnlyList<string>? columns)
    {
        int index = FieldPath.IndexOf(field);
        for (int i = 0; index < 0 && i < columns?.Count; i++)
        {
            index = columns[i] == field ? i : -1;
        }

        return index;
    }
}
