// The waits between attempts that fail.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class RandomBackoffTests
{
    private const int StableMs = 10_000;

    [Fact]
    public void Waits_double_from_half_a_second_to_a_minute_and_begin_anew_after_what_held()
    {
        RandomBackoff backoff = new(new Random(1), StableMs);
        int[] bases = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000];
        foreach (int baseMs in bases)
        {
            Assert.InRange(backoff.NextMs(), baseMs / 2, baseMs);
        }

        Assert.InRange(backoff.NextMs(StableMs - 1), 30_000, 60_000);
        Assert.InRange(backoff.NextMs(StableMs), 500, 1000);
    }

    [Fact]
    public void Two_devices_do_not_wait_equally_long() => Assert.NotEqual(
        new RandomBackoff(new Random(1), StableMs).NextMs(), new RandomBackoff(new Random(2), StableMs).NextMs());
}
