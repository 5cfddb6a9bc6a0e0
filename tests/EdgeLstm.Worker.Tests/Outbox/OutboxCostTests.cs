// What the outbox costs: no allocation, little memory, the bytes it says it writes, and the same time per row when it is full.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Worker.Outbox;
using Xunit.Abstractions;

namespace EdgeLstm.Worker.Tests.Outbox;

[Collection(RunsAlone.Name)]
public sealed class OutboxCostTests(ITestOutputHelper output) : IDisposable
{
    private static readonly byte[] Payload = new byte[OutboxBench.PayloadBytes];
    private readonly OutboxBench _bench = new();
    private long _sequence;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Rows_in_and_out_with_their_transactions_and_checkpoints_allocate_nothing()
    {
        using OutboxStore store = _bench.Open(new(1 << 20, TimeSpan.FromDays(7)));
        long read = 0;
        long deleteFrom = 1;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 40; i++)
            {
                Append(store, 20);
                foreach (OutboxRow row in store.Read(0))
                {
                    read += row.Payload.Length;
                }

                store.Begin();
                store.Delete(deleteFrom++);
                store.Commit();
            }
        });
        Assert.True(read > 1_000_000);
        Assert.True(store.Rows + deleteFrom < _sequence, "nothing was dropped");
    }

    [Fact]
    public void The_connection_stays_below_a_megabyte_of_memory()
    {
        using OutboxStore store = _bench.Open();
        for (int i = 0; i < 20; i++)
        {
            Append(store, 5000);
            Assert.InRange(store.MemoryBytes, 1, 1 << 20);
        }

        Assert.Equal(100_000, OutboxBench.ReadAll(store).Count);
        Assert.InRange(store.MemoryBytes, 1, 1 << 20);
    }

    [SkippableTheory]
    [InlineData(1, 2000)]
    [InlineData(10, 20_000)]
    [InlineData(1000, 100_000)]
    public void Written_bytes_are_those_that_reach_the_disk(int rowsPerTransaction, int rows)
    {
        const string io = "/proc/thread-self/io";
        Skip.IfNot(File.Exists(io), $"this kernel does not count a thread's bytes: no {io}");
        using OutboxStore store = _bench.Open();
        long before = ThreadWrites(io) - store.WrittenBytes;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < rows / rowsPerTransaction; i++)
        {
            Append(store, rowsPerTransaction);
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double measured = ThreadWrites(io) - before;
        output.WriteLine($"{rowsPerTransaction} a transaction: {rows / seconds:F0} rows/s, {measured / rows:F0} bytes a row, "
            + $"counted {(double)store.WrittenBytes / rows:F0}");
        Assert.InRange(store.WrittenBytes / measured, 0.97, 1.03);
    }

    [Fact]
    public void A_day_at_ten_rows_a_second_is_kept_whole_at_a_steady_cost()
    {
        const int rows = 864_000;
        const int rowsPerTransaction = 1000;
        using OutboxStore store = _bench.Open(new(1L << 30, TimeSpan.FromDays(7)));
        double[] microseconds = new double[rows / rowsPerTransaction];
        for (int i = 0; i < microseconds.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Append(store, rowsPerTransaction);
            microseconds[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / rowsPerTransaction;
        }

        for (int part = 0; part < 4; part++)
        {
            double[] quarter = microseconds[(part * microseconds.Length / 4)..((part + 1) * microseconds.Length / 4)];
            Array.Sort(quarter);
            output.WriteLine($"quarter {part + 1}: {quarter[quarter.Length / 2]:F2} µs a row (median), "
                + $"{quarter[quarter.Length * 99 / 100]:F2} µs (99th percentile)");
        }

        output.WriteLine($"{store.Bytes >> 20} MB, {store.WrittenBytes / rows} bytes written a row");
        long start2 = Stopwatch.GetTimestamp();
        Assert.Equal(rows, store.Rows);
        store.Dispose();
        using OutboxStore again = _bench.Open(new(1L << 30, TimeSpan.FromDays(7)));
        output.WriteLine($"closed, opened and checked in {Stopwatch.GetElapsedTime(start2).TotalMilliseconds:F0} ms");
        Assert.Equal(rows, again.Rows);
        Assert.Null(again.Salvage);
    }

    private void Append(OutboxStore store, int rows)
    {
        store.Begin();
        for (int i = 0; i < rows; i++)
        {
            store.Append(new OutboxRow("press 3", OutboxKind.Sample, 1, ++_sequence, 1_772_366_400_000 + _sequence, Payload));
        }

        store.Trim();
        store.Commit();
    }

    private static long ThreadWrites(string io) => long.Parse(
        File.ReadLines(io).First(line => line.StartsWith("wchar", StringComparison.Ordinal)).Split(' ')[1],
        CultureInfo.InvariantCulture);
}
