// What is to be trained, on what, and whereto; what is left open is decided when the recording is known.

using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Assembly;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;
using EdgeLstm.Training.Optimisation;

namespace EdgeLstm.Worker.Training;

/// <summary>A training as a person asks for it.</summary>
/// <param name="Recording">The CSV recording.</param>
/// <param name="Output">The model file to write; one that is there is replaced in one step.</param>
/// <param name="Labels">Labels of the recording; null: its column 'anomaly', if it has one.</param>
/// <param name="Inputs">Columns to read; null: all that change.</param>
/// <param name="Targets">Columns to forecast; null: all inputs.</param>
/// <param name="Horizons">How far ahead.</param>
/// <param name="Quantiles">Quantiles of each forecast; empty: the expected value.</param>
/// <param name="Split">Where the parts end.</param>
/// <param name="Network">Cell, layers, units, head.</param>
/// <param name="Loss">The loss where there are no quantiles.</param>
/// <param name="HuberDelta">δ of Huber, in standard deviations of the target.</param>
/// <param name="IsRelative">Whether changes are forecast instead of values.</param>
/// <param name="TimeFeatures">Features of time among the inputs.</param>
/// <param name="LearnsLabelled">Whether labelled anomalies are learned from.</param>
/// <param name="Training">Lanes, epochs and so on.</param>
/// <param name="Name">Name of the model; null: that of its file.</param>
/// <param name="Units">Unit by column; under "" that of all others.</param>
/// <param name="PeriodMs">Time between rows; null: as the recording says.</param>
/// <param name="Season">Period of the seasonal naive forecast; null: found in the training rows.</param>
/// <param name="Version">Version of this program, for the provenance.</param>
/// <param name="Html">File of a page about the test part; null for none.</param>
/// <param name="Report">File of the same as JSON; null for none.</param>
/// <param name="Folds">Folds of the test part, each forecast by a network trained on all rows before it; 1 for none.</param>
internal sealed record TrainRequest(
    string Recording,
    string Output,
    string? Labels,
    IReadOnlyList<string>? Inputs,
    IReadOnlyList<string>? Targets,
    IReadOnlyList<Horizon> Horizons,
    IReadOnlyList<double> Quantiles,
    SplitChoice Split,
    NetworkPlan Network,
    LossKind Loss,
    double HuberDelta,
    bool IsRelative,
    TimeFeatures TimeFeatures,
    bool LearnsLabelled,
    TrainingChoices Training,
    string? Name,
    IReadOnlyDictionary<string, string> Units,
    double? PeriodMs,
    Horizon? Season,
    string Version = "0.0.0",
    string? Html = null,
    string? Report = null,
    int Folds = 1)
{
    private const int MostFolds = 100;

    /// <summary>Every rule that is broken whatever the recording is, by the option that breaks it.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        foreach (string problem in (IEnumerable<string>)[.. Network.FindProblems(), .. Training.Settings(1).FindProblems()])
        {
            int colon = problem.IndexOf(':', StringComparison.Ordinal);
            problems.Add($"{OptionOf(problem[..colon])}{problem[(colon + 1)..]}");
        }

        if (Training.Window is { } window and (< SlidingWindow.MinLength or > SlidingWindow.MaxLength))
        {
            problems.Add($"--window must be {SlidingWindow.MinLength} to {SlidingWindow.MaxLength}; got {window}");
        }

        if (Folds is < 1 or > MostFolds)
        {
            problems.Add($"--folds must be 1 to {MostFolds}; got {Folds}");
        }

        if (!(HuberDelta > 0))
        {
            problems.Add(FormattableString.Invariant($"--huber-delta must be above 0; got {HuberDelta}"));
        }

        return problems;
    }

    private string OptionOf(string name) => name switch
    {
        nameof(NetworkPlan.HiddenSize) => "--hidden",
        nameof(NetworkPlan.HeadSizes) => "--head",
        nameof(NetworkPlan.MemoryRows) => "--memory",
        nameof(TrainingSettings.Steps) => Training.Window is null ? "--steps" : "--window",
        nameof(TrainingSettings.WindowStride) => "--stride",
        nameof(TrainingSettings.MaxEpochs) => "--epochs",
        nameof(TrainingSettings.WeightAverage) => "--average",
        nameof(TrainingSettings.LevelShift) => "--level-shift",
        nameof(OptimiserSettings.LearningRate) => "--learning-rate",
        nameof(OptimiserSettings.WarmUpUpdates) => "--warm-up-updates",
        nameof(OptimiserSettings.ClipNorm) => "--clip",
        nameof(OptimiserSettings.WeightDecay) => "--weight-decay",
        _ => $"--{name.ToLowerInvariant()}",
    };
}

/// <summary>Where training and validation end: shares of the rows, or row numbers.</summary>
/// <param name="First">Share of the training part, or the row before which it ends.</param>
/// <param name="Second">Share of the validation part, or the row before which it ends.</param>
/// <param name="IsRows">Whether these are row numbers.</param>
internal sealed record SplitChoice(double First, double Second, bool IsRows)
{
    /// <summary>70 %, 15 % and the rest.</summary>
    public static SplitChoice Default { get; } = new(0.7, 0.15, IsRows: false);

    /// <summary>Cuts a recording.</summary>
    /// <exception cref="ArgumentException">A part would be empty.</exception>
    public ChronologicalSplit Cut(int rows) => IsRows
        ? ChronologicalSplit.At(rows, (int)First, (int)Second)
        : ChronologicalSplit.ByShares(rows, First, Second);
}

/// <summary>How it is trained; null is decided by the number of rows.</summary>
/// <param name="Window">Rows of a window; null: the state is carried on.</param>
/// <param name="Lanes">Sequences side by side.</param>
/// <param name="Steps">Rows of a chunk; not looked at with a window.</param>
/// <param name="Lead">Rows that only warm the state up; of a window: null for many to one.</param>
/// <param name="Stride">Rows from one window to the next.</param>
/// <param name="Epochs">Passes over the training rows at most.</param>
/// <param name="Patience">Epochs without a lower validation loss.</param>
/// <param name="Average">Moving average of the weights.</param>
/// <param name="LevelShift">Random levels.</param>
/// <param name="Seed">The same seed gives the same weights.</param>
/// <param name="Threads">Threads; null: as many as there are cores.</param>
/// <param name="Optimiser">How parameters follow their gradients.</param>
internal sealed record TrainingChoices(
    int? Window,
    int? Lanes,
    int? Steps,
    int? Lead,
    int? Stride,
    int? Epochs,
    int? Patience,
    double Average,
    double LevelShift,
    long Seed,
    int? Threads,
    OptimiserSettings Optimiser)
{
    private const int DefaultLead = 64;

    // Epochs of a short recording have few updates: more of them then.
    private const int WantedUpdates = 5000;
    private const int LeastEpochs = 300;
    private const int MostEpochs = 2000;
    private const int EpochsOfPatience = 15;

    // Lanes share an update: many of them leave few updates to an epoch. Vectors hold 16.
    private const int NarrowLanes = 16;
    private const int WideLanes = 32;
    private const int RowsForWideLanes = 50_000;

    // A lane of a short recording is cut more often, for the same reason.
    private const int LeastSteps = 16;
    private const int MostSteps = 48;

    /// <summary>The settings for so many training rows.</summary>
    public TrainingSettings Settings(int trainingRows)
    {
        int lanes = Lanes ?? (trainingRows < RowsForWideLanes ? NarrowLanes : WideLanes);
        int steps = Window ?? Steps ?? Math.Clamp(trainingRows / (4 * NarrowLanes), LeastSteps, MostSteps);
        int stride = Stride ?? Math.Max(1, (Window ?? 1) / 8);
        int updates = Math.Max(1, trainingRows / Math.Max(1, lanes * (Window is null ? steps : stride)));
        int epochs = Epochs ?? Math.Clamp(WantedUpdates / updates, LeastEpochs, MostEpochs);
        return TrainingSettings.Default with
        {
            Lanes = lanes,
            Steps = steps,
            Lead = Lead ?? (Window is { } window ? window - 1 : Math.Min(DefaultLead, trainingRows / 20)),
            IsWindowed = Window is not null,
            WindowStride = stride,
            MaxEpochs = epochs,
            Patience = Patience ?? Math.Max(1, epochs / EpochsOfPatience),
            WeightAverage = Average,
            LevelShift = LevelShift,
            Seed = Seed,
            Threads = Threads ?? Environment.ProcessorCount,
            Optimiser = Optimiser,
        };
    }
}
