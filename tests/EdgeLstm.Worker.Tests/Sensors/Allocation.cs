// How much a piece of work allocates, measured so that the runtime's own rare allocations on the same thread do not count.

namespace EdgeLstm.Worker.Tests.Sensors;

internal static class Allocation
{
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
