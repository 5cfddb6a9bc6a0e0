// A training:  epoch = plan → chunks → updates → validation;  the weights of the lowest validation loss are kept.

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;
using EdgeLstm.Training.Optimisation;

namespace EdgeLstm.Training;

/// <summary>Trains a network on some rows of a set and validates it on later ones.</summary>
/// <remarks>Seeded: order, level shifts and dropout depend on the seed, the epoch and the lane alone.</remarks>
public sealed class Trainer
{
    private const int PlanPurpose = 2, ShiftPurpose = 3, DropoutPurpose = 4;

    private readonly TrainingNetwork<float> _network;
    private readonly ExampleSet _examples;
    private readonly RowRange _training;
    private readonly RowRange _validation;
    private readonly TrainingSettings _settings;
    private readonly ChunkTrainer<float> _chunks;
    private readonly Optimiser<float> _optimiser;
    private readonly float[] _average;
    private readonly float[] _best;

    /// <param name="network">Initialised, or trained before; receives the best weights.</param>
    /// <param name="losses">What each output is to learn.</param>
    /// <param name="examples">All rows.</param>
    /// <param name="training">Rows learned from.</param>
    /// <param name="validation">Rows that only choose the weights; behind the training rows. Empty: the last weights are
    /// kept.</param>
    /// <param name="settings">How.</param>
    /// <exception cref="ArgumentException">A rule is broken, or sizes do not fit.</exception>
    public Trainer(
        TrainingNetwork<float> network, IReadOnlyList<OutputLoss> losses, ExampleSet examples, RowRange training,
        RowRange validation, TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(losses);
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(settings);
        Require(settings.FindProblems().Count == 0, string.Join("; ", settings.FindProblems()));
        Require(network.InputSize == examples.InputSize,
            $"the network reads {network.InputSize} inputs, a row has {examples.InputSize}");
        Require(network.OutputSize == losses.Count, $"the network has {network.OutputSize} outputs and {losses.Count} losses");
        Require(validation.Count == 0 || validation.Begin >= training.End,
            $"validation begins at row {validation.Begin}, before training ends at {training.End}: it must come later");
        (_network, _examples, _training, _validation, _settings) = (network, examples, training, validation, settings);
        LossFunction<float> loss = new(losses);
        Require(loss.Targets <= examples.TargetCount,
            $"a loss takes target {loss.Targets - 1}, a row has {examples.TargetCount}");
        _chunks = new ChunkTrainer<float>(network, loss, examples, settings.Lanes, settings.Steps, settings.Threads);
        _optimiser = new Optimiser<float>(network, settings.Optimiser);
        _average = network.Parameters.ToArray();
        _best = network.Parameters.ToArray();
        Require(CanLearn(Plan(1)), $"there is nothing to learn in rows {training.Begin} to {training.End}: {Reach()}");
        Require(validation.Count == 0 || CanLearn(PlanValidation()),
            $"there is nothing to learn in the validation rows {validation.Begin} to {validation.End}: {Reach()}");
    }

    /// <summary>Trains until the epochs are done, the patience is at an end, or somebody cancels. Then the network has the best
    /// weights so far.</summary>
    /// <param name="progress">Called after every epoch; may be null.</param>
    /// <param name="cancellation">Ends the training after the chunk in hand.</param>
    public TrainingHistory Fit(Action<EpochReport>? progress = null, CancellationToken cancellation = default)
    {
        List<EpochReport> epochs = [];
        LanePlan validation = PlanValidation();
        LearningRate rate = new(
            _settings.Optimiser, (long)Plan(0).Chunks.Count * _settings.MaxEpochs, Math.Max(1, _settings.Patience / 3));
        (double lowest, int bestEpoch, StopReason reason) = (double.PositiveInfinity, 0, StopReason.MaxEpochs);
        for (int epoch = 1; epoch <= _settings.MaxEpochs && reason == StopReason.MaxEpochs; epoch++)
        {
            Pass pass = RunEpoch(epoch, rate, cancellation);
            if (!double.IsFinite(pass.Loss))
            {
                // Stopped before its first update an epoch has no loss either.
                reason = pass.Updates == 0 && cancellation.IsCancellationRequested ? StopReason.Cancelled : StopReason.Diverged;
                break;
            }

            double reached = Validate(validation);
            bool isBest = validation.Chunks.Count == 0 || reached < lowest;
            if (validation.Chunks.Count > 0)
            {
                rate.Take(reached);
            }

            if (isBest)
            {
                (lowest, bestEpoch) = (reached, epoch);
                Kept().CopyTo(_best);
            }

            EpochReport report = new(epoch, pass.Loss, reached, pass.Norm, pass.Rate, isBest);
            epochs.Add(report);
            progress?.Invoke(report);
            reason = cancellation.IsCancellationRequested ? StopReason.Cancelled
                : epoch - bestEpoch >= _settings.Patience ? StopReason.Patience
                : StopReason.MaxEpochs;
        }

        _best.CopyTo(_network.Parameters);
        return new TrainingHistory(epochs, bestEpoch, lowest, _optimiser.Updates, reason);
    }

    private readonly record struct Pass(double Loss, double Norm, double Rate, int Updates);

    private Pass RunEpoch(int epoch, LearningRate rate, CancellationToken cancellation)
    {
        LanePlan plan = Plan(epoch);
        ChunkLoss total = default;
        (double norms, int updates) = (0, 0);
        for (int c = 0; c < plan.Chunks.Count && !cancellation.IsCancellationRequested; c++)
        {
            int chunk = c;
            ChunkLoss loss = _chunks.Learn(
                plan.Chunks[c], plan.Steps, group => new RandomStream(_settings.Seed, DropoutPurpose, epoch, chunk, group));
            if (!double.IsFinite(loss.Sum))
            {
                return new Pass(double.NaN, double.NaN, 0, Math.Max(1, updates));
            }

            if (loss.Weight > 0)
            {
                norms += _optimiser.Update(_chunks.Gradients, rate.At(_optimiser.Updates));
                updates++;
                FollowWeights();
            }

            total += loss;
        }

        return new Pass(total.Sum / total.Weight, norms / updates, rate.At(_optimiser.Updates), updates);
    }

    // The lanes begin elsewhere in every epoch, so that chunks are not always cut at the same rows.
    private LanePlan Plan(int epoch)
    {
        RandomStream random = new(_settings.Seed, PlanPurpose, epoch);
        LanePlan plan = _settings.IsWindowed
            ? LanePlanner.Windows(_examples.Stretches, _training, _settings.Lanes, _settings.Steps, _settings.WindowStride,
                _settings.Lead, random)
            : LanePlanner.Carried(_examples.Stretches, _training, _settings.Lanes, _settings.Steps, _settings.Lead,
                random.Next(Math.Max(1, Math.Min(4 * _settings.Steps, _training.Count / 10))));
        if (_settings.LevelShift > 0)
        {
            Shift(plan, new RandomStream(_settings.Seed, ShiftPurpose, epoch));
        }

        return plan;
    }

    // One level per lane where its state is carried on, one per window otherwise.
    private void Shift(LanePlan plan, RandomStream random)
    {
        float[] levels = new float[plan.Lanes];
        for (int c = 0; c < plan.Chunks.Count; c++)
        {
            for (int lane = 0; lane < plan.Lanes; lane++)
            {
                if (c == 0 || _settings.IsWindowed)
                {
                    levels[lane] = (float)(_settings.LevelShift * random.NextNormal());
                }

                plan.Chunks[c][lane] = plan.Chunks[c][lane] with { Shift = levels[lane] };
            }
        }
    }

    // In the order of time.
    private LanePlan PlanValidation() => _settings.IsWindowed
        ? LanePlanner.Windows(_examples.Stretches, _validation, _settings.Lanes, _settings.Steps, _settings.WindowStride,
            _settings.Lead, random: null)
        : LanePlanner.Carried(
            _examples.Stretches, _validation, _settings.Lanes, _settings.Steps, Math.Max(_settings.Lead, 4 * _settings.Steps));

    private double Validate(LanePlan plan)
    {
        float[] own = _network.Parameters.ToArray();
        Kept().CopyTo(_network.Parameters);
        ChunkLoss total = default;
        foreach (LaneChunk[] chunk in plan.Chunks)
        {
            total += _chunks.Evaluate(chunk, plan.Steps);
        }

        own.CopyTo(_network.Parameters);
        return total.Sum / total.Weight;
    }

    // The average begins as the mean of the weights so far, not with those before training.
    private void FollowWeights()
    {
        float share = (float)(1 - Math.Min(_settings.WeightAverage, 1 - (1.0 / _optimiser.Updates)));
        ReadOnlySpan<float> weights = _network.Parameters;
        for (int i = 0; i < _average.Length; i++)
        {
            _average[i] += share * (weights[i] - _average[i]);
        }
    }

    private ReadOnlySpan<float> Kept() => _settings.WeightAverage > 0 ? _average : _network.Parameters;

    private bool CanLearn(LanePlan plan)
    {
        foreach (LaneChunk[] chunk in plan.Chunks)
        {
            if (_chunks.TotalWeight(chunk) > 0)
            {
                return true;
            }
        }

        return false;
    }

    private string Reach() => _settings.IsWindowed
        ? $"no window of {_settings.Steps} rows without a gap has a target"
        : $"no stretch without a gap has a target behind its first {_settings.Lead} rows, which only warm the state up";

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new ArgumentException(problem);
        }
    }
}
