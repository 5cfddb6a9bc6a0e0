// What is said when a training begins, and what came of it.

using EdgeLstm.Core.Models;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Worker.Training;

/// <summary>A training that is about to begin.</summary>
/// <param name="Problem">The recording made ready.</param>
/// <param name="Settings">How it is trained.</param>
/// <param name="Network">The network; receives the weights.</param>
/// <param name="MemoryBytes">Memory of rows, activations, gradients and moments.</param>
/// <param name="Warnings">What was noticed.</param>
internal sealed record TrainStart(
    ForecastProblem Problem,
    TrainingSettings Settings,
    TrainingNetwork<float> Network,
    long MemoryBytes,
    IReadOnlyList<string> Warnings);

/// <summary>A training that is done, its model written.</summary>
/// <param name="Start">What it began with.</param>
/// <param name="History">What happened.</param>
/// <param name="Seconds">How long the training took.</param>
/// <param name="Forecasts">Forecasts of the validation and the test part, beside all baselines.</param>
/// <param name="Page">The evaluation as its page shows it; null where none was asked for, or nothing could be measured.</param>
/// <param name="Model">The model as it was loaded before it was written.</param>
/// <param name="Warnings">What was noticed on the way.</param>
internal sealed record TrainReport(
    TrainStart Start,
    TrainingHistory History,
    double Seconds,
    TrainedForecasts Forecasts,
    EvaluationReport? Page,
    Model Model,
    IReadOnlyList<string> Warnings);
