// The learning rate of each update: warm-up, half a cosine, a plateau that is halved.

using EdgeLstm.Training.Optimisation;

namespace EdgeLstm.Training.Tests.Optimisation;

public class LearningRateTests
{
    private static readonly OptimiserSettings Settings =
        OptimiserSettings.Default with { LearningRate = 0.8, Decay = DecayKind.None };

    [Fact]
    public void It_rises_in_equal_steps_while_warming_up()
    {
        LearningRate rate = new(Settings with { WarmUpUpdates = 4 }, 100, 3);

        Assert.Equal([0.2, 0.4, 0.6, 0.8, 0.8], Enumerable.Range(0, 5).Select(u => Math.Round(rate.At(u), 12)));
    }

    [Fact]
    public void Without_warm_up_and_decay_it_stays()
    {
        LearningRate rate = new(Settings, 100, 3);

        Assert.All((long[])[0, 1, 50, 99, 1000], update => Assert.Equal(0.8, rate.At(update)));
    }

    [Fact]
    public void It_falls_along_half_a_cosine_behind_the_warm_up()
    {
        LearningRate rate = new(Settings with { WarmUpUpdates = 20, Decay = DecayKind.Cosine }, 100, 3);

        Assert.Equal(0.8, rate.At(20), 1e-12);
        Assert.Equal(0.8 * 0.5 * (1 + Math.Sqrt(0.5)), rate.At(40), 1e-12);
        Assert.Equal(0.4, rate.At(60), 1e-12);
        Assert.Equal(0, rate.At(100), 1e-12);
        Assert.Equal(0, rate.At(150), 1e-12);
    }

    [Fact]
    public void It_is_halved_when_the_loss_has_not_fallen_for_more_epochs_than_its_patience()
    {
        LearningRate rate = new(Settings with { Decay = DecayKind.Plateau }, 100, 2);
        List<double> rates = [];
        foreach (double loss in (double[])[5, 4, 4, 4, 4, 3, 6, 6, 6, double.NaN, 2])
        {
            rate.Take(loss);
            rates.Add(rate.At(0));
        }

        Assert.Equal([0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2], rates);
    }
}
