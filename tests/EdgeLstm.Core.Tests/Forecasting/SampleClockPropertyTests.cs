// What holds for the sample clock whatever readings come and whenever: bounded gaps, times in order, no exception.

using EdgeLstm.Core.Forecasting;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeLstm.Core.Tests.Forecasting;

public class SampleClockPropertyTests
{
    private const long PeriodNs = 1_000_000_000;
    private const int FillSamples = 5;

    /// <summary>One thing that happens: time moves by some milliseconds, then a reading comes or time is said to have
    /// passed.</summary>
    public readonly record struct Happening(int StepMs, bool IsReading);

    private static readonly Gen<Happening> Happenings =
        from step in Gen.Frequency(
            (6, Gen.Choose(0, 1200)), (2, Gen.Choose(900, 1100)), (1, Gen.Choose(0, 9000)), (1, Gen.Choose(0, 500_000_000)))
        from isReading in Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false)))
        select new Happening(step, isReading);

    // A clock may also be set back.
    private static readonly Gen<Happening> WithSetbacks =
        from happening in Happenings
        from setback in Gen.Frequency((9, Gen.Constant(0)), (1, Gen.Choose(0, 20_000)))
        select happening with { StepMs = happening.StepMs - setback };

    [Theory]
    [InlineData(Resampling.Each, 0)]
    [InlineData(Resampling.Hold, 0)]
    [InlineData(Resampling.Hold, 3)]
    [InlineData(Resampling.Mean, 0)]
    public void Any_gap_yields_no_more_than_the_fill_limit_and_one_loss_and_times_never_decrease(Resampling resampling,
        int hold) =>
        Prop.ForAll(Happenings.ListOf().ToArbitrary(), happenings => Run(resampling, hold, happenings, inOrder: true))
            .Check(Configuration);

    [Theory]
    [InlineData(Resampling.Each, 0)]
    [InlineData(Resampling.Hold, 0)]
    [InlineData(Resampling.Hold, 3)]
    [InlineData(Resampling.Mean, 0)]
    public void Gaps_stay_bounded_when_time_goes_backwards_too(Resampling resampling, int hold) =>
        Prop.ForAll(WithSetbacks.ListOf().ToArbitrary(), happenings => Run(resampling, hold, happenings, inOrder: false))
            .Check(Configuration);

    private static Config Configuration => Config.QuickThrowOnFailure.WithMaxTest(400).WithStartSize(1).WithEndSize(120);

    private static void Run(Resampling resampling, int hold, IEnumerable<Happening> happenings, bool inOrder)
    {
        SampleClock clock = new(1, PeriodNs, resampling, FillSamples, hold);
        long nowNs = 1_700_000_000L * PeriodNs;
        long lastNs = long.MinValue;
        int inGap = 0;
        float[] sample = new float[1];
        foreach (Happening happening in happenings)
        {
            nowNs += happening.StepMs * 1_000_000L;
            if (happening.IsReading)
            {
                clock.Add([1], nowNs);
            }
            else
            {
                clock.Advance(nowNs);
            }

            int ticks = 0;
            while (clock.TryNext(sample, out long timeNs, out TickKind kind))
            {
                inGap = kind == TickKind.Sample ? 0 : inGap + 1;
                ticks++;
                Assert.True(inGap <= FillSamples + 1, $"{inGap} ticks in one gap");
                Assert.True(ticks <= FillSamples + 1 + hold + 2, $"{ticks} ticks of one call");
                Assert.True(kind != TickKind.Sample || sample[0] == 1);
                Assert.True(!inOrder || timeNs >= lastNs, $"{kind} at {timeNs} after {lastNs}");
                Assert.True(!inOrder || timeNs <= nowNs, $"{kind} at {timeNs} when it is {nowNs}");
                lastNs = timeNs;
            }
        }
    }
}
