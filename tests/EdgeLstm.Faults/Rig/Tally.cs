// What came of one fault, or of many: records lost, records that came twice, and what else is worth saying.

namespace EdgeLstm.Faults.Rig;

/// <summary>The figures of a row of the table.</summary>
/// <param name="Lost">Records that were handed over and never arrived.</param>
/// <param name="Duplicates">Records that arrived again; (boot, seq) tells.</param>
/// <param name="Remark">What else was measured; empty for nothing.</param>
internal sealed record Tally(int Lost, int Duplicates, string Remark = "")
{
    /// <summary>Both together; the first remark stands.</summary>
    public static Tally operator +(Tally a, Tally b) =>
        new(a.Lost + b.Lost, a.Duplicates + b.Duplicates, a.Remark.Length > 0 ? a.Remark : b.Remark);
}

/// <summary>Repeats a fault.</summary>
internal static class Rounds
{
    /// <summary>Runs rounds, some side by side since they mostly wait, and adds up what came of them.</summary>
    /// <param name="count">Rounds.</param>
    /// <param name="atOnce">Rounds at the same time at most.</param>
    /// <param name="round">One round; gets its number, from 0.</param>
    /// <exception cref="InvalidOperationException">A round failed; the message says how many did, and why the first.</exception>
    public static Tally Run(int count, int atOnce, Func<int, Tally> round)
    {
        Tally sum = new(0, 0);
        List<Exception> failures = [];
        int next = -1;
        Thread[] threads =
            [.. Enumerable.Range(0, Math.Min(count, atOnce)).Select(_ => new Thread(Work) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (failures.Find(failure => failure is SkipException) is { } skip)
        {
            throw skip;
        }

        return failures.Count == 0
            ? sum
            : throw new InvalidOperationException(
                $"{failures.Count} of {count} rounds failed; the first: {failures[0].Message}", failures[0]);

        void Work()
        {
            for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                try
                {
                    Tally tally = round(i);
                    lock (failures)
                    {
                        sum += tally;
                    }
                }
                catch (Exception failure)   // of whatever kind: it belongs to the row of the table
                {
                    lock (failures)
                    {
                        failures.Add(failure);
                    }
                }
            }
        }
    }
}
