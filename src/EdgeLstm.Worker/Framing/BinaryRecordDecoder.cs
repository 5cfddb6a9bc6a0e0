// Binary records of every framing and transport: unstuffed where the framing stuffs, checked, then read field by field.
//   cobs, cobs-crc16, slip, hdlc: stuffing(fields, checksum)        delimited, binary: fields, checksum
//   fixed, length-prefixed: fields; the frame decoder has tested the checksum, since it finds its place by it

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Framing;

/// <summary>Reads channels from binary records.</summary>
/// <remarks>
/// A record shorter than its fields need is rejected. A longer one is too, unless its length is its own affair: that of a whole
/// message, of a length-prefixed record, and of one of whose fields any says its place with <see cref="FieldProfile.At"/>.
/// </remarks>
public sealed class BinaryRecordDecoder : RecordDecoder
{
    private readonly string _kind;
    private readonly BinaryField[] _fields;   // [channels]
    private readonly int _recordBytes;        // what all fields of the record need, without checksum
    private readonly bool _mayBeLonger;
    private readonly Checksum? _checksum;     // null where there is none, and where the frame decoder tests it
    private readonly byte[] _record;          // the frame without its stuffing; empty where there is none

    /// <param name="fields">Name or 0-based index of each channel's field [channels].</param>
    /// <param name="framing">A binary framing without problems.</param>
    /// <exception cref="ArgumentException">A field is not in the record, or a type is unknown: a profile with
    /// problems.</exception>
    public BinaryRecordDecoder(IReadOnlyList<string> fields, FramingProfile framing)
    {
        BinaryField[] all = BinaryField.LayOut(framing);
        int[] wanted = fields.ToArray(field => IndexOf(field, framing.Fields ?? []));
        if (wanted.AsSpan().ContainsAnyExceptInRange(0, all.Length - 1))
        {
            throw new ArgumentException("a channel's field is not in the record", nameof(fields));
        }

        _kind = framing.Kind;
        _fields = Array.ConvertAll(wanted, index => all[index]);
        _recordBytes = BinaryField.RecordBytes(framing);
        _mayBeLonger = _kind is "binary" or "length-prefixed" || framing.Fields!.Any(field => field.At is not null);
        _checksum = ChecksumOf(framing);
        _record = IsStuffed(_kind) ? new byte[framing.MaxFrameBytes ?? ProfileReader.DefaultBinaryFrameBytes] : [];
    }

    /// <inheritdoc/>
    public override bool TryReadChannels(ReadOnlySpan<byte> payload, Span<double> channels)
    {
        ReadOnlySpan<byte> record = payload;
        if (payload.Length == 0)
        {
            return false;
        }

        if (!TryUnstuff(ref record))
        {
            Malformed++;
            return false;
        }

        if (!TryCheck(ref record))
        {
            BadChecksum++;
            return false;
        }

        if (record.Length < _recordBytes || (record.Length > _recordBytes && !_mayBeLonger))
        {
            BadLength++;
            return false;
        }

        for (int channel = 0; channel < _fields.Length; channel++)
        {
            channels[channel] = _fields[channel].Read(record);
        }

        return true;
    }

    private static bool IsStuffed(string kind) => kind is "cobs" or "cobs-crc16" or "slip" or "hdlc";

    private static Checksum? ChecksumOf(FramingProfile framing) => framing.Kind switch
    {
        "cobs-crc16" => Checksum.CcittFalse,
        "fixed" or "length-prefixed" => null,
        _ => framing.Checksum is { } profile ? Checksum.From(profile) : null,
    };

    private static int IndexOf(string field, IReadOnlyList<FieldProfile> known)
    {
        int index = FieldPath.IndexOf(field);
        for (int i = 0; index < 0 && i < known.Count; i++)
        {
            index = known[i].Name == field ? i : -1;
        }

        return index;
    }

    private bool TryUnstuff(ref ReadOnlySpan<byte> record)
    {
        int length;
        bool unstuffed;
        switch (_kind)
        {
            case "cobs" or "cobs-crc16":
                unstuffed = ByteStuffing.TryRemoveCobs(record, _record, out length);
                break;
            case "slip":
                unstuffed = ByteStuffing.TryRemoveSlip(record, _record, out length);
                break;
            case "hdlc":
                unstuffed = ByteStuffing.TryRemoveHdlc(record, _record, out length);
                break;
            default:
                return true;
        }

        record = _record.AsSpan(0, length);
        return unstuffed;
    }

    // Tests the checksum and cuts it off.
    private bool TryCheck(ref ReadOnlySpan<byte> record)
    {
        if (_checksum is null)
        {
            return true;
        }

        int length = record.Length - _checksum.Bytes;
        if (length < 0 || !_checksum.Matches(record[..length], record[length..]))
        {
            return false;
        }

        record = record[..length];
        return true;
    }
}
