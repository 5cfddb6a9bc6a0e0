// A stream whose model's head goes on learning: over a restart, with nothing allocated, and through samples that teach it wrong.

using System.Globalization;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.State;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class AdaptingStreamTests
{
    private const int Memory = 500;

    [Fact]
    public void It_is_restored_bit_for_bit_while_its_adapted_head_is_in_use()
    {
        TestStream first = new(TestStream.Adapting(Memory));
        first.Feed(1200);
        Assert.True(first.Pipeline.Head!.ContestOf(0)!.IsAdapted);
        StateWriter writer = new();
        first.Pipeline.Save(writer);
        TestStream second = new(TestStream.Adapting(Memory));
        StateReader reader = new(writer.Written);
        second.Pipeline.Restore(ref reader);
        second.ContinueFrom(first);
        first.Records.Clear();
        foreach (TestStream stream in new[] { first, second })
        {
            stream.Feed(100);
            stream.FeedText("nan");
            stream.FeedText("140");
            stream.Pass(2);
            stream.Feed(300);
        }

        Assert.Equal(first.Records.Select(TestStream.Bits), second.Records.Select(TestStream.Bits));
        Assert.Equal(first.Pipeline.Head.Learned, second.Pipeline.Head!.Learned);
    }

    [Fact]
    public void After_a_long_stop_what_was_learned_is_still_in_use()
    {
        TestStream first = new(TestStream.Adapting(Memory));
        first.Feed(1200);
        StateWriter writer = new();
        first.Pipeline.Save(writer);
        TestStream second = new(TestStream.Adapting(Memory));
        StateReader reader = new(writer.Written);
        second.Pipeline.Restore(ref reader, goesOn: false);
        HeadContest contest = second.Pipeline.Head!.ContestOf(0)!;
        Assert.True(contest.IsAdapted);
        long compared = contest.Compared;
        second.Feed(TestStream.Model.Manifest.WarmUpSamples);
        Assert.Equal(compared, contest.Compared);
        second.Feed(10);
        Assert.Equal(compared + 10, contest.Compared);
    }

    [Fact]
    public void A_state_with_such_a_head_fits_no_stream_without_and_the_other_way_round()
    {
        byte[] plain = StreamBuilder.Identity(TestStream.MachineTemperature());
        byte[] adapting = StreamBuilder.Identity(TestStream.Adapting(Memory));
        Assert.NotEqual(plain, adapting);
        Assert.NotEqual(adapting, StreamBuilder.Identity(TestStream.Adapting(2 * Memory)));
        TestStream first = new(TestStream.Adapting(Memory));
        StateWriter writer = new();
        first.Pipeline.Save(writer);
        TestStream other = new();
        Assert.Throws<FormatException>(() =>
        {
            StateReader reader = new(writer.Written);
            other.Pipeline.Restore(ref reader);
        });
    }

    [Fact]
    public void Another_model_begins_with_a_head_of_its_own()
    {
        TestStream stream = new(TestStream.Adapting(Memory));
        stream.Feed(1200);
        stream.Pipeline.Exchange(StreamBuilder.CreateModelParts(stream.Plan));
        Assert.Equal(0, stream.Pipeline.Head!.Learned);
        stream.Feed(10);
        Assert.Equal(StreamStatus.Warming, stream.Last.Status);
    }

    [Fact]
    public void Until_it_is_better_its_records_are_those_of_a_stream_without()
    {
        TestStream plain = new();
        TestStream adapting = new(TestStream.Adapting(Memory));
        Assert.Null(plain.Pipeline.Head);
        plain.Feed(HeadContest.FewestCompared + TestStream.Model.Manifest.WarmUpSamples);
        adapting.Feed(HeadContest.FewestCompared + TestStream.Model.Manifest.WarmUpSamples);
        Assert.Equal(plain.Records.Select(TestStream.Bits), adapting.Records.Select(TestStream.Bits));
    }

    // Where noise in the place of a machine lasts until it is taken as normal, the head learns them; it must not go on with that.
    [Fact]
    public void A_head_that_learned_from_garbage_gives_way_to_the_shipped_one()
    {
        TestStream plain = new();
        TestStream adapting = new(TestStream.Adapting(Memory));
        Random random = new(5);
        foreach (TestStream stream in new[] { plain, adapting })
        {
            stream.Feed(1000);
        }

        for (int i = 0; i < 3000; i++)
        {
            string line = (70 + (30 * random.NextDouble())).ToString(CultureInfo.InvariantCulture);
            plain.FeedText(line);
            adapting.FeedText(line);
        }

        Assert.True(adapting.Pipeline.Head!.ContestOf(0)!.IsAdapted);   // it forecasts the garbage better
        foreach (TestStream stream in new[] { plain, adapting })
        {
            stream.Records.Clear();
            stream.Feed(HeadContest.Memory);
        }

        (double ofPlain, double ofAdapting) = (0, 0);
        for (int i = 100; i < HeadContest.Memory; i++)
        {
            ofPlain += Math.Abs(plain.Records[i].Residuals[0]);
            ofAdapting += Math.Abs(adapting.Records[i].Residuals[0]);
        }

        Assert.InRange(ofAdapting, 0, 1.05 * ofPlain);
    }

    [Fact]
    public void Samples_allocate_nothing()
    {
        StreamPipeline pipeline = StreamBuilder.CreatePipeline(
            TestStream.Adapting(Memory), new FakeSource(), WallClock.Unasked, _ => { });
        byte[][] lines =
        [
            .. Enumerable.Range(0, 200).Select(i => System.Text.Encoding.ASCII.GetBytes(
                i == 77 ? "nan\n" : TestStream.Temperature(i).ToString("F3", CultureInfo.InvariantCulture) + "\n")),
        ];
        long tick = 0;
        Feed(2000);
        Allocation.AssertNone(() => Feed(3000));
        Assert.True(pipeline.Head!.Learned > 1000);

        void Feed(int count)
        {
            for (int i = 0; i < count; i++)
            {
                pipeline.Process(lines[tick % lines.Length], ++tick * 300_000_000_000);
            }
        }
    }
}
