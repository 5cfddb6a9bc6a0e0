// A stream whose model is run on: the further horizons come with bands, the model's own forecasts stay what they were.

using EdgeLstm.Core.State;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class RollOutStreamTests
{
    private const int Own = 3;
    private static readonly int[] Horizons = [3, 24];

    [Fact]
    public void Further_horizons_are_forecast_judged_and_banded_beside_the_models_own()
    {
        TestStream plain = new();
        TestStream runsOn = new(TestStream.RunOn(Horizons));
        plain.Feed(1500);
        runsOn.Feed(1500);
        StreamRecord last = runsOn.Last;
        Assert.Equal(Own + Horizons.Length, last.Outputs.Length);
        Assert.Equal(plain.Last.Outputs, last.Outputs[..Own]);
        for (int k = 0; k < Horizons.Length; k++)
        {
            int output = Own + k;
            Assert.True(last.Low[output] < last.Outputs[output] && last.Outputs[output] < last.High[output]);
            Assert.InRange(runsOn.Pipeline.Bands.CoverageOf(output)!.Achieved, 0.8, 1);
            Assert.NotEqual(last.Outputs[0], last.Outputs[output]);
        }
    }

    [Fact]
    public void It_is_restored_bit_for_bit()
    {
        TestStream first = new(TestStream.RunOn(Horizons));
        first.Feed(300);
        StateWriter writer = new();
        first.Pipeline.Save(writer);
        TestStream second = new(TestStream.RunOn(Horizons));
        StateReader reader = new(writer.Written);
        second.Pipeline.Restore(ref reader);
        second.ContinueFrom(first);
        first.Records.Clear();
        first.Feed(200);
        second.Feed(200);
        Assert.Equal(first.Records.Select(TestStream.Bits), second.Records.Select(TestStream.Bits));
    }

    [Fact]
    public void Samples_allocate_nothing()
    {
        StreamPipeline pipeline = StreamBuilder.CreatePipeline(
            TestStream.RunOn(Horizons), new FakeSource(), WallClock.Unasked, _ => { });
        byte[][] lines = ["87\n"u8.ToArray(), "nan\n"u8.ToArray(), "88.5\n"u8.ToArray()];
        long tick = 0;
        Feed(300);
        Allocation.AssertNone(() => Feed(3000));

        void Feed(int count)
        {
            for (int i = 0; i < count; i++)
            {
                pipeline.Process(lines[i % lines.Length], ++tick * 300_000_000_000);
            }
        }
    }
}
