// What an operator sees of a detector at a threshold: anomalies found, how late, and alarms that were none, per day of a stream.

using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Scoring;

/// <summary>Detections counted as events, of one file or summed over several.</summary>
/// <remarks>
/// Detected are rows with a score at or above the threshold; NaN never is. Detections with at most the given number of quiet rows
/// between them are one alarm. An alarm that begins in a window belongs to it, however long it lasts; every other one is false,
/// also if it lasts into a window. A detector that is always on finds every window with one false alarm: the share of normal time
/// in alarm tells of it.
/// </remarks>
/// <param name="Windows">Labelled windows with a row behind the probation.</param>
/// <param name="WindowsFound">Those with at least one detection.</param>
/// <param name="FalseAlarms">Alarms that begin outside every window.</param>
/// <param name="NormalSeconds">Time outside windows and probation: counted rows times the row's period.</param>
/// <param name="FalseAlarmSeconds">The part of it that was spent in alarm, those that began in a window included.</param>
/// <param name="DelayRows">Sum over the windows found of the rows from their beginning to the first detection.</param>
/// <param name="DelaySeconds">The same in seconds.</param>
internal sealed record EventScores(
    int Windows,
    int WindowsFound,
    int FalseAlarms,
    double NormalSeconds,
    double FalseAlarmSeconds,
    double DelayRows,
    double DelaySeconds)
{
    private const double SecondsPerDay = 86_400;

    /// <summary>Nothing counted yet.</summary>
    public static EventScores None { get; } = new(0, 0, 0, 0, 0, 0, 0);

    /// <summary>Share of the windows with at least one detection; NaN if there is no window.</summary>
    public double FoundShare => WindowsFound / (double)Windows;

    /// <summary>False alarms per day of normal stream; NaN if there is no normal time.</summary>
    public double FalseAlarmsPerDay => FalseAlarms / (NormalSeconds / SecondsPerDay);

    /// <summary>Share of the normal time spent in alarm; NaN if there is no normal time.</summary>
    public double FalseAlarmTimeShare => FalseAlarmSeconds / NormalSeconds;

    /// <summary>Mean rows from a window's beginning to its first detection; NaN if none was found.</summary>
    public double MeanDelayRows => DelayRows / WindowsFound;

    /// <summary>Mean time from a window's beginning to its first detection; NaN if none was found.</summary>
    public double MeanDelaySeconds => DelaySeconds / WindowsFound;

    /// <summary>Counts the events of one file.</summary>
    /// <param name="file">Timestamps, windows, probation and row period.</param>
    /// <param name="scores">A score for every row.</param>
    /// <param name="threshold">Detected are rows at or above it.</param>
    /// <param name="mergeGapRows">Quiet rows within an alarm, at most.</param>
    /// <exception cref="ArgumentException">Not as many scores as rows.</exception>
    public static EventScores Of(SuiteFile file, double[] scores, double threshold, int mergeGapRows)
    {
        if (scores.Length != file.UnixSeconds.Length)
        {
            throw new ArgumentException($"{file.Id}: {scores.Length} scores of {file.UnixSeconds.Length} rows", nameof(scores));
        }

        bool[] inWindow = new bool[scores.Length];
        EventScores events = None;
        foreach (Window window in file.Windows)
        {
            inWindow.AsSpan(window.First, window.Length).Fill(true);
            events += Of(window, file, scores, threshold);
        }

        return events + Outside(file, inWindow, Alarms(scores, threshold, mergeGapRows, file.Probation));
    }

    /// <summary>The alarms of a file: detections with at most <paramref name="mergeGapRows"/> quiet rows between them.</summary>
    public static IReadOnlyList<Window> Alarms(double[] scores, double threshold, int mergeGapRows, int probation)
    {
        List<Window> alarms = [];
        for (int i = probation; i < scores.Length; i++)
        {
            if (!(scores[i] >= threshold))
            {
                continue;
            }

            if (alarms.Count > 0 && i - alarms[^1].Last - 1 <= mergeGapRows)
            {
                alarms[^1] = alarms[^1] with { Last = i };
            }
            else
            {
                alarms.Add(new Window(i, i));
            }
        }

        return alarms;
    }

    /// <summary>The events of two files together.</summary>
    public static EventScores operator +(EventScores a, EventScores b) => new(
        a.Windows + b.Windows,
        a.WindowsFound + b.WindowsFound,
        a.FalseAlarms + b.FalseAlarms,
        a.NormalSeconds + b.NormalSeconds,
        a.FalseAlarmSeconds + b.FalseAlarmSeconds,
        a.DelayRows + b.DelayRows,
        a.DelaySeconds + b.DelaySeconds);

    private static EventScores Of(Window window, SuiteFile file, double[] scores, double threshold)
    {
        int first = Math.Max(window.First, file.Probation);
        if (first > window.Last)
        {
            return None;
        }

        int found = first;
        while (found <= window.Last && !(scores[found] >= threshold))
        {
            found++;
        }

        return found > window.Last
            ? None with { Windows = 1 }
            : None with
            {
                Windows = 1,
                WindowsFound = 1,
                DelayRows = found - first,
                DelaySeconds = file.UnixSeconds[found] - file.UnixSeconds[first],
            };
    }

    private static EventScores Outside(SuiteFile file, bool[] inWindow, IReadOnlyList<Window> alarms)
    {
        int normalRows = 0;
        for (int i = file.Probation; i < inWindow.Length; i++)
        {
            normalRows += inWindow[i] ? 0 : 1;
        }

        int falseAlarms = 0;
        int alarmedRows = 0;
        foreach (Window alarm in alarms)
        {
            falseAlarms += inWindow[alarm.First] ? 0 : 1;
            for (int i = alarm.First; i <= alarm.Last; i++)
            {
                alarmedRows += inWindow[i] ? 0 : 1;
            }
        }

        return None with
        {
            FalseAlarms = falseAlarms,
            NormalSeconds = normalRows * file.RowPeriodSeconds,
            FalseAlarmSeconds = alarmedRows * file.RowPeriodSeconds,
        };
    }
}
