// The whole way of a training: recording → problem → epochs → errors and calibration → model file.

using System.Diagnostics;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Assembly;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Training;

/// <summary>Trains a model on a recording.</summary>
/// <param name="request">What is asked for.</param>
/// <param name="time">Tells the date.</param>
internal sealed class TrainRun(TrainRequest request, TimeProvider time)
{
    private const string TryLowerRate = "a lower --learning-rate or --clip may help";

    private readonly List<string> _warnings = [];

    /// <summary>Trains and writes the model. Where anything is refused, nothing is written.</summary>
    /// <param name="started">Called before the first epoch.</param>
    /// <param name="progress">Called after every epoch.</param>
    /// <param name="stop">Ends the training after the chunk in hand; the best model so far is written.</param>
    /// <param name="refitting">Called before the training of each fold, if there are several.</param>
    /// <exception cref="CorpusException">The recording is not what the task needs.</exception>
    /// <exception cref="ModelFileException">The model cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Stopped before there was a model.</exception>
    public TrainReport Run(
        Action<TrainStart> started, Action<EpochReport> progress, CancellationToken stop, Action<TrainStart>? refitting = null)
    {
        RequireWritable();
        ForecastProblem problem = MakeProblem();
        stop.ThrowIfCancellationRequested();
        TrainingSettings settings = request.Training.Settings(problem.Split.Training.Count);
        TrainingNetwork<float> network = CreateNetwork(problem);
        ModelAssembly assembly = new(problem, settings, network);
        ModelManifest manifest = assembly.Describe(request, ModelHash.OfFile(request.Recording), time);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Trainer trainer = CreateTrainer(problem, settings, network);
        long memory = GC.GetAllocatedBytesForCurrentThread() - before + BytesOf(problem);
        TrainStart start = new(problem, settings, network, memory, [.. _warnings]);
        _warnings.Clear();
        started(start);

        long began = Stopwatch.GetTimestamp();
        TrainingHistory history = trainer.Fit(progress, stop);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        RequireWeights(history);
        return Finish(start, history, seconds, assembly, manifest, Refit);

        TrainStart Refit(ChronologicalSplit split)
        {
            stop.ThrowIfCancellationRequested();
            ForecastProblem rows = OrRefuse(() => ForecastProblem.Create(problem.Table, problem.Task, split));
            TrainStart fold = new(rows, settings, CreateNetwork(rows), memory, []);
            refitting?.Invoke(fold);
            TrainingHistory fitted = CreateTrainer(rows, settings, fold.Network).Fit(progress, stop);
            stop.ThrowIfCancellationRequested();
            return fitted.BestEpoch > 0 ? fold : throw new CorpusException(
                $"{request.Recording}: the loss of a fold was no finite number in the first epoch; {TryLowerRate}");
        }
    }

    private TrainingNetwork<float> CreateNetwork(ForecastProblem problem)
    {
        TrainingNetwork<float> network = request.Network.Create(problem.Inputs.Count, problem.Outputs.Count);
        network.Initialise(request.Training.Seed);
        return network;
    }

    private Trainer CreateTrainer(ForecastProblem problem, TrainingSettings settings, TrainingNetwork<float> network) =>
        OrRefuse(() => new Trainer(
            network, problem.Losses(request.Loss, request.HuberDelta), problem.Examples, problem.Split.Training,
            problem.Split.Validation, settings));

    // Better now than after the training.
    private void RequireWritable()
    {
        List<string> named = [Path.GetFullPath(request.Recording)];
        foreach (string? file in (string?[])[request.Output, request.Html, request.Report])
        {
            if (file is not null)
            {
                int same = named.IndexOf(Path.GetFullPath(file));
                RequireWritable(file, same == 0 ? "is the recording" : same > 0 ? "is named twice" : null);
                named.Add(Path.GetFullPath(file));
            }
        }
    }

    private static void RequireWritable(string file, string? problem)
    {
        if (problem is not null)
        {
            throw ModelFileException.In(file, $"{problem}; write to another file");
        }

        try
        {
            string probe = file + ".unfinished";
            File.Create(probe).Dispose();
            File.Delete(probe);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw ModelFileException.In(file, $"cannot be written: {fault.Message}", fault);
        }
    }

    private ForecastProblem MakeProblem()
    {
        SeriesTable table = OrRefuse(() => TrainingTable.Read(
            request.Recording, request.Labels, request.Inputs, request.Units, request.PeriodMs, request.Split.Cut, _warnings));
        string[] targets = request.Targets is null
            ? [.. table.Channels]
            : request.Targets.ToArray(name => table.Channels[TrainingTable.IndexOf(request.Recording, table.Channels, name)]);
        ForecastTask task = new(
            table.Channels, targets, request.Horizons.ToArray(horizon => Samples(horizon, table.SamplePeriodMs)),
            request.Quantiles, request.IsRelative, request.TimeFeatures, request.LearnsLabelled);
        return OrRefuse(() => ForecastProblem.Create(table, task, request.Split.Cut(table.Rows)));
    }

    private int Samples(Horizon horizon, double periodMs) => horizon.InSamples(periodMs) ?? throw new CorpusException(
        FormattableString.Invariant(
            $"{request.Recording}: '{horizon.Text}' is no whole number of sample periods of {periodMs} ms"));

    private T OrRefuse<T>(Func<T> made)
        where T : class
    {
        try
        {
            return made();
        }
        catch (ArgumentException refused)
        {
            throw new CorpusException($"{request.Recording}: {refused.Message}");
        }
    }

    private static long BytesOf(ForecastProblem problem) => sizeof(float) * (long)(problem.Table.Values.Length
        + problem.Examples.Inputs.Length + problem.Examples.Targets.Length + problem.Examples.Weights.Length);

    private void RequireWeights(TrainingHistory history)
    {
        if (history.BestEpoch == 0)
        {
            throw history.Reason == StopReason.Cancelled
                ? new OperationCanceledException()
                : new CorpusException(
                    $"{request.Recording}: the loss was no finite number in the first epoch; {TryLowerRate}");
        }

        if (history.Reason == StopReason.Diverged)
        {
            _warnings.Add($"the training diverged after epoch {history.Epochs.Count}: the weights of epoch "
                + $"{history.BestEpoch} are kept; a lower --learning-rate may help");
        }
    }

    private TrainReport Finish(
        TrainStart start, TrainingHistory history, double seconds, ModelAssembly assembly, ModelManifest manifest,
        Func<ChronologicalSplit, TrainStart> refit)
    {
        int? season = request.Season is { } given ? Samples(given, start.Problem.Table.SamplePeriodMs) : null;
        TrainedForecasts forecasts = new(request, start, season, _warnings, refit);
        ResidualManifest?[] residuals = ArrayProjection.Of(
            start.Problem.Outputs.Count, output => ResidualCalibration.Of(forecasts.Residuals(output)));
        if (Array.Exists(residuals, residual => residual is null))
        {
            _warnings.Add("the validation part has too few forecasts to calibrate the residuals of every output");
        }

        Model model = assembly.Save(request.Output, manifest, residuals, forecasts.Results());
        bool hasPage = request.Html is not null || request.Report is not null;
        return new TrainReport(
            start, history, seconds, forecasts, hasPage ? forecasts.Page(model, history, time) : null, model, [.. _warnings]);
    }
}
