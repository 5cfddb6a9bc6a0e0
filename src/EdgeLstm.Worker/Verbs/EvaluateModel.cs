// edgelstm evaluate MODEL.safetensors RECORDING.csv: a model file over a recording, beside persistence, the seasonal naive
// forecast and a linear autoregression.

using System.Globalization;
using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Evaluation.Forecasts;
using EdgeLstm.Worker.Evaluation.Report;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Loads, runs, measures, writes what was asked for. Warnings do not change the exit code.</summary>
internal static class EvaluateModel
{
    /// <returns>The exit code.</returns>
    public static int Run(ModelWishes wishes)
    {
        try
        {
            EvaluationReport report = Evaluate(wishes);
            Write(wishes, report);
            return ExitCode.Done;
        }
        catch (Exception refused) when (refused is ModelFileException or CorpusException)
        {
            Console.Error.WriteLine(refused.Message);
            return ExitCode.InputRefused;
        }
        catch (ArgumentException refused)
        {
            Console.Error.WriteLine($"{wishes.Recording}: {refused.Message}");
            return ExitCode.InputRefused;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"evaluate: {failure.Message}");
            return ExitCode.Environment;
        }
    }

    /// <summary>Evaluates a model file.</summary>
    /// <exception cref="ModelFileException">The model is refused.</exception>
    /// <exception cref="CorpusException">The recording is refused.</exception>
    /// <exception cref="ArgumentException">Nothing can be measured.</exception>
    public static EvaluationReport Evaluate(ModelWishes wishes)
    {
        Model model = ModelFile.Load(wishes.Model);
        if (model.Manifest.Task != ModelTask.Forecast)
        {
            throw new ModelFileException(
                $"{model.Path}: its task is {model.Manifest.Task}; only forecasts can be compared with what came");
        }

        List<string> notes = [];
        Recording recording = Recording.Read(wishes.Recording);
        LabelledTime[]? labels = wishes.Labels is { } file ? WindowLabels.Read(file, wishes.Recording) : null;
        SeriesTable table = ModelTable.Make(recording, labels, model.Manifest, notes);
        (RowRange training, RowRange? validation, RowRange measured) = Split(wishes, table.Rows);
        Remark(table, measured, skipsLabelled: true, notes);
        string sha256 = ModelHash.OfFile(wishes.Recording);
        bool isSource = ModelHash.AreEqual(sha256, model.Manifest.Provenance.Sha256);
        if (isSource && wishes.NamesRows)
        {
            notes.Add("The model was made from this recording. Rows before the measured ones count as seen; whether it has seen "
                + $"rows from {measured.Begin} on its makers must say.");
        }

        return ModelEvaluation.Evaluate(
            new EvaluationRequest(
                model.Manifest.Name, Path.GetFileName(wishes.Recording), table, table.Channels, model.Manifest.Outputs, training,
                measured, ModelRun.Over(model, table))
            {
                ModelSha256 = model.Sha256,
                RecordingSha256 = sha256,
                Date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                Baselines = new BaselineOptions(wishes.Season),
                Folds = wishes.Folds,
                Validation = validation,
                Gates = GateStatistics.Measure(model, table, measured, notes),
                KnownWarnings = isSource && !wishes.NamesRows ? [Seen(measured)] : [],
                Notes = notes,
            });
    }

    /// <summary>Writes the page and the JSON that were asked for.</summary>
    /// <param name="report">The evaluation.</param>
    /// <param name="html">File of the page; null for none.</param>
    /// <param name="json">File of the JSON; null for none.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void WriteFiles(EvaluationReport report, string? html, string? json)
    {
        if (html is not null)
        {
            using FileStream page = File.Create(html);
            EvaluationPage.Write(page, report);
        }

        if (json is not null)
        {
            using FileStream output = File.Create(json);
            EvaluationJson.Write(output, report);
        }
    }

    /// <summary>Notes what is not measured.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="measured">The rows that are measured.</param>
    /// <param name="skipsLabelled">Whether labelled anomalies are not.</param>
    /// <param name="notes">Receives the sentences.</param>
    public static void Remark(SeriesTable table, RowRange measured, bool skipsLabelled, List<string> notes)
    {
        int labelled = 0;
        for (int row = measured.Begin; row < measured.End && table.Labelled is not null; row++)
        {
            labelled += table.Labelled[row] ? 1 : 0;
        }

        if (labelled > 0 && skipsLabelled)
        {
            notes.Add($"{InspectText.Count(labelled)} of the measured rows are labelled as anomalies: forecasts that begin in, "
                + "pass through or end in one are not measured.");
        }

        if (table.Stretches.Count > 1)
        {
            notes.Add($"The recording has {SpokenCounts.Counted(table.Stretches.Count - 1, "gap")}: behind each the model begins "
                + "anew, and its warm-up is not measured.");
        }
    }

    private static (RowRange Training, RowRange? Validation, RowRange Measured) Split(ModelWishes wishes, int rows)
    {
        int trainingEnd = wishes.From ?? (int)(rows * wishes.TrainingShare);
        int measuredBegin = wishes.From ?? (int)(rows * (wishes.TrainingShare + wishes.ValidationShare));
        if (trainingEnd < 1 || measuredBegin >= rows)
        {
            throw new CorpusException(
                $"{wishes.Recording}: has {rows} rows; baselines are to be fitted on {trainingEnd} and rows from {measuredBegin} "
                + "on measured: each needs rows");
        }

        RowRange? validation = measuredBegin > trainingEnd ? new RowRange(trainingEnd, measuredBegin) : null;
        return (new RowRange(0, trainingEnd), validation, new RowRange(measuredBegin, rows));
    }

    private static EvaluationWarning Seen(RowRange measured) => new(
        WarningKind.SeenRows, "recording", 0, 1, 0,
        "the model was made from this very recording: the rows measured here may be among those it learned from; name the first "
        + $"row it has not seen with --from (now {measured.Begin})");

    private static void Write(ModelWishes wishes, EvaluationReport report)
    {
        WriteFiles(report, wishes.Html, wishes.JsonFile);
        if (wishes.Json && wishes.JsonFile is null)
        {
            using Stream output = Console.OpenStandardOutput();
            EvaluationJson.Write(output, report);
        }
        else
        {
            EvaluationText.Write(Console.Out, report);
        }
    }
}
