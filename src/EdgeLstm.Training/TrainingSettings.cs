// How a network is trained: in which pieces, how long, and how its parameters are updated.

using EdgeLstm.Training.Optimisation;

namespace EdgeLstm.Training;

/// <summary>Settings of a training.</summary>
/// <param name="Lanes">Sequences trained side by side, 1 to 1024; multiples of 16 use the processor best.</param>
/// <param name="Steps">Rows of a chunk, after which the gradient is cut; of a window its length. 1 to 4096.</param>
/// <param name="Lead">Rows that only warm a state up wherever it begins at zero.</param>
/// <param name="IsWindowed">Windows from a zero state in random order; otherwise the state is carried from chunk to
/// chunk.</param>
/// <param name="WindowStride">Rows from one window to the next.</param>
/// <param name="MaxEpochs">Passes over the training rows at most.</param>
/// <param name="Patience">Epochs without a lower validation loss after which training ends.</param>
/// <param name="WeightAverage">How much of the moving average of the weights remains per update, 0 to below 1: the average is
/// validated and kept. 0: the weights themselves.</param>
/// <param name="LevelShift">Standard deviation of a random level added to the inputs of a lane, in theirs; 0 for none.</param>
/// <param name="Seed">The same seed, rows and machine give the same bits.</param>
/// <param name="Threads">Threads at most; the result does not depend on it.</param>
/// <param name="Optimiser">How parameters follow their gradients.</param>
public sealed record TrainingSettings(
    int Lanes,
    int Steps,
    int Lead,
    bool IsWindowed,
    int WindowStride,
    int MaxEpochs,
    int Patience,
    double WeightAverage,
    double LevelShift,
    long Seed,
    int Threads,
    OptimiserSettings Optimiser)
{
    /// <summary>32 lanes in chunks of 48 rows, the state carried.</summary>
    public static TrainingSettings Default { get; } =
        new(32, 48, 32, false, 1, 100, 12, 0.99, 0, 1, Environment.ProcessorCount, OptimiserSettings.Default);

    /// <summary>Every broken rule.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [.. Optimiser.FindProblems()];
        void Require(bool holds, string name, string rule, double value)
        {
            if (!holds)
            {
                problems.Add(FormattableString.Invariant($"{name}: must be {rule}; got {value}"));
            }
        }

        Require(Lanes is >= 1 and <= 1024, nameof(Lanes), "1 to 1024", Lanes);
        Require(Steps is >= 1 and <= 4096, nameof(Steps), "1 to 4096", Steps);
        Require(Lead >= 0 && (!IsWindowed || Lead < Steps), nameof(Lead), "at least 0, and below the window's length", Lead);
        Require(WindowStride >= 1, nameof(WindowStride), "at least 1", WindowStride);
        Require(MaxEpochs >= 1, nameof(MaxEpochs), "at least 1", MaxEpochs);
        Require(Patience >= 1, nameof(Patience), "at least 1", Patience);
        Require(WeightAverage is >= 0 and < 1, nameof(WeightAverage), "at least 0 and below 1", WeightAverage);
        Require(LevelShift >= 0 && double.IsFinite(LevelShift), nameof(LevelShift), "at least 0", LevelShift);
        Require(Threads >= 1, nameof(Threads), "at least 1", Threads);
        return problems;
    }
}
