// Horizons and durations as a person writes them.

using EdgeLstm.Import.Assembly;

namespace EdgeLstm.Import.Tests.Assembly;

public sealed class HorizonTests
{
    [Theory]
    [InlineData("100ms", 100)]
    [InlineData("1s", 1000)]
    [InlineData("2.5 s", 2500)]
    [InlineData("5min", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("250us", 0.25)]
    public void Durations_are_read(string text, double expectedMs)
    {
        Assert.True(DurationText.TryParseMs(text, out double found));
        Assert.Equal(expectedMs, found, 9);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("0s")]
    [InlineData("-1s")]
    [InlineData("1e3s")]
    [InlineData("s")]
    [InlineData("5 minutes")]
    public void What_is_no_duration_is_not_read(string text) => Assert.False(DurationText.TryParseMs(text, out _));

    [Theory]
    [InlineData("6", 1000, 6)]
    [InlineData("10s", 1000, 10)]
    [InlineData("1min", 100, 600)]
    [InlineData("0.3s", 100, 3)]
    [InlineData("1.5s", 1000, null)]
    [InlineData("100ms", 1000, null)]
    public void Horizons_are_whole_sample_periods(string text, double periodMs, int? expected)
    {
        Assert.True(Horizon.TryParse(text, out Horizon horizon));
        Assert.Equal(expected, horizon.InSamples(periodMs));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("soon")]
    public void What_is_no_horizon_is_not_read(string text) => Assert.False(Horizon.TryParse(text, out _));
}
