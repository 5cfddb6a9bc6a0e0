// A CSV recording as training sees it: chosen columns, labels apart, stretches between gaps.

using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Json;
using EdgeLstm.Import.Assembly;
using EdgeLstm.Training.Data;
using EdgeLstm.Worker.Evaluation.Suites;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Training;

/// <summary>Reads a recording and its labels, and says what it noticed.</summary>
internal static class TrainingTable
{
    /// <summary>Rows of a recording at least: golden vectors are made of real ones.</summary>
    public const int MinRows = 64;

    private const double DefaultPeriodMs = 1000;
    private const double MostBackSeconds = 86_400;

    /// <summary>Reads it.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="labels">Its labels; null: its column 'anomaly', if it has one.</param>
    /// <param name="inputs">Columns to keep, by name in any case; null: all that change in the training rows.</param>
    /// <param name="units">Unit by column; under "" that of all others.</param>
    /// <param name="periodMs">Time between rows; null: as the recording says.</param>
    /// <param name="cut">Where the parts are.</param>
    /// <param name="warnings">What was noticed is added here.</param>
    /// <exception cref="CorpusException">A file cannot be read, or the recording is not what training needs.</exception>
    public static SeriesTable Read(
        string path,
        string? labels,
        IReadOnlyList<string>? inputs,
        IReadOnlyDictionary<string, string> units,
        double? periodMs,
        Func<int, ChronologicalSplit> cut,
        List<string> warnings)
    {
        Recording recording = Recording.Read(path);
        int rows = recording.Rows.Length;
        if (rows < MinRows)
        {
            throw new CorpusException($"{path}: has {rows} rows; expected at least {MinRows}");
        }

        bool[]? labelled = RecordingRows.Labelled(recording, labels is null ? null : WindowLabels.Read(labels, path));
        recording = RecordingRows.WithoutLabels(recording);
        string[] names = recording.Columns.ToArray(Clean);
        int[] columns = inputs is null
            ? ChangingColumns(recording, names, cut(rows).Training, warnings)
            : inputs.ToArray(name => IndexOf(path, names, name));
        foreach (string named in units.Keys)
        {
            _ = named.Length == 0 ? 0 : IndexOf(path, names, named);
        }

        bool hasTimes = RecordingRows.HasTimes(recording);
        double period = FindPeriod(recording, hasTimes, periodMs, warnings);
        return new SeriesTable(
            columns.ToArray(column => names[column]), columns.ToArray(column => UnitOf(units, names[column])), period,
            RecordingRows.Values(recording, columns), hasTimes ? recording.UnixSeconds : null, labelled,
            Stretches(recording, period, warnings));
    }

    /// <summary>The channel that a person means, in any case.</summary>
    /// <exception cref="CorpusException">There is none of that name.</exception>
    public static int IndexOf(string path, IReadOnlyList<string> channels, string name)
    {
        for (int k = 0; k < channels.Count; k++)
        {
            if (channels[k].Equals(Clean(name), StringComparison.OrdinalIgnoreCase))
            {
                return k;
            }
        }

        throw new CorpusException($"{path}: has no column '{name}'{NearestName.DidYouMean(name, channels)}");
    }

    private static string Clean(string name) => ChannelNames.Clean(name) ?? "value";

    private static string UnitOf(IReadOnlyDictionary<string, string> units, string name) =>
        units.TryGetValue(name, out string? unit) || units.TryGetValue("", out unit) ? unit : "1";

    private static int[] ChangingColumns(Recording recording, string[] names, RowRange training, List<string> warnings)
    {
        List<int> columns = [];
        for (int column = 0; column < names.Length; column++)
        {
            (float minimum, float maximum) = (float.PositiveInfinity, float.NegativeInfinity);
            for (int row = training.Begin; row < training.End; row++)
            {
                float value = recording.Rows[row][column];
                if (float.IsFinite(value))
                {
                    (minimum, maximum) = (Math.Min(minimum, value), Math.Max(maximum, value));
                }
            }

            if (minimum < maximum)
            {
                columns.Add(column);
            }
            else
            {
                warnings.Add($"column '{names[column]}' never changes in the training rows: it is left out");
            }
        }

        return columns.Count > 0
            ? [.. columns]
            : throw new CorpusException($"{recording.Path}: no column changes in the {training.Count} training rows"
                + (names.Length == 0 ? ": it has none beside its labels" : $": {string.Join(", ", names)}"));
    }

    private static double FindPeriod(Recording recording, bool hasTimes, double? given, List<string> warnings)
    {
        if (!hasTimes)
        {
            if (given is null)
            {
                warnings.Add("the recording has no times: rows are taken to be 1 s apart; --period says otherwise");
            }

            return given ?? DefaultPeriodMs;
        }

        // Seconds since 1970 in double precision are exact to less than a microsecond.
        double found = Math.Round(recording.PeriodSeconds(recording.Rows.Length) * 1000, 3);
        return given is not { } period || (period < found * RecordingRows.GapPeriods && period > found / RecordingRows.GapPeriods)
            ? given ?? found
            : throw new CorpusException(FormattableString.Invariant(
                $"{recording.Path}: rows are {found} ms apart, --period says {period} ms"));
    }

    private static RowRange[] Stretches(Recording recording, double periodMs, List<string> warnings)
    {
        RowStretches stretches = RecordingRows.Stretches(recording, periodMs);
        double[] times = recording.UnixSeconds;
        for (int row = 1; row < times.Length; row++)
        {
            double step = times[row] - times[row - 1];
            if (step < -MostBackSeconds || (step < 0 && stretches.StepsBack > Math.Max(2, times.Length / 100)))
            {
                throw new CorpusException($"{recording.Path}, row {row + 1}: its time {Timestamp.Text(times[row])} is before "
                    + $"{Timestamp.Text(times[row - 1])} of the row before; expected rows in the order of time");
            }
        }

        Warn(stretches, periodMs, warnings);
        return stretches.Ranges;
    }

    private static void Warn(RowStretches stretches, double periodMs, List<string> warnings)
    {
        if (stretches.Gaps > 0)
        {
            warnings.Add($"the rows are more than {RecordingRows.GapPeriods.ToString(CultureInfo.InvariantCulture)} periods of "
                + $"{InspectText.Duration(periodMs)} apart {Times(stretches.Gaps)}: nothing is learned across such a gap");
        }

        if (stretches.StepsBack > 0)
        {
            warnings.Add($"the recording's clock steps back {Times(stretches.StepsBack)}: taken as a gap");
        }

        if (stretches.Stands > 0)
        {
            warnings.Add($"the recording's clock stands still {Times(stretches.Stands)}: taken as a gap");
        }
    }

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";
}
