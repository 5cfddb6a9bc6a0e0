// The window of residuals: in order whatever comes, and holding the newest alone.

using EdgeLstm.Core.Forecasting;

namespace EdgeLstm.Core.Tests.Forecasting;

public class RecentResidualsTests
{
    [Theory]
    [InlineData("normal")]
    [InlineData("whole numbers")]
    [InlineData("rising")]
    [InlineData("falling")]
    [InlineData("always the same")]
    public void The_newest_residuals_are_there_in_order(string kind)
    {
        Noise noise = new(1);
        RecentResiduals residuals = new();
        List<double> all = [];
        for (int i = 0; i < 3 * RecentResiduals.Memory; i++)
        {
            all.Add(kind switch
            {
                "normal" => noise.Normal(),
                "whole numbers" => Math.Round(noise.Normal()),
                "rising" => i,
                "falling" => -i,
                _ => 7,
            });
            residuals.Keep(all[i]);
            if (i < 3 || i % 97 == 0 || i > RecentResiduals.Memory - 3)
            {
                Assert.Equal(all.Skip(Math.Max(0, i + 1 - RecentResiduals.Memory)).Order(), residuals.Sorted.ToArray());
            }
        }
    }

    [Fact]
    public void Keep_allocates_nothing()
    {
        Noise noise = new(2);
        RecentResiduals residuals = new();
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                residuals.Keep(noise.Normal());
            }
        });
    }
}
