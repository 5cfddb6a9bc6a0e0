// A stream of a million samples leaves no work to the garbage collector.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

[Collection(RunsAlone.Name)]
public class StreamPipelineAllocationTests
{
    private const int Samples = 1_000_000;

    // Three of five are samples; one is a missing value, one is no number at all.
    private readonly byte[][] _lines =
        ["85\n"u8.ToArray(), "86\n"u8.ToArray(), "nan\n"u8.ToArray(), "x\n"u8.ToArray(), "99\n"u8.ToArray()];
    private long _published;

    [Fact]
    public void A_million_samples_allocate_nothing_and_cause_no_collection()
    {
        StreamPlan plan = TestStream.MachineTemperature();
        StreamPipeline pipeline = StreamBuilder.CreatePipeline(plan, new FakeSource(), WallClock.Unasked, _ => _published++);
        long periodNs = (long)(plan.SamplePeriodMs * 1e6);
        Process(pipeline, periodNs, 0, 20_000);

        long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
        int collectionsBefore = GC.CollectionCount(0);
        Process(pipeline, periodNs, 20_000, Samples + 20_000);
        int collections = GC.CollectionCount(0) - collectionsBefore;

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - bytesBefore);
        Assert.Equal(0, collections);
        Assert.Equal(pipeline.Counters.Published, _published);
        Assert.True(_published > Samples);
    }

    private void Process(StreamPipeline pipeline, long periodNs, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            pipeline.Process(_lines[i % _lines.Length], i * periodNs);
        }
    }
}
