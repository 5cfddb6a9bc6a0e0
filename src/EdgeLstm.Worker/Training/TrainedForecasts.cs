// How well a trained network forecasts: validation and test part beside all baselines, as every evaluation measures them.

using System.Globalization;
using EdgeLstm.Core.Models;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Forecasts;
using EdgeLstm.Worker.Evaluation.Suites;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Training;

/// <summary>Forecasts of a network that has just been trained, and what they are worth.</summary>
internal sealed class TrainedForecasts
{
    private readonly TrainStart _start;
    private readonly ForecastSeries _validation;
    private readonly BaselineOptions _baselines;

    /// <param name="request">What was asked for.</param>
    /// <param name="start">The problem and the network with its weights.</param>
    /// <param name="season">Rows of a season for the naive forecast; null: found in the training rows.</param>
    /// <param name="warnings">What the evaluation warns of is added here.</param>
    /// <param name="refit">Trains the same network on other rows of the problem.</param>
    public TrainedForecasts(
        TrainRequest request, TrainStart start, int? season, List<string> warnings, Func<ChronologicalSplit, TrainStart> refit)
    {
        _start = start;
        ForecastProblem problem = start.Problem;
        _baselines = new BaselineOptions(season, SkipsLabelled: !request.LearnsLabelled);
        _validation = Forecast(start, problem.Split.Validation);
        Groups = OutputGroup.Of(problem.Outputs, problem.Table.Channels);
        Validation = ForecasterResult.Compare(
            problem.Table, Groups, _validation, problem.Split.Training, problem.Split.Validation, _baselines);
        EvaluationRequest asked = new(
            request.Output, Path.GetFileName(request.Recording), problem.Table, problem.Table.Channels, problem.Outputs,
            problem.Split.Training, problem.Split.Test, Forecast(start, problem.Split.Test))
        {
            Baselines = _baselines,
            Validation = problem.Split.Validation,
        };
        Test = Evaluate(asked with { Folds = request.Folds, Refit = request.Folds > 1 ? Refitted : null }, warnings);

        ForecastSeries Refitted(RowRange training, RowRange measured)
        {
            // As many rows choose the weights as in the first training; measured rows see the whole fold and nothing behind it.
            int trainingEnd = training.End - problem.Split.Validation.Count;
            return Forecast(refit(ChronologicalSplit.At(problem.Table.Rows, trainingEnd, training.End)), measured);
        }
    }

    /// <summary>What is forecast.</summary>
    public IReadOnlyList<OutputGroup> Groups { get; }

    /// <summary>Scores of the validation part by group: the model, then the baselines.</summary>
    public IReadOnlyList<ForecasterResult> Validation { get; }

    /// <summary>The test part; null where none of its forecasts could be measured.</summary>
    public EvaluationReport? Test { get; }

    /// <summary>Residuals of an output in the validation part: value that came − forecast.</summary>
    public double[] Residuals(int output)
    {
        int g = 0;
        while (Groups[g].Point != output && !Groups[g].QuantileOutputs.Contains(output))
        {
            g++;
        }

        ForecastProblem problem = _start.Problem;
        int[] origins = ScoredRows.Of(
            problem.Table, Groups[g], problem.Split.Validation, _baselines.SkipsLabelled, _validation);
        return ForecastScoring.Residuals(problem.Table, Groups[g] with { Point = output }, _validation, origins);
    }

    /// <summary>MAE and RMSE of the test part for the manifest, of points and medians; persistence stands in where there is no
    /// season.</summary>
    public IReadOnlyList<ResultManifest> Results()
    {
        List<ResultManifest> results = [];
        for (int g = 0; g < Groups.Count && Test is not null; g++)
        {
            OutputManifest output = _start.Problem.Outputs[Groups[g].Point];
            ForecastScores model = Test.Forecasters[0].Scores[g];
            if (model.Count > 0 && output.Quantile is null or 0.5)
            {
                ForecastScores persistence = ScoresOf(Persistence.BaselineName, g)!;
                ForecastScores seasonal = ScoresOf(SeasonalNaive.BaselineName, g) is { Count: > 0 } found ? found : persistence;
                results.Add(new ResultManifest(
                    output.Name, output.Horizon, ErrorMetric.Mae, output.Unit, model.Mae, persistence.Mae, seasonal.Mae));
                results.Add(new ResultManifest(
                    output.Name, output.Horizon, ErrorMetric.Rmse, output.Unit, model.Rmse, persistence.Rmse, seasonal.Rmse));
            }
        }

        return results;
    }

    /// <summary>The evaluation of the test part with all that its page shows: learning curve, gates, hashes.</summary>
    /// <param name="model">The model that was written.</param>
    /// <param name="history">The training.</param>
    /// <param name="time">Tells the date.</param>
    /// <returns>Null where nothing was measured.</returns>
    public EvaluationReport? Page(Model model, TrainingHistory history, TimeProvider time)
    {
        if (Test is null)
        {
            return null;
        }

        List<string> notes = [];
        SeriesTable table = TimeEncoding.Append(Test.Request.Table, _start.Problem.Task.TimeFeatures);
        EvaluateModel.Remark(table, Test.Request.Measured, _baselines.SkipsLabelled, notes);
        return Test with
        {
            Request = Test.Request with
            {
                Model = model.Manifest.Name,
                ModelSha256 = model.Sha256,
                RecordingSha256 = model.Manifest.Provenance.Sha256,
                Date = time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                History = history,
                Gates = GateStatistics.Measure(model, table, Test.Request.Measured, notes),
                Notes = notes,
            },
        };
    }

    private static ForecastSeries Forecast(TrainStart trained, RowRange rows)
    {
        ForecastProblem problem = trained.Problem;
        float[] made = trained.Settings.IsWindowed
            ? problem.ForecastWindows(trained.Network, rows, trained.Settings.Steps)
            : problem.Forecast(trained.Network, rows, trained.Settings.Lead);
        return new ForecastSeries(rows, problem.Outputs.Count, made);
    }

    private static EvaluationReport? Evaluate(EvaluationRequest asked, List<string> warnings)
    {
        try
        {
            EvaluationReport report = ModelEvaluation.Evaluate(asked);
            foreach (EvaluationWarning warning in report.Warnings)
            {
                warnings.Add(warning.Text);
            }

            return report;
        }
        catch (Exception failure)
            when (asked.Folds > 1 && failure is OperationCanceledException or ArgumentException or CorpusException)
        {
            string reason = failure is OperationCanceledException ? "stopped before all of them were done" : failure.Message;
            warnings.Add($"without --folds: {reason}");
            return Evaluate(asked with { Folds = 1, Refit = null }, warnings);
        }
        catch (ArgumentException unmeasured)
        {
            // A model is a model even where its test part is all gaps.
            warnings.Add(unmeasured.Message);
            return null;
        }
    }

    private ForecastScores? ScoresOf(string forecaster, int group)
    {
        foreach (ForecasterResult result in Test!.Forecasters)
        {
            if (result.Name == forecaster)
            {
                return result.Scores[group];
            }
        }

        return null;
    }
}
