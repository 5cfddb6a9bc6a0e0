// What sensors of every framing send, as bytes with the truth about them.

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Scanning;

/// <summary>Streams made as firmware makes them. Values move slowly, as measured ones do.</summary>
internal static class SensorTraffic
{
    private static readonly Checksum X25 =
        Checksum.From(new ChecksumProfile("crc-16", new(0x1021), new(0xFFFF), true, new(0xFFFF)));
    private static readonly Checksum Modbus = Checksum.From(new ChecksumProfile("crc-16", new(0x8005), new(0xFFFF), true));

    public static byte[] Lines(int count, Func<int, string> line) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(k => line(k) + "\r\n")));

    public static byte[] Csv(int count = 60) => Lines(count, k => Text($"{23 + Wave(k):0.00},{41 - Wave(k):0.0},{1013 + k % 5}"));

    public static byte[] Ecg(int count = 120) => Lines(count, k => Text($"{Wave(k) / 3:0.000}"));

    public static byte[] Plotter(int count = 40) =>
        Lines(count, k => Text($"Motor Temp:{40 + Wave(k):0.00}\trpm:{1480 + k % 7}"));

    public static byte[] Json(int count = 30) => Lines(count, k => Text(
        $"{{\"sht31\": {{\"temperature\": {21 + Wave(k):0.00}, \"humidity\": {50 - Wave(k):0.0}}}, \"battery\": {3700 - k}}}"));

    public static byte[] Nmea(int count = 20) => Lines(2 * count, k => Sentence(k % 2 == 0
        ? Text($"GPRMC,1235{k % 60:00}.00,A,4807.038,N,01131.000,E,{22 + Wave(k):0.0},084.4,230394,003.1,W")
        : Text($"GPGGA,1235{k % 60:00}.00,4807.038,N,01131.000,E,1,08,0.9,{545 + Wave(k):0.0},M,46.9,M,,")));

    public static byte[] CobsCrc(int count = 50) => Frames(count, k => Cobs(WithCheck(Accelerometer(k), Checksum.CcittFalse)));

    public static byte[] CobsPlain(int count = 50) => Frames(count, k => Cobs(Accelerometer(k)));

    public static byte[] CobsFloats(int count = 50) => Frames(count, k => Cobs(Floats(k)));

    public static byte[] SlipCrc(int count = 50) => Frames(count, k => Slip(WithCheck(Accelerometer(k), X25)));

    public static byte[] SlipPlain(int count = 50) => Frames(count, k => Slip(Accelerometer(k)));

    public static byte[] Hdlc(int count = 50) => Frames(count, k => HdlcFrame(WithCheck(Accelerometer(k), X25)));

    /// <summary>A Plantower PMS5003: 32 bytes, 0x42 0x4D, 14 big-endian numbers, the sum of all bytes before it.</summary>
    public static byte[] Pms5003(int count = 20) => Frames(count, k =>
    {
        byte[] record = new byte[32];
        record[0] = 0x42;
        record[1] = 0x4D;
        record[3] = 28;
        for (int i = 0; i < 13; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(4 + (2 * i)), (ushort)(10 + (20 * i) + (k % 9)));
        }

        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(30), (ushort)record[..30].Sum(value => value));
        return record;
    });

    /// <summary>Records of 9 bytes: 0xFF, values, and the sum of the bytes after the first.</summary>
    public static byte[] SumRecords(int count = 30) => Frames(count, k =>
    {
        byte[] record = [0xFF, 0x86, 1, (byte)(k % 13), (byte)(40 + (k % 5)), 0, (byte)(k % 3), 0, 0];
        record[8] = (byte)record[1..8].Sum(value => value);
        return record;
    });

    /// <summary>Records with two start bytes and nothing that proves them.</summary>
    public static byte[] BareRecords(int count = 50) => Frames(count, k => [0xAA, 0x55, .. Accelerometer(k)]);

    /// <summary>A master that asks slave 1 for 2 registers and slave 2 for 1, with their answers.</summary>
    public static byte[] ModbusTraffic(int count = 20) => Frames(count, k =>
    [
        .. WithCheck([1, 4, 0, 0, 0, 2], Modbus), .. WithCheck([1, 4, 4, 0, (byte)(200 + (k % 7)), 1, (byte)(k % 5)], Modbus),
        .. WithCheck([2, 3, 0, 16, 0, 1], Modbus), .. WithCheck([2, 3, 2, 0, (byte)k], Modbus),
    ]);

    public static byte[] Log(int count = 40) => Lines(count, k => (k % 4) switch
    {
        0 => Text($"I ({312 + k}) wifi: connected to the network"),
        1 => "W boot: retrying sensor bus",
        2 => Text($"loop took {k} ms, heap {20000 + k} bytes free"),
        _ => "Ready.",
    });

    public static byte[] Random(int count, int seed = 5)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A UART's bytes as a receiver at another rate samples them.</summary>
    /// <param name="sent">Bytes sent, one after the other.</param>
    /// <param name="ratio">Receiver's rate by sender's.</param>
    public static byte[] AtWrongRate(byte[] sent, double ratio)
    {
        bool Level(double bit)   // of the line, in bits of the sender: start 0, 8 data bits, stop 1
        {
            int at = (int)bit;
            int place = at % 10;
            return at / 10 >= sent.Length || place == 9 || (place > 0 && ((sent[at / 10] >> (place - 1)) & 1) == 1);
        }

        List<byte> received = [];
        double step = 1 / ratio;
        double time = 0;
        while (time < 10.0 * sent.Length)
        {
            if (Level(time))
            {
                time += 0.05;
                continue;
            }

            int value = 0;
            for (int bit = 0; bit < 8; bit++)
            {
                value |= Level(time + ((1.5 + bit) * step)) ? 1 << bit : 0;
            }

            bool stop = Level(time + (9.5 * step));
            received.Add(stop ? (byte)value : (byte)0);   // a framing error is read as 0
            time += 9.5 * step;
        }

        return [.. received];
    }

    public static byte[] Frames(int count, Func<int, byte[]> frame) => [.. Enumerable.Range(0, count).SelectMany(frame)];

    public static byte[] Cobs(byte[] record)
    {
        List<byte> encoded = [];
        List<byte> block = [];
        foreach (byte value in record.Append((byte)0))
        {
            if (value == 0)
            {
                encoded.Add((byte)(block.Count + 1));
                encoded.AddRange(block);
                block.Clear();
            }
            else
            {
                block.Add(value);
            }
        }

        return [.. encoded, 0];
    }

    private static byte[] Slip(byte[] record) =>
    [
        .. record.SelectMany(value => value switch
        {
            0xC0 => new byte[] { 0xDB, 0xDC },
            0xDB => [0xDB, 0xDD],
            _ => [value],
        }), 0xC0,
    ];

    private static byte[] HdlcFrame(byte[] record) =>
        [0x7E, .. record.SelectMany(value => value is 0x7E or 0x7D ? new byte[] { 0x7D, (byte)(value ^ 0x20) } : [value]), 0x7E];

    private static byte[] WithCheck(byte[] record, Checksum checksum)
    {
        uint check = checksum.Of(record);
        return [.. record, (byte)check, (byte)(check >> 8)];
    }

    // A counter and three axes, little endian.
    private static byte[] Accelerometer(int k)
    {
        byte[] record = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(record, (ushort)(k + 700));
        BinaryPrimitives.WriteInt16LittleEndian(record.AsSpan(2), (short)(250 * Wave(k)));
        BinaryPrimitives.WriteInt16LittleEndian(record.AsSpan(4), (short)(-90 * Wave(k + 3)));
        BinaryPrimitives.WriteInt16LittleEndian(record.AsSpan(6), (short)(4096 + (k % 11)));
        return record;
    }

    private static byte[] Floats(int k)
    {
        byte[] record = new byte[12];
        BinaryPrimitives.WriteSingleLittleEndian(record, (float)(23 + Wave(k)));
        BinaryPrimitives.WriteSingleLittleEndian(record.AsSpan(4), (float)(1013.25 + Wave(k + 5)));
        BinaryPrimitives.WriteSingleLittleEndian(record.AsSpan(8), (float)(0.01 * Wave(k)));
        return record;
    }

    private static string Sentence(string body) =>
        string.Create(CultureInfo.InvariantCulture, $"${body}*{body.Aggregate(0, (sum, value) => sum ^ value):X2}");

    private static double Wave(int k) => 3 * Math.Sin(k / 7.0);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
