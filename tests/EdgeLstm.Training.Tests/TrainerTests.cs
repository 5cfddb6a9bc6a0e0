// A whole training: the same bits again, the best weights kept, and every way it can end.

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;
using EdgeLstm.Training.Optimisation;
using EdgeLstm.Training.Tests.Data;

namespace EdgeLstm.Training.Tests;

public class TrainerTests
{
    private const int Rows = 900;

    private static readonly ForecastProblem Problem =
        ForecastProblem.Create(MadeSeries.Table(Rows), MadeSeries.Task, ChronologicalSplit.At(Rows, 600, 750));

    private static readonly TrainingSettings Settings = TrainingSettings.Default with
    {
        Lanes = 40,
        Steps = 10,
        Lead = 6,
        MaxEpochs = 4,
        LevelShift = 0.1,
        Threads = 1,
        Optimiser = OptimiserSettings.Default with { LearningRate = 0.01 },
    };

    public static TheoryData<CellKind> Cells => [.. Enum.GetValues<CellKind>()];

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_same_seed_gives_the_same_bits_whether_one_thread_works_or_two(CellKind cell)
    {
        float[] one = Run(Settings, cell).Weights;

        Assert.Equal(one, Run(Settings, cell).Weights);
        Assert.Equal(one, Run(Settings with { Threads = 2 }, cell).Weights);
        Assert.NotEqual(one, Run(Settings with { Seed = 2 }, cell).Weights);
    }

    [Fact]
    public void Dropout_and_windows_are_seeded_too()
    {
        TrainingSettings windows = Settings with { IsWindowed = true, WindowStride = 5, MaxEpochs = 2 };
        TrainingNetwork<float> Made() => Initialised(new NetworkPlan(CellKind.Lstm, 2, 4, [3], 0.3));
        float[] Trained(int threads)
        {
            TrainingNetwork<float> network = Made();
            _ = Trainer(network, windows with { Threads = threads }).Fit();
            return network.Parameters.ToArray();
        }

        Assert.Equal(Trained(1), Trained(1));
        Assert.Equal(Trained(1), Trained(2));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_rhythm_is_learned_by_every_cell(CellKind cell)
    {
        TrainingHistory history = Run(Settings with { MaxEpochs = 25 }, cell).History;

        Assert.True(history.BestLoss < 0.4 * history.Epochs[0].ValidationLoss, $"{history.BestLoss}");
        Assert.Equal((25, StopReason.MaxEpochs), (history.Epochs.Count, history.Reason));
    }

    [Fact]
    public void The_weights_of_the_lowest_validation_loss_are_kept()
    {
        // Steps so large that the loss goes up and down.
        TrainingSettings wild = Settings with
        {
            WeightAverage = 0,
            MaxEpochs = 12,
            Patience = 12,
            Optimiser = OptimiserSettings.Default with { LearningRate = 0.3, Decay = DecayKind.None },
        };
        TrainingNetwork<float> network = MadeSeries.Network(Problem);
        List<float[]> weights = [];
        TrainingHistory history = Trainer(network, wild).Fit(_ => weights.Add(network.Parameters.ToArray()));

        int best = Enumerable.Range(0, 12).MinBy(epoch => history.Epochs[epoch].ValidationLoss);
        Assert.NotEqual(11, best);
        Assert.Equal((best + 1, history.Epochs[best].ValidationLoss), (history.BestEpoch, history.BestLoss));
        Assert.Equal(weights[best], network.Parameters.ToArray());
        Assert.True(history.Epochs[best].IsBest);
        Assert.DoesNotContain(history.Epochs.Skip(best + 1), epoch => epoch.IsBest);
    }

    [Fact]
    public void Training_ends_when_patience_does()
    {
        TrainingHistory history = Run(Settings with
        {
            WeightAverage = 0,
            MaxEpochs = 200,
            Patience = 3,
            Optimiser = OptimiserSettings.Default with { LearningRate = 0.3, Decay = DecayKind.None },
        }).History;

        Assert.Equal((StopReason.Patience, history.BestEpoch + 3), (history.Reason, history.Epochs.Count));
    }

    [Fact]
    public void Cancelled_between_epochs_it_keeps_the_best_so_far()
    {
        using CancellationTokenSource stop = new();
        TrainingNetwork<float> network = MadeSeries.Network(Problem);
        TrainingHistory history = Trainer(network, Settings with { MaxEpochs = 50 }).Fit(
            epoch =>
            {
                if (epoch.Epoch == 2)
                {
                    stop.Cancel();
                }
            }, stop.Token);

        Assert.Equal((StopReason.Cancelled, 2, 2), (history.Reason, history.Epochs.Count, history.BestEpoch));
        Assert.Equal(Run(Settings with { MaxEpochs = 2 }).Weights, network.Parameters.ToArray());
    }

    [Fact]
    public void Cancelled_before_its_first_chunk_it_leaves_the_network_as_it_was()
    {
        TrainingNetwork<float> network = MadeSeries.Network(Problem);
        float[] before = network.Parameters.ToArray();

        TrainingHistory history = Trainer(network, Settings).Fit(null, new CancellationToken(canceled: true));

        Assert.Equal((StopReason.Cancelled, 0, 0L), (history.Reason, history.BestEpoch, history.Updates));
        Assert.Equal(before, network.Parameters.ToArray());
    }

    [Fact]
    public void Diverged_it_says_so_and_its_weights_are_still_numbers()
    {
        (float[] weights, TrainingHistory history) = Run(Settings with
        {
            Optimiser = OptimiserSettings.Default with
            {
                Kind = OptimiserKind.Sgd,
                LearningRate = 1e30,
                ClipNorm = double.PositiveInfinity,
                Decay = DecayKind.None,
            },
        }, CellKind.RnnRelu, LossKind.Squared);

        Assert.Equal(StopReason.Diverged, history.Reason);
        Assert.All(weights, weight => Assert.True(float.IsFinite(weight)));
    }

    [Fact]
    public void Training_goes_on_from_the_weights_that_a_network_has()
    {
        TrainingNetwork<float> network = MadeSeries.Network(Problem);
        double first = Trainer(network, Settings with { MaxEpochs = 15 }).Fit().BestLoss;
        double next = Trainer(network, Settings with { MaxEpochs = 1 }).Fit().BestLoss;

        Assert.True(next < 1.3 * first, $"{first} then {next}");
    }

    [Fact]
    public void Without_validation_rows_the_last_weights_are_kept()
    {
        TrainingNetwork<float> network = MadeSeries.Network(Problem);
        TrainingHistory history = new Trainer(
            network, Problem.Losses(LossKind.Huber, 1), Problem.Examples, Problem.Split.Training, new RowRange(600, 600),
            Settings).Fit();

        Assert.Equal((4, 4), (history.Epochs.Count, history.BestEpoch));
        Assert.All(history.Epochs, epoch => Assert.True(double.IsNaN(epoch.ValidationLoss)));
    }

    [Fact]
    public void Many_to_one_windows_learn_from_their_last_row()
    {
        TrainingHistory history = Run(Settings with
        {
            IsWindowed = true,
            Steps = 12,
            Lead = 11,
            WindowStride = 1,
            MaxEpochs = 12,
        }).History;

        Assert.True(history.BestLoss < 0.6 * history.Epochs[0].ValidationLoss, $"{history.BestLoss}");
    }

    [Theory]
    [InlineData(true, 700)]
    [InlineData(false, 2000)]
    public void Rows_too_few_for_a_window_or_a_lead_are_refused(bool isWindowed, int rows)
    {
        TrainingSettings settings = isWindowed
            ? Settings with { IsWindowed = true, Steps = rows, Lead = 0 }
            : Settings with { Lead = rows };

        ArgumentException refused = Assert.Throws<ArgumentException>(() => Trainer(MadeSeries.Network(Problem), settings));
        Assert.Contains("nothing to learn", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_rules_are_all_named()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Trainer(MadeSeries.Network(Problem), Settings with
        {
            Lanes = 0,
            Patience = 0,
            Optimiser = OptimiserSettings.Default with { LearningRate = -1 },
        }));

        Assert.All(
            (string[])
            [
                "LearningRate: must be above 0; got -1", "Lanes: must be 1 to 1024; got 0", "Patience: must be at least 1; got 0",
            ],
            part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
    }

    private static (float[] Weights, TrainingHistory History) Run(
        TrainingSettings settings, CellKind cell = CellKind.Gru, LossKind loss = LossKind.Huber)
    {
        TrainingNetwork<float> network = MadeSeries.Network(Problem, cell: cell);
        TrainingHistory history = Trainer(network, settings, loss).Fit();
        return (network.Parameters.ToArray(), history);
    }

    private static Trainer Trainer(TrainingNetwork<float> network, TrainingSettings settings, LossKind loss = LossKind.Huber) =>
        new(network, Problem.Losses(loss, 1), Problem.Examples, Problem.Split.Training, Problem.Split.Validation, settings);

    private static TrainingNetwork<float> Initialised(NetworkPlan plan)
    {
        TrainingNetwork<float> network = plan.Create(Problem.Inputs.Count, Problem.Outputs.Count);
        network.Initialise(1);
        return network;
    }
}
