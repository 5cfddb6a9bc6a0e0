// A request of Modbus RTU and the answer to it, as bytes:
//   request   slave, function, start high, start low, count high, count low, CRC low, CRC high
//   answer    slave, function, 2·count, registers (high byte first), CRC low, CRC high
//   refusal   slave, function | 0x80, exception code, CRC low, CRC high

using System.Buffers.Binary;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Asks for adjacent registers of one slave.</summary>
/// <remarks>Source: MODBUS Application Protocol Specification V1.1b3, 6.3, 6.4 and 7; MODBUS over Serial Line V1.02, 2.5.1 and
/// 6.2.2 (CRC).</remarks>
/// <param name="Slave">Address, 1 to 247.</param>
/// <param name="Function">3 reads holding registers, 4 input registers.</param>
/// <param name="Start">First register, from 0.</param>
/// <param name="Count">Registers, 1 to 125.</param>
internal readonly record struct ModbusRequest(byte Slave, byte Function, ushort Start, ushort Count)
{
    /// <summary>Bytes of a request.</summary>
    public const int Bytes = 8;

    /// <summary>Bytes of the longest frame that a slave may send.</summary>
    public const int LongestFrameBytes = 256;

    private const int RefusalBytes = 5;
    private const int HeaderBytes = 3;
    private const int CrcBytes = 2;
    private const byte RefusedBit = 0x80;

    /// <summary>CRC-16/MODBUS: polynomial 0x8005, lowest bit first, start 0xFFFF; sent low byte first.</summary>
    public static Checksum Crc { get; } =
        Checksum.From(new ChecksumProfile("crc-16", new HexNumber(0x8005), new HexNumber(0xFFFF), Reflected: true));

    /// <summary>Bytes of the registers asked for.</summary>
    public int RegisterBytes => 2 * Count;

    /// <summary>Bytes of the answer.</summary>
    public int AnswerBytes => HeaderBytes + RegisterBytes + CrcBytes;

    /// <summary>Writes the request.</summary>
    /// <param name="frame">Receives <see cref="Bytes"/> bytes.</param>
    public void Write(Span<byte> frame)
    {
        frame[0] = Slave;
        frame[1] = Function;
        BinaryPrimitives.WriteUInt16BigEndian(frame[2..], Start);
        BinaryPrimitives.WriteUInt16BigEndian(frame[4..], Count);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[6..], (ushort)Crc.Of(frame[..6]));
    }

    /// <summary>Looks for the answer in all that was received since the request was sent.</summary>
    /// <remarks>
    /// What comes before the answer does no harm: the request itself from an adapter that hears what it says, a stray byte of a
    /// transceiver that turns, the end of an older answer. Address, function, length and CRC must all be right, 40 bits.
    /// </remarks>
    /// <param name="received">Bytes in the order they came.</param>
    /// <param name="echo">The request as it was written.</param>
    /// <param name="registers">Where the registers are, for <see cref="ModbusResult.Registers"/>.</param>
    /// <param name="code">The exception code, for <see cref="ModbusResult.Refused"/>.</param>
    /// <returns>Registers or Refused when the answer is complete, else what there is instead of it so far.</returns>
    public ModbusResult Find(ReadOnlySpan<byte> received, ReadOnlySpan<byte> echo, out Range registers, out byte code)
    {
        registers = default;
        code = 0;
        ModbusResult found = ModbusResult.NoAnswer;
        int at = EchoBytes(received, echo);
        while (at < received.Length)
        {
            ModbusResult here = Look(received[at..], out int length);
            if (here == ModbusResult.Registers)
            {
                registers = (at + HeaderBytes)..(at + HeaderBytes + RegisterBytes);
                return here;
            }

            if (here == ModbusResult.Refused)
            {
                code = received[at + 2];
                return here;
            }

            found = here > found ? here : found;   // the one that says most
            at += length;
        }

        return found;
    }

    /// <summary>How much of the beginning is the request itself, come back; all of it when nothing else came yet.</summary>
    public static int EchoBytes(ReadOnlySpan<byte> received, ReadOnlySpan<byte> echo)
    {
        int shared = received.CommonPrefixLength(echo);
        return shared == echo.Length || shared == received.Length ? shared : 0;
    }

    // What a frame that begins here is, and how far to the next place to look at.
    private ModbusResult Look(ReadOnlySpan<byte> left, out int length)
    {
        length = 1;
        bool mine = left[0] == Slave;
        if (mine && left.Length > 1 && left[1] == (Function | RefusedBit))
        {
            return left.Length < RefusalBytes ? ModbusResult.HalfAnswer
                : IsSound(left[..RefusalBytes]) ? ModbusResult.Refused : ModbusResult.WrongChecksum;
        }

        if (left.Length < HeaderBytes || left[1] is not (3 or 4) || left[2] % 2 != 0)
        {
            return mine && Function == (left.Length > 1 ? left[1] : Function) ? ModbusResult.HalfAnswer : ModbusResult.Noise;
        }

        bool expected = mine && left[1] == Function && left[2] == RegisterBytes;
        int bytes = HeaderBytes + left[2] + CrcBytes;
        if (left.Length < bytes)
        {
            return expected ? ModbusResult.HalfAnswer : ModbusResult.Noise;
        }

        if (!IsSound(left[..bytes]))
        {
            return expected ? ModbusResult.WrongChecksum : ModbusResult.Noise;
        }

        length = bytes;
        return expected ? ModbusResult.Registers : mine ? ModbusResult.WrongLength : ModbusResult.OtherSlave;
    }

    private static bool IsSound(ReadOnlySpan<byte> frame) => Crc.Matches(frame[..^CrcBytes], frame[^CrcBytes..]);
}
