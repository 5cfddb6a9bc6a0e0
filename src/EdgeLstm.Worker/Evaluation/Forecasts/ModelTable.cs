// A CSV recording as a model reads it:  columns by the names of its inputs, stretches without gaps, labels.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Makes the table of a model's inputs, in the model's order.</summary>
/// <remarks>A column is found by the input's name, in any case. Where none has such a name and there are as many columns as
/// inputs, they are taken in their order, and a note says so. Features of time are computed from the times where no column has
/// them.</remarks>
internal static class ModelTable
{
    private const double PeriodTolerance = 0.1;

    /// <summary>Makes the table.</summary>
    /// <param name="recording">The recording, with its labels.</param>
    /// <param name="labels">Labelled times; null: those of a column anomaly, if there is one.</param>
    /// <param name="manifest">The model.</param>
    /// <param name="notes">Receives what a reader must know.</param>
    /// <exception cref="CorpusException">A column is missing, or the rows are not a sample period apart.</exception>
    public static SeriesTable Make(Recording recording, LabelledTime[]? labels, ModelManifest manifest, List<string> notes)
    {
        bool[]? labelled = RecordingRows.Labelled(recording, labels);
        Recording values = RecordingRows.WithoutLabels(recording);
        bool hasTimes = RecordingRows.HasTimes(values);
        int[] columns = Columns(values, manifest, hasTimes, notes);
        if (hasTimes)
        {
            RequirePeriod(values, manifest.SamplePeriodMs);
        }

        string[] names = new string[columns.Length];
        string[] units = new string[columns.Length];
        for (int k = 0; k < columns.Length; k++)
        {
            (names[k], units[k]) = (manifest.Inputs[k].Name, manifest.Inputs[k].Unit);
        }

        return new SeriesTable(
            names, units, manifest.SamplePeriodMs, Values(values, columns, manifest), hasTimes ? values.UnixSeconds : null,
            labelled, RecordingRows.Stretches(values, manifest.SamplePeriodMs).Ranges);
    }

    private static int[] Columns(Recording recording, ModelManifest manifest, bool hasTimes, List<string> notes)
    {
        int[] columns = new int[manifest.Inputs.Count];
        (int found, int features, string missing) = (0, 0, "");
        for (int k = 0; k < columns.Length; k++)
        {
            string name = manifest.Inputs[k].Name;
            columns[k] = recording.IndexOf(name);
            if (columns[k] >= 0)
            {
                found++;
            }
            else if (hasTimes && ClockInput.Find(name) is not null)
            {
                columns[k] = RecordingRows.NoColumn;
                features++;
            }
            else
            {
                missing = missing.Length == 0 ? name : missing;
            }
        }

        if (missing.Length == 0)
        {
            return columns;
        }

        if (found > 0 || recording.Columns.Length != columns.Length - features)
        {
            throw new CorpusException($"{recording.Path}: has no column '{missing}', which {manifest.Name} reads; it has "
                + string.Join(", ", recording.Columns));
        }

        int next = 0;
        for (int k = 0; k < columns.Length; k++)
        {
            bool isFeature = hasTimes && ClockInput.Find(manifest.Inputs[k].Name) is not null;
            columns[k] = isFeature ? RecordingRows.NoColumn : next++;
        }

        string names = string.Join(", ", recording.Columns);
        notes.Add($"Columns were taken in their order, as none has the name of an input: {names}.");
        return columns;
    }

    private static void RequirePeriod(Recording recording, double samplePeriodMs)
    {
        double periodMs = recording.PeriodSeconds(recording.Rows.Length) * 1000;
        if (Math.Abs(periodMs - samplePeriodMs) > PeriodTolerance * samplePeriodMs)
        {
            throw new CorpusException(FormattableString.Invariant(
                $"{recording.Path}: its rows are {periodMs:G6} ms apart; the model was trained at {samplePeriodMs:G6} ms. ")
                + "Resample the recording to that period.");
        }
    }

    private static float[] Values(Recording recording, int[] columns, ModelManifest manifest)
    {
        float[] values = RecordingRows.Values(recording, columns);
        for (int k = 0; k < columns.Length; k++)
        {
            if (columns[k] == RecordingRows.NoColumn)
            {
                TimeEncoding.Write(manifest.Inputs[k].Name, recording.UnixSeconds, values, columns.Length, k);
            }
        }

        return values;
    }
}
