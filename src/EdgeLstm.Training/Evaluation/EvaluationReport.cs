// An evaluation as a whole: what was asked, and everything that its page and its JSON show.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>Forecasts to be evaluated, and what is known about them.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Recording">Name of the recording.</param>
/// <param name="Table">The recording.</param>
/// <param name="Inputs">Channels of the table that the model reads.</param>
/// <param name="Outputs">The model's outputs.</param>
/// <param name="Training">Rows the baselines are fitted on; for a model trained on this recording its training part.</param>
/// <param name="Measured">Rows that are measured, all behind the training rows.</param>
/// <param name="Forecasts">The model's forecasts; those of the measured rows at least.</param>
public sealed record EvaluationRequest(
    string Model,
    string Recording,
    SeriesTable Table,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<OutputManifest> Outputs,
    RowRange Training,
    RowRange Measured,
    ForecastSeries Forecasts)
{
    /// <summary>SHA-256 of the model's file; null where it has none.</summary>
    public string? ModelSha256 { get; init; }

    /// <summary>SHA-256 of the recording; null where it is not known.</summary>
    public string? RecordingSha256 { get; init; }

    /// <summary>The day, as yyyy-MM-dd; empty where it should not show.</summary>
    public string Date { get; init; } = "";

    /// <summary>How baselines are made.</summary>
    public BaselineOptions Baselines { get; init; } = new();

    /// <summary>Folds of the measured rows; 1 for none.</summary>
    public int Folds { get; init; } = 1;

    /// <summary>Trains and forecasts a fold; null: the weights stay, and the folds only cut <see cref="Forecasts"/>.</summary>
    public FoldForecaster? Refit { get; init; }

    /// <summary>Validation rows, whose inputs are held against the training rows too; none where null.</summary>
    public RowRange? Validation { get; init; }

    /// <summary>The training; null where it is not known.</summary>
    public TrainingHistory? History { get; init; }

    /// <summary>What the gates did over the measured rows; empty where it is not known.</summary>
    public IReadOnlyList<GateActivity> Gates { get; init; } = [];

    /// <summary>Sentences that a reader must know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Warnings that are known beforehand.</summary>
    public IReadOnlyList<EvaluationWarning> KnownWarnings { get; init; } = [];
}

/// <summary>How far an input has moved.</summary>
/// <param name="Input">The channel.</param>
/// <param name="Part">"validation" or "measured".</param>
/// <param name="Index">Population stability index against the training rows; NaN where a part has no values.</param>
public sealed record InputShift(string Input, string Part, double Index);

/// <summary>Everything that came of an evaluation; see <see cref="ModelEvaluation"/>.</summary>
/// <param name="Request">What was evaluated.</param>
/// <param name="Groups">What is forecast: a target at a horizon each.</param>
/// <param name="Seasons">Rows of the season of each group; 0 where none was found.</param>
/// <param name="Forecasters">The model first, then the baselines; scores by group.</param>
/// <param name="Residuals">Value − point forecast of the model, by group, in order of time.</param>
/// <param name="Folds">Walk-forward folds; empty where one fold was asked for.</param>
/// <param name="Shifts">How far each input has moved.</param>
/// <param name="Warnings">What should not be overlooked.</param>
public sealed record EvaluationReport(
    EvaluationRequest Request,
    IReadOnlyList<OutputGroup> Groups,
    IReadOnlyList<int> Seasons,
    IReadOnlyList<ForecasterResult> Forecasters,
    IReadOnlyList<double[]> Residuals,
    IReadOnlyList<FoldResult> Folds,
    IReadOnlyList<InputShift> Shifts,
    IReadOnlyList<EvaluationWarning> Warnings);
