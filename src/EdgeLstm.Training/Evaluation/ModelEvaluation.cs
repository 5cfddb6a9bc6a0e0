// An evaluation:  forecasts → scores beside all baselines → folds → warnings.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>Evaluates forecasts, whether of a model file or of a network that has just been trained.</summary>
public static class ModelEvaluation
{
    /// <summary>Evaluates.</summary>
    /// <exception cref="ArgumentException">Rows do not fit, an output foretells no channel, or nothing can be measured; the
    /// message says which.</exception>
    public static EvaluationReport Evaluate(EvaluationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request);
        IReadOnlyList<OutputGroup> groups = OutputGroup.Of(request.Outputs, request.Table.Channels);
        IReadOnlyList<ForecasterResult> forecasters = ForecasterResult.Compare(
            request.Table, groups, request.Forecasts, request.Training, request.Measured, request.Baselines);
        IReadOnlyList<InputShift> shifts = Shifts(request);
        EvaluationReport report = new(
            request, groups,
            ForecasterResult.Seasons(request.Table, groups, request.Training, request.Baselines),
            forecasters, Residuals(request, groups), Folds(request, groups), shifts, []);
        RequireMeasured(report);
        return report with { Warnings = Warnings(report) };
    }

    /// <summary>The rows at which the model's forecasts of a group were measured.</summary>
    public static int[] OriginsOf(EvaluationRequest request, OutputGroup group)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ScoredRows.Of(request.Table, group, request.Measured, request.Baselines.SkipsLabelled, request.Forecasts);
    }

    private static void Require(EvaluationRequest request)
    {
        (RowRange training, RowRange measured) = (request.Training, request.Measured);
        if (training.Begin < 0 || training.Count < 1 || measured.Begin < training.End || measured.Count < 1
            || measured.End > request.Table.Rows)
        {
            throw new ArgumentException(
                $"baselines are fitted on rows {training.Begin} to {training.End} and rows {measured.Begin} to {measured.End} of "
                + $"{request.Table.Rows} are measured; each needs rows, the measured ones behind the others");
        }

        if (request.Forecasts.OutputCount != request.Outputs.Count)
        {
            throw new ArgumentException(
                $"the forecasts have {request.Forecasts.OutputCount} outputs; expected {request.Outputs.Count}");
        }
    }

    private static void RequireMeasured(EvaluationReport report)
    {
        foreach (ForecastScores scores in report.Forecasters[0].Scores)
        {
            if (scores.Count > 0)
            {
                return;
            }
        }

        throw new ArgumentException(
            $"no forecast of rows {report.Request.Measured.Begin} to {report.Request.Measured.End} could be measured: too few "
            + "measured rows without a gap or a label for the model's warm-up and its horizons");
    }

    private static double[][] Residuals(EvaluationRequest request, IReadOnlyList<OutputGroup> groups)
    {
        double[][] residuals = new double[groups.Count][];
        for (int g = 0; g < residuals.Length; g++)
        {
            residuals[g] = ForecastScoring.Residuals(
                request.Table, groups[g], request.Forecasts, OriginsOf(request, groups[g]));
        }

        return residuals;
    }

    private static IReadOnlyList<FoldResult> Folds(EvaluationRequest request, IReadOnlyList<OutputGroup> groups) =>
        request.Folds <= 1
            ? []
            : WalkForward.Evaluate(
                request.Table, groups, request.Training, request.Measured, request.Folds, request.Refit is not null,
                request.Refit ?? ((_, _) => request.Forecasts), request.Baselines);

    private static List<InputShift> Shifts(EvaluationRequest request)
    {
        List<InputShift> shifts = [];
        for (int channel = 0; channel < request.Table.Channels.Count; channel++)
        {
            string name = request.Table.Channels[channel];
            if (!request.Inputs.Contains(name))
            {
                continue;
            }

            if (request.Validation is { } validation)
            {
                shifts.Add(new InputShift(
                    name, "validation", PopulationStability.Measure(request.Table, channel, request.Training, validation)));
            }

            shifts.Add(new InputShift(
                name, "measured", PopulationStability.Measure(request.Table, channel, request.Training, request.Measured)));
        }

        return shifts;
    }

    private static List<EvaluationWarning> Warnings(EvaluationReport report)
    {
        List<EvaluationWarning> warnings = [.. report.Request.KnownWarnings];
        void Add(EvaluationWarning? warning)
        {
            if (warning is not null)
            {
                warnings.Add(warning);
            }
        }

        for (int g = 0; g < report.Groups.Count; g++)
        {
            OutputGroup group = report.Groups[g];
            warnings.AddRange(ForecastWarnings.Collapses(
                report.Request.Table, group, report.Request.Forecasts, OriginsOf(report.Request, group)));
            for (int b = 1; b < report.Forecasters.Count; b++)
            {
                ForecasterResult baseline = report.Forecasters[b];
                Add(ForecastWarnings.Loss(group, report.Forecasters[0].Scores[g], baseline.Name, baseline.Scores[g]));
            }
        }

        foreach (InputShift shift in report.Shifts)
        {
            Add(ForecastWarnings.Shift(shift));
        }

        return warnings;
    }
}
