// Alarms of a run held against the labels:  an alarm that touches a labelled window found it, any other is false.

using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>What an alarm is worth.</summary>
internal enum AlarmKind
{
    /// <summary>It touches a labelled window.</summary>
    Hit,

    /// <summary>It touches none.</summary>
    False,

    /// <summary>It ended before rows counted.</summary>
    Early,
}

/// <summary>What the alarms of one run came to.</summary>
/// <param name="Kinds">Kind of each alarm, in order.</param>
/// <param name="WindowsFound">Windows with an alarm.</param>
/// <param name="FalseAlarms">Alarms without a window.</param>
internal sealed record AlarmOutcome(IReadOnlyList<AlarmKind> Kinds, int WindowsFound, int FalseAlarms)
{
    /// <summary>Compares the alarms of a run with the windows of its file; both are in order.</summary>
    public static AlarmOutcome Of(FileRun run)
    {
        IReadOnlyList<Window> windows = run.File.Windows;
        AlarmKind[] kinds = new AlarmKind[run.Alarms.Count];
        int passed = 0;
        int uncounted = 0;
        int found = 0;
        int wrong = 0;
        for (int i = 0; i < kinds.Length; i++)
        {
            Window alarm = run.Alarms[i];
            while (passed < windows.Count && windows[passed].Last < alarm.First)
            {
                passed++;
            }

            kinds[i] = KindOf(alarm, windows, passed, run.File.Probation);
            wrong += kinds[i] == AlarmKind.False ? 1 : 0;
            uncounted = Math.Max(uncounted, passed);
            for (; kinds[i] == AlarmKind.Hit && uncounted < windows.Count && windows[uncounted].First <= alarm.Last; uncounted++)
            {
                found++;
            }
        }

        return new AlarmOutcome(kinds, found, wrong);
    }

    private static AlarmKind KindOf(Window alarm, IReadOnlyList<Window> windows, int next, int probation)
    {
        if (alarm.Last < probation)
        {
            return AlarmKind.Early;
        }

        return next < windows.Count && windows[next].First <= alarm.Last ? AlarmKind.Hit : AlarmKind.False;
    }
}
