// What it costs to turn received bytes into channels, framing by framing, against a copy of the same bytes: the least there is.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Benchmarks;

/// <summary>Measures both in turns in one run, so that whatever slows the machine slows both.</summary>
internal static class FramingBenchmark
{
    private const int Rounds = 15;
    private const double RoundMs = 60;
    private const int ReadBytes = 4096;   // what one read of a busy line gives at most
    private const int RecordsPerSecond = 10_000;

    /// <summary>Prints one line for each framing; 5 where a record is lost or anything is allocated.</summary>
    public static int Run()
    {
        Console.WriteLine($"reads of {ReadBytes} bytes, cut anywhere; best of {Rounds} rounds of {RoundMs} ms");
        Console.WriteLine($"framing           bytes   record ns     copy ns   ns/byte   core at {RecordsPerSecond:N0}/s");
        ChecksumProfile crc16 = new("crc-16", new HexNumber(0x1021), new HexNumber(0xFFFF));
        FieldProfile[] axes = [new("uint16", "sequence"), new("int16", "x"), new("int16", "y"), new("int16", "z")];
        (FramingProfile Framing, byte[] Record)[] cases =
        [
            (new("csv", Columns: ["sequence", "x", "y", "z"]), Encoding.ASCII.GetBytes("12345,-12,1034,256\r\n")),
            (new("cobs-crc16", Fields: axes), Convert.FromHexString("0207010103F4FF0401D87C00")),
            (new("slip", Fields: axes), Convert.FromHexString("DBDC01DBDD02F4FF0401C0")),
            (new("hdlc", Fields: axes), Convert.FromHexString("7D5E017D5D02F4FF04017E")),
            (new("delimited", Fields: axes, Delimiter: [new(0x0D), new(0x0A)]), Convert.FromHexString("01020304050607080D0A")),
            (new("fixed", Fields: axes, Start: [new(0xAA), new(0x55)], Checksum: crc16),
                Signed("AA55", "0102030405060708", crc16)),
            (new("length-prefixed", Fields: axes, Start: [new(0xAA)], Length: new(), Checksum: crc16),
                Signed("AA08", "0102030405060708", crc16)),
        ];
        return cases.All(item => Measure(item.Framing, item.Record)) ? 0 : 5;
    }

    private static byte[] Signed(string head, string record, ChecksumProfile profile)
    {
        byte[] bytes = Convert.FromHexString(record);
        uint check = Checksum.From(profile).Of(bytes);
        return [.. Convert.FromHexString(head), .. bytes, (byte)check, (byte)(check >> 8)];
    }

    private static bool Measure(FramingProfile framing, byte[] record)
    {
        ChannelProfile[] channels = [new("x"), new("y"), new("z")];
        ProfileReader reader = new(new SensorProfile("bench", channels, framing), ["x", "y", "z"]);
        FrameDecoder frames = reader.CreateFrameDecoder(atFrameStart: true);
        byte[] stream = [.. Enumerable.Repeat(record, ReadBytes).SelectMany(bytes => bytes)];   // whole reads, whole records
        byte[] copy = new byte[ReadBytes];
        float[] values = new float[channels.Length];
        long records = 0;
        (double decodeNs, double copyNs) = (double.MaxValue, double.MaxValue);
        long allocated = long.MaxValue;
        int runs = 0;
        Action decode = Decode;
        Action justCopy = Copy;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            decodeNs = Math.Min(decodeNs, TimeNs(decode, ref runs));
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            int copies = 0;
            copyNs = Math.Min(copyNs, TimeNs(justCopy, ref copies));
        }

        double recordNs = decodeNs / ReadBytes;
        double core = recordNs * RecordsPerSecond / 1e9;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{framing.Kind,-16}{record.Length,7}{recordNs,12:F1}")
            + string.Create(
                CultureInfo.InvariantCulture, $"{copyNs / ReadBytes,12:F1}{recordNs / record.Length,10:F2}{core,14:P2}"));
        long sent = (long)runs * ReadBytes;   // one record for each byte of a read
        bool whole = records == sent && allocated == 0;
        if (!whole)
        {
            Console.Error.WriteLine($"{framing.Kind}: {records} of {sent} records read, {allocated} bytes allocated");
        }

        return whole;

        void Decode()
        {
            for (int at = 0; at < stream.Length; at += ReadBytes)
            {
                ReadOnlySpan<byte> received = stream.AsSpan(at, ReadBytes);
                while (frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
                {
                    records += reader.TryReadChannels(payload, values) ? 1 : 0;
                }
            }
        }

        void Copy()
        {
            for (int at = 0; at < stream.Length; at += ReadBytes)
            {
                stream.AsSpan(at, ReadBytes).CopyTo(copy);
            }
        }
    }

    private static double TimeNs(Action run, ref int runs)
    {
        int timed = 0;
        long started = Stopwatch.GetTimestamp();
        double elapsedMs;
        do
        {
            run();
            timed++;
            elapsedMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        while (elapsedMs < RoundMs);
        runs += timed;
        return elapsedMs * 1e6 / timed;
    }
}
