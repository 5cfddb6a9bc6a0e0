// A day at 10 Hz into the outbox with no broker:  time to hand a record over by tenths of the day, memory and disk.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Worker.Outbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Benchmarks.Outbox;

/// <summary>Beside it, in the same run, the disk's own pace: appending and synchronising the same number of bytes.</summary>
/// <remarks>What the program's resident memory does on such a day is fault 6 of EdgeLstm.Faults: this process has a just-in-time
/// compiler.</remarks>
internal static class OutboxBenchmark
{
    private const int Records = 864_000;
    private const int Parts = 10;
    private const int PayloadBytes = 450;
    private const int RecordsPerSecond = 20_000;
    private const double LargestGrowth = 2;

    /// <summary>Prints a line for each tenth; 5 where the last tenth's p99 is above twice the first's.</summary>
    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("edgelstm-outbox-").FullName;
        try
        {
            return Run(Path.Combine(folder, "outbox.db"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Run(string path)
    {
        RecordOutbox outbox = new(hasDisk: true);
        int stream = outbox.Open("pump", 4096, PayloadBytes);
        OutboxPlan plan = new(path, new OutboxLimits(2L << 30, TimeSpan.FromDays(7)), TimeSpan.FromSeconds(1), IsStrict: false);
        using OutboxDisk disk = new(outbox, plan, TimeProvider.System, () => true, () => { }, NullLogger.Instance);
        disk.Start();
        byte[] payload = new byte[PayloadBytes];
        payload.AsSpan().Fill((byte)'x');
        double[][] nanoseconds = [.. Enumerable.Range(0, Parts).Select(_ => new double[Records / Parts])];
        Feed(outbox, stream, payload, nanoseconds[0].AsSpan(0, 20_000), 0);   // code, tables, a transaction
        long allocatedBefore = GC.GetTotalAllocatedBytes();
        Console.WriteLine($"{Records} records of {PayloadBytes} bytes at {RecordsPerSecond} a second, no broker");
        Console.WriteLine("  tenth   hand over p50 ns   p99 ns    records on disk");
        for (int part = 0; part < Parts; part++)
        {
            Feed(outbox, stream, payload, nanoseconds[part], part * (Records / Parts));
            Array.Sort(nanoseconds[part]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{part + 1,7}{Quantile(nanoseconds[part], 0.5),19:F0}{Quantile(nanoseconds[part], 0.99),9:F0}"
                + $"{disk.Counters.Rows,19}"));
        }

        long allocated = GC.GetTotalAllocatedBytes() - allocatedBefore;
        disk.Stop(TimeSpan.FromMinutes(1));
        double growth = Quantile(nanoseconds[^1], 0.99) / Quantile(nanoseconds[0], 0.99);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"p99 of the last tenth against the first: {growth:F2} (at most {LargestGrowth}); "
            + $"{(double)allocated / Records:F2} managed bytes allocated a record; {disk.Counters.Rows} on disk, "
            + $"{outbox.Dropped.Samples} dropped; "
            + $"{(double)disk.Counters.WrittenBytes / Records:F0} bytes written a record"));
        Console.WriteLine(Disk(Path.GetDirectoryName(path)!, (double)disk.Counters.WrittenBytes / Records));
        return growth <= LargestGrowth ? 0 : 5;
    }

    // As the I/O thread does: a record is handed over while the queue has room, else it stays where it is.
    private static void Feed(RecordOutbox outbox, int stream, byte[] payload, Span<double> nanoseconds, long first)
    {
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < nanoseconds.Length; i++)
        {
            while (!outbox.MayAdd(stream, mayDrop: true)
                || Stopwatch.GetElapsedTime(started).TotalSeconds * RecordsPerSecond < i)
            {
                Thread.Yield();
            }

            long before = Stopwatch.GetTimestamp();
            outbox.Add(
                new OutboxEntry { Stream = stream, Sequence = first + i, TimestampUnixMs = 1_700_000_000_000, AddedAt = before },
                payload);
            nanoseconds[i] = Stopwatch.GetElapsedTime(before).TotalNanoseconds;
        }
    }

    private static string Disk(string folder, double bytesPerRecord)
    {
        const int transactions = 200;
        byte[] block = new byte[(int)(bytesPerRecord * 500)];
        using FileStream file = new(
            Path.Combine(folder, "bare"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < transactions; i++)
        {
            file.Write(block);
            file.Flush(flushToDisk: true);
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture,
            $"the bare disk: {transactions * 500 / seconds:F0} records a second of as many bytes, synchronised every 500");
    }

    private static double Quantile(double[] sorted, double part) => sorted[(int)(part * (sorted.Length - 1))];
}
