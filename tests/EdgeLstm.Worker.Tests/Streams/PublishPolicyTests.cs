// Which records are published: every N-th, not too close together, and every event.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class PublishPolicyTests
{
    [Theory]
    [InlineData(1, 0, "111111111111")]
    [InlineData(3, 0, "100100100100")]
    [InlineData(1, 250, "100100100100")]    // samples 100 ms apart: the third after the last is the first that is 250 ms later
    [InlineData(2, 250, "100100100100")]
    [InlineData(5, 250, "100001000010")]
    public void Every_nth_sample_is_admitted_but_none_too_early(int everySamples, long atMostEveryMs, string expected)
    {
        PublishPolicy policy = new(everySamples, atMostEveryMs);
        Assert.Equal(expected, string.Concat(Enumerable.Range(0, 12).Select(i => policy.Admits(At(i * 100)) ? '1' : '0')));
    }

    [Fact]
    public void Events_are_admitted_always_and_do_not_disturb_the_rhythm()
    {
        PublishPolicy policy = new(4, 0);
        string admitted = string.Concat(Enumerable.Range(0, 12).Select(i =>
            policy.Admits(At(i * 100, i is 2 or 3 or 5 ? StreamEvent.AlarmRaised : StreamEvent.None)) ? '1' : '0'));
        Assert.Equal("101111001000", admitted);
    }

    [Fact]
    public void A_clock_set_back_does_not_silence_the_stream()
    {
        PublishPolicy policy = new(1, 1000);
        Assert.True(policy.Admits(At(1_000_000_000)));
        Assert.False(policy.Admits(At(1_000_000_500)));
        Assert.True(policy.Admits(At(5000)));
        Assert.False(policy.Admits(At(5500)));
        Assert.True(policy.Admits(At(6000)));
    }

    private static StreamRecord At(long unixMs, StreamEvent happening = StreamEvent.None) =>
        new(1, 1) { TimestampUnixMs = unixMs, Event = happening };
}
