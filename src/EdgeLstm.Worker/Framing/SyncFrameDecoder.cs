// Finds binary records in a stream by the bytes they start with, their length and their checksum.
//   start bytes, fields, checksum, end bytes                  fixed
//   start bytes, length, fields, checksum, end bytes          length-prefixed

using System.Buffers.Binary;
using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Framing;

/// <summary>Splits received bytes into records of fixed or announced length, wherever the reads happened to split them.</summary>
/// <remarks>
/// A frame that proves wrong gives up its first byte only, and the search goes on behind it: a start pattern inside the data, or
/// a lost byte, costs no record but the damaged one. A wrong frame is counted once, whatever is tried inside it. Bytes that
/// belong to no frame are counted in <see cref="FrameDecoder.Partial"/>, once for each longest frame's length of them. Holds two
/// of the longest frames, at least 512 bytes. Without a checksum and end bytes, whatever follows the start bytes passes.
/// </remarks>
public sealed class SyncFrameDecoder : FrameDecoder
{
    private const int SmallestBuffer = 512;

    private enum Verdict
    {
        Whole,
        Unfinished,
        Foreign,
        TooLong,
        Broken,
        WrongChecksum,
    }

    private readonly byte[] _start;
    private readonly byte[] _end;
    private readonly LengthProfile? _length;
    private readonly int _lengthBytes;
    private readonly int _recordBytes;        // where the frame does not say
    private readonly int _maxFrameBytes;
    private readonly Checksum? _checksum;
    private readonly bool _sumsStart;
    private readonly RecordDecoder _records;  // counts what is rejected
    private readonly byte[] _held;
    private int _heldFrom;
    private int _heldTo;
    private int _rejectedLeft;                // bytes ahead that belong to a rejected frame, which has been counted
    private int _foreignLeft;                 // bytes ahead that the last count of foreign bytes stands for

    /// <param name="framing">A framing of kind fixed or length-prefixed without problems.</param>
    /// <param name="records">Counts the frames whose checksum or end is wrong, so that all that is rejected stands in one
    /// place.</param>
    public SyncFrameDecoder(FramingProfile framing, RecordDecoder records)
    {
        _start = Bytes(framing.Start);
        _end = Bytes(framing.Delimiter);
        _checksum = framing.Checksum is { } profile ? Checksum.From(profile) : null;
        _sumsStart = framing.Checksum is { FromStart: true };
        _length = framing.Kind == "length-prefixed" ? framing.Length : null;
        _lengthBytes = _length is null ? 0 : BinaryField.WidthOf(_length.Type);
        _recordBytes = BinaryField.RecordBytes(framing);
        _records = records;
        _maxFrameBytes = _length is null
            ? FrameBytes(_recordBytes)
            : Math.Max(framing.MaxFrameBytes ?? ProfileReader.DefaultBinaryFrameBytes, FrameBytes(0));
        _held = new byte[Math.Max(2 * _maxFrameBytes, SmallestBuffer)];
    }

    private int HeadBytes => _start.Length + _lengthBytes;

    private ReadOnlySpan<byte> Held => _held.AsSpan(_heldFrom, _heldTo - _heldFrom);

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> payload)
    {
        while (true)
        {
            Verdict verdict = Examine(out int recordBytes);
            if (verdict == Verdict.Unfinished)
            {
                if (received.IsEmpty)
                {
                    payload = default;
                    return false;
                }

                Hold(ref received);
            }
            else if (verdict == Verdict.Whole)
            {
                payload = Held.Slice(HeadBytes, recordBytes);
                _heldFrom += FrameBytes(recordBytes);
                (_rejectedLeft, _foreignLeft) = (0, 0);
                if (recordBytes > 0)
                {
                    Frames++;
                    return true;
                }
            }
            else
            {
                Reject(verdict, recordBytes);
            }
        }
    }

    /// <inheritdoc/>
    public override void Restart(bool atFrameStart)
    {
        Partial += _heldFrom < _heldTo ? 1 : 0;
        (_heldFrom, _heldTo, _rejectedLeft, _foreignLeft) = (0, 0, 0, 0);
    }

    private static byte[] Bytes(IReadOnlyList<HexNumber>? numbers) => (numbers ?? []).ToArray(number => (byte)number.Value);

    private int FrameBytes(int recordBytes) => HeadBytes + recordBytes + (_checksum?.Bytes ?? 0) + _end.Length;

    // What the held bytes begin with; the tests run from the cheapest to the dearest.
    private Verdict Examine(out int recordBytes)
    {
        recordBytes = _recordBytes;
        ReadOnlySpan<byte> held = Held;
        int startSeen = Math.Min(held.Length, _start.Length);
        if (!held[..startSeen].SequenceEqual(_start.AsSpan(0, startSeen)))
        {
            return Verdict.Foreign;
        }

        if (held.Length < HeadBytes || held.IsEmpty)
        {
            return Verdict.Unfinished;
        }

        if (_length is not null && !TryReadLength(held[_start.Length..], out recordBytes))
        {
            return Verdict.TooLong;
        }

        int frameBytes = FrameBytes(recordBytes);
        if (held.Length < frameBytes)
        {
            return Verdict.Unfinished;
        }

        ReadOnlySpan<byte> frame = held[..frameBytes];
        if (!frame.EndsWith(_end))
        {
            return Verdict.Broken;
        }

        int summed = HeadBytes + recordBytes;
        bool matches = _checksum is null || _checksum.Matches(
            frame[(_sumsStart ? 0 : HeadBytes)..summed], frame.Slice(summed, _checksum.Bytes));
        return matches ? Verdict.Whole : Verdict.WrongChecksum;
    }

    // False when the record would be longer than the limit, or shorter than nothing.
    private bool TryReadLength(ReadOnlySpan<byte> at, out int recordBytes)
    {
        bool big = _length!.ByteOrder == "big";
        long said = _lengthBytes switch
        {
            1 => at[0],
            2 => big ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at),
            _ => big ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at),
        };
        long bytes = said - _length.Beyond;
        bool fits = bytes >= 0 && bytes <= _maxFrameBytes - FrameBytes(0);
        recordBytes = fits ? (int)bytes : 0;
        return fits;
    }

    // Counts what is wrong, unless it lies in bytes already counted, and goes on to where the next frame may start.
    private void Reject(Verdict verdict, int recordBytes)
    {
        int next = _start.Length == 0 ? 1 : 1 + Held[1..].IndexOf(_start[0]);
        int skipped = next == 0 ? Held.Length : next;
        if (verdict == Verdict.Foreign)
        {
            if (skipped > Math.Max(_rejectedLeft, _foreignLeft))
            {
                Partial++;
                _foreignLeft = Math.Max(skipped, _maxFrameBytes);
            }
        }
        else if (_rejectedLeft == 0)
        {
            Count(verdict);
            _rejectedLeft = verdict == Verdict.TooLong ? HeadBytes : FrameBytes(recordBytes);
            _foreignLeft = Math.Max(_rejectedLeft, _maxFrameBytes);   // what is left of it belongs to no other loss
        }

        _heldFrom += skipped;
        _rejectedLeft = Math.Max(0, _rejectedLeft - skipped);
        _foreignLeft = Math.Max(0, _foreignLeft - skipped);
    }

    private void Count(Verdict verdict)
    {
        switch (verdict)
        {
            case Verdict.TooLong:
                OverLong++;
                break;
            case Verdict.Broken:
                _records.CountMalformed();
                break;
            default:
                _records.CountBadChecksum();
                break;
        }
    }

    // A frame that is not finished is no longer than the limit, so that moving it to the front makes room.
    private void Hold(ref ReadOnlySpan<byte> received)
    {
        if (_heldFrom == _heldTo)
        {
            (_heldFrom, _heldTo) = (0, 0);
        }
        else if (_heldTo == _held.Length)
        {
            Held.CopyTo(_held);
            (_heldFrom, _heldTo) = (0, _heldTo - _heldFrom);
        }

        int count = Math.Min(received.Length, _held.Length - _heldTo);
        received[..count].CopyTo(_held.AsSpan(_heldTo));
        _heldTo += count;
        received = received[count..];
    }
}
