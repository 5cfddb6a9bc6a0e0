// One emulated Modbus slave: its registers, and how it misbehaves.

using System.Buffers.Binary;

namespace EdgeLstm.Worker.Tests.Emulation.Modbus;

/// <summary>How a slave answers.</summary>
public enum SlaveFault
{
    None,
    NoAnswer,
    WrongChecksum,
    SlowAnswer,
    HalfAnswer,
    Nonsense,
    Busy,
    OtherLength,
    OtherAddress,
}

/// <summary>Answers requests as the specification's state diagrams say (V1.1b3, figures 13 and 14).</summary>
/// <param name="address">Its address.</param>
public sealed class EmulatedSlave(byte address)
{
    private const int MostRegisters = 125;
    private const ushort NonsenseRegister = 0x7F7F;   // twice: 3.4e38 as a float

    private readonly Dictionary<int, ushort> _holding = [];
    private readonly Dictionary<int, ushort> _input = [];
    private readonly Lock _gate = new();
    private SlaveFault _fault;
    private int _faultLeft;

    /// <summary>Its address.</summary>
    public byte Address => address;

    /// <summary>How late a slow answer is, in milliseconds.</summary>
    public int SlowMs { get; init; } = 200;

    /// <summary>Requests heard.</summary>
    public int Requests { get; private set; }

    /// <summary>Sets registers of function 3 or 4.</summary>
    public EmulatedSlave Set(int function, int start, params ushort[] values)
    {
        lock (_gate)
        {
            Dictionary<int, ushort> table = function == 3 ? _holding : _input;
            for (int i = 0; i < values.Length; i++)
            {
                table[start + i] = values[i];
            }
        }

        return this;
    }

    /// <summary>Sets a float32, high word first.</summary>
    public EmulatedSlave SetFloat(int function, int start, float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return Set(function, start, (ushort)(bits >> 16), (ushort)bits);
    }

    /// <summary>Misbehaves for so many requests, or until told otherwise.</summary>
    public void Break(SlaveFault fault, int times = int.MaxValue)
    {
        lock (_gate)
        {
            _fault = fault;
            _faultLeft = times;
        }
    }

    /// <summary>Behaves again.</summary>
    public void Mend() => Break(SlaveFault.None);

    /// <summary>The answer to a sound request for this slave; empty for none.</summary>
    public byte[] Answer(ReadOnlySpan<byte> request, out int delayMs)
    {
        lock (_gate)
        {
            Requests++;
            SlaveFault fault = _faultLeft-- > 0 ? _fault : SlaveFault.None;
            delayMs = fault == SlaveFault.SlowAnswer ? SlowMs : 0;
            byte[] answer = Sealed(fault == SlaveFault.Busy ? Refuse(request[1], 6) : Read(request, fault));
            switch (fault)
            {
                case SlaveFault.NoAnswer:
                    return [];
                case SlaveFault.WrongChecksum:
                    answer[^3] ^= 0x10;
                    return answer;
                case SlaveFault.HalfAnswer:
                    return answer[..(answer.Length / 2)];
                default:
                    return answer;
            }
        }
    }

    /// <summary>CRC-16 as in the specification for serial lines, V1.02, 6.2.2: bit by bit.</summary>
    public static ushort Crc(ReadOnlySpan<byte> bytes)
    {
        ushort crc = 0xFFFF;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 1) != 0 ? (crc >> 1) ^ 0xA001 : crc >> 1);
            }
        }

        return crc;
    }

    private byte[] Read(ReadOnlySpan<byte> request, SlaveFault fault)
    {
        int start = BinaryPrimitives.ReadUInt16BigEndian(request[2..]);
        int count = BinaryPrimitives.ReadUInt16BigEndian(request[4..]);
        Dictionary<int, ushort>? table = request[1] switch { 3 => _holding, 4 => _input, _ => null };
        if (table is not { Count: > 0 })
        {
            return Refuse(request[1], 1);
        }

        if (count is 0 or > MostRegisters)
        {
            return Refuse(request[1], 3);
        }

        count += fault == SlaveFault.OtherLength ? 1 : 0;
        byte[] answer = new byte[3 + (2 * count)];
        answer[0] = (byte)(fault == SlaveFault.OtherAddress ? address + 1 : address);
        answer[1] = request[1];
        answer[2] = (byte)(2 * count);
        for (int i = 0; i < count; i++)
        {
            bool known = table.TryGetValue(start + i, out ushort value);
            if (!known && fault != SlaveFault.OtherLength)
            {
                return Refuse(request[1], 2);
            }

            BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(3 + (2 * i)),
                fault == SlaveFault.Nonsense ? NonsenseRegister : value);
        }

        return answer;
    }

    private byte[] Refuse(byte function, byte code) => [address, (byte)(function | 0x80), code];

    private static byte[] Sealed(byte[] frame)
    {
        ushort crc = Crc(frame);
        return [.. frame, (byte)crc, (byte)(crc >> 8)];
    }
}
