// What a serial line may bring in a second, and how long a stream that failed rests.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class FloodLimitTests
{
    private const long SecondNs = 1_000_000_000;

    private static long LimitOf(string kind, double rateHz)
    {
        StreamPlan plan = TestStream.MachineTemperature();
        SourceSettings source = plan.Settings.Source with { Kind = kind };
        return FloodLimit.Of(plan with
        {
            Settings = plan.Settings with { Source = source },
            Profile = plan.Profile with { RateHz = rateHz },
        }).BytesPerSecond;
    }

    [Theory]
    [InlineData("serial", 0, 1024 * 1024)]        // the rate is not known
    [InlineData("serial", 1, 64 * 1024)]          // the least
    [InlineData("serial", 50, 50 * 1024 * 10)]    // ten times fifty lines of the longest kind
    [InlineData("stdin", 50, 0)]
    [InlineData("replay", 50, 0)]
    public void Ten_times_the_expected_rate_is_admitted_on_a_serial_line(string kind, double rateHz, long limit) =>
        Assert.Equal(limit, LimitOf(kind, rateHz));

    [Fact]
    public void After_the_first_bytes_too_many_nothing_more_is_admitted_in_the_second()
    {
        FloodLimit limit = new(100);
        Assert.True(limit.Admits(60, 5));
        Assert.True(limit.Admits(40, 6));
        Assert.False(limit.Admits(1, 7));
        Assert.False(limit.Admits(1, 5 + SecondNs - 1));
        Assert.True(limit.Admits(100, 5 + SecondNs));
        Assert.False(limit.Admits(50, 6 + SecondNs));
        Assert.False(limit.Admits(1, 7 + SecondNs));
    }

    [Fact]
    public void Admitting_allocates_nothing()
    {
        FloodLimit limit = new(100);
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                limit.Admits(60, i * SecondNs / 10);
            }
        });
    }
}
