// How much a piece of work allocates, measured so that the runtime's own rare allocations on the same thread do not count.

namespace EdgeLstm.Tests;

internal static class Allocation
{
    private const int Rounds = 5;

    /// <summary>Fails when every round of some work allocates on this thread.</summary>
    /// <param name="round">The work; long enough that anything it allocates now and then shows in every round.</param>
    public static void AssertNone(Action round) => Assert.Equal(0, LeastOf(Rounds, round));

    /// <summary>Bytes allocated by the most frugal of several equal rounds: what the work itself cannot do without.</summary>
    /// <param name="rounds">Rounds after one to warm up.</param>
    /// <param name="round">The work; long enough that anything it allocates now and then shows in every round.</param>
    public static long LeastOf(int rounds, Action round)
    {
        long least = long.MaxValue;
        round();
        for (int i = 0; i < rounds; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
