// Bytes allocated and collections made while one million samples pass through a stream's pipeline.

using System.Diagnostics;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Benchmarks.Service;

internal static class AllocationBenchmark
{
    private const int Samples = 1_000_000;
    private const int ChunkLines = 1000;
    private const int WarmUpChunks = 50;
    private const long PeriodNs = 4_000_000;

    public static Figure[] Measure()
    {
        using Device device = new(MosquittoBroker.Launch());
        string profile = device.AddProfile("electrode", "ecg", "mV", rateHz: 250);
        device.AddStream("heart", Device.Model("ecg-lstm.safetensors"), Device.Serial("/dev/null", profile));
        ProblemList problems = new(device.Configuration);
        StreamPlan stream = DevicePlan.Load(device.Write(),
            problems)?.Streams[0] ?? throw new InvalidOperationException(problems.ToString());
        using StdinSource source = new();
        RecordRing ring = new(1024, stream.Manifest.Inputs.Count, stream.Manifest.Outputs.Count);
        StreamPipeline pipeline = StreamBuilder.CreatePipeline(stream, source, WallClock.Unasked, ring.Append);
        byte[] chunk = [.. ServiceBenchmarks.Lines("ecg.csv", 0).Take(ChunkLines).SelectMany(line => line)];

        long timeNs = Feed(pipeline, chunk, WarmUpChunks, ByteSource.MonotonicNs());
        int collections = GC.CollectionCount(0);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        Feed(pipeline, chunk, Samples / ChunkLines, timeNs);
        double ns = Stopwatch.GetElapsedTime(started).TotalNanoseconds / Samples;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        collections = GC.CollectionCount(0) - collections;
        Assert.True(pipeline.Counters.Steps == Samples + (WarmUpChunks * ChunkLines), $"{pipeline.Counters.Steps} steps");
        return
        [
            new("pipelineAllocatedBytes", "bytes allocated over 1,000,000 samples, bytes to record", allocated, 0),
            new("pipelineCollections", "collections during them", collections, 0),
            new("pipelineNsPerSample", "line → LSTM (1, 32) → record, ns per sample, just in time", ns),
        ];
    }

    private static long Feed(StreamPipeline pipeline, byte[] chunk, int chunks, long timeNs)
    {
        for (int k = 0; k < chunks; k++)
        {
            pipeline.Process(chunk, timeNs);
            timeNs += PeriodNs;   // the lines of a chunk arrive together, so the next chunk is on time after one period
        }

        return timeNs;
    }
}
