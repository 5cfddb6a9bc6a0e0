// The traffic of a Modbus RTU line on which some master asks already: slave, function, …, CRC-16 (0x8005 reflected, from 0xFFFF).

using System.Buffers.Binary;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Scores requests and answers by their checksum. Source: MODBUS Application Protocol 1.1b3, Serial Line
/// 1.02.</summary>
internal sealed class ModbusGuess
{
    private const int RequestBytes = 8;
    private const int ExceptionBytes = 5;
    private const int AnswerHead = 3;
    private const int CrcBytes = 2;
    private const int BlockLimit = 16;
    private const int MostRegisters = 125;
    private const int LeastFrames = 2;

    private static readonly Checksum Crc = Checksum.From(new ChecksumProfile("crc-16", new(0x8005), new(0xFFFF), true));

    private readonly RecordTally _tally;
    private readonly List<ModbusBlock> _blocks = [];
    private int _requests;
    private int _firstBlockEnd;
    private int _lastBlockEnd;
    private int _firstBlockCount;

    private ModbusGuess(byte[] bytes)
    {
        _tally = new RecordTally(bytes.Length);
        int at = 0;
        while (at < bytes.Length)
        {
            ReadOnlySpan<byte> rest = bytes.AsSpan(at);
            int length = FrameBytes(rest);
            if (length > 0)
            {
                _tally.Add(length, at + length);
                TakeRequest(rest[..length], at + length);
            }

            at += Math.Max(1, length);
        }
    }

    /// <summary>The guess; null where no frames stand.</summary>
    public static FramingGuess? Of(byte[] bytes)
    {
        ModbusGuess traffic = new(bytes);
        return traffic._tally.Records < LeastFrames ? null : traffic.Score();
    }

    // Bytes of the frame that begins here; 0 where none does.
    private static int FrameBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < ExceptionBytes || bytes[0] > 247)
        {
            return 0;
        }

        int function = bytes[1];
        int answer = function is >= 1 and <= 4 ? AnswerHead + bytes[2] + CrcBytes : 0;
        int request = function is (>= 1 and <= 6) or 15 or 16 ? RequestBytes : 0;
        int exception = function is >= 0x81 and <= 0x90 ? ExceptionBytes : 0;
        return Holds(bytes, request) ? request : Holds(bytes, answer) ? answer : Holds(bytes, exception) ? exception : 0;
    }

    private static bool Holds(ReadOnlySpan<byte> bytes, int length) =>
        length > 0 && length <= bytes.Length && Crc.Matches(bytes[..(length - CrcBytes)], bytes[(length - CrcBytes)..length]);

    private void TakeRequest(ReadOnlySpan<byte> frame, int end)
    {
        int count = frame.Length == RequestBytes ? BinaryPrimitives.ReadUInt16BigEndian(frame[4..]) : 0;
        if (frame[1] is not (3 or 4) || count is 0 or > MostRegisters)
        {
            return;
        }

        _requests++;
        ModbusBlock block = new(BinaryPrimitives.ReadUInt16BigEndian(frame[2..]), count, frame[1], frame[0]);
        if (!_blocks.Contains(block) && _blocks.Count < BlockLimit)
        {
            _blocks.Add(block);
        }

        // One round of requests is one record: the first block's requests tell how often.
        if (block == _blocks[0])
        {
            _firstBlockEnd = _firstBlockCount == 0 ? end : _firstBlockEnd;
            _lastBlockEnd = end;
            _firstBlockCount++;
        }
    }

    private FramingGuess Score()
    {
        string evidence = $"{_tally.Records} Modbus RTU frames have a right checksum, {_requests} of them requests for "
            + "registers: another master asks on this line, and two disturb each other";
        FramingGuess guess = FramingGuess.From("modbus", _tally, 1, evidence);
        if (_blocks.Count == 0)
        {
            return guess;
        }

        ChannelNames channels = new();
        List<FieldProfile> fields = [];
        foreach (ModbusBlock block in _blocks)
        {
            for (int register = block.Start; register < block.Start + block.Count; register++)
            {
                channels.Add($"slave{block.Slave}_register{register}", $"{fields.Count}");
                fields.Add(new FieldProfile("uint16"));
            }
        }

        return guess with
        {
            Records = _firstBlockCount,
            FirstEnd = _firstBlockEnd,
            LastEnd = _lastBlockEnd,
            Framing = new FramingProfile("binary", Fields: fields, ByteOrder: "big"),
            Modbus = new ModbusProfile(_blocks),
            Channels = channels.Channels,
        };
    }
}
