// Steps of Adam and of gradient descent against the same by hand, clipping, weight decay.

using EdgeLstm.Training.Layers;
using EdgeLstm.Training.Optimisation;

namespace EdgeLstm.Training.Tests.Optimisation;

public class OptimiserTests
{
    private const int Updates = 4;
    private const double Rate = 0.05;

    // Six numbers: a whole vector of doubles and a rest; the last is a bias.
    private static readonly double[] Begin = [0.5, -1, 2, 0.25, -0.125, 3];

    private static readonly OptimiserSettings Free = OptimiserSettings.Default with { ClipNorm = double.PositiveInfinity };

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Adam_steps_as_by_hand(double decay)
    {
        OptimiserSettings settings = Free with { WeightDecay = decay };
        double[] found = Run(settings);

        double[] w = [.. Begin];
        double[] m = new double[w.Length], v = new double[w.Length];
        for (int t = 1; t <= Updates; t++)
        {
            double[] g = Gradients(t);
            for (int i = 0; i < w.Length; i++)
            {
                m[i] = (0.9 * m[i]) + (0.1 * g[i]);
                v[i] = (0.999 * v[i]) + (0.001 * g[i] * g[i]);
                double mean = m[i] / (1 - Math.Pow(0.9, t)), square = v[i] / (1 - Math.Pow(0.999, t));
                w[i] -= i < 5 ? Rate * decay * w[i] : 0;   // first, as PyTorch's AdamW; biases are not drawn to zero
                w[i] -= Rate * mean / (Math.Sqrt(square) + 1e-8);
            }
        }

        AssertEqual(w, found);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.8, 0)]
    [InlineData(0.8, 0.1)]
    public void Gradient_descent_steps_as_by_hand(double momentum, double decay)
    {
        double[] found = Run(Free with { Kind = OptimiserKind.Sgd, Momentum = momentum, WeightDecay = decay });

        double[] w = [.. Begin];
        double[] m = new double[w.Length];
        for (int t = 1; t <= Updates; t++)
        {
            double[] g = Gradients(t);
            for (int i = 0; i < w.Length; i++)
            {
                m[i] = (momentum * m[i]) + g[i];
                w[i] -= i < 5 ? Rate * decay * w[i] : 0;
                w[i] -= Rate * m[i];
            }
        }

        AssertEqual(w, found);
    }

    [Fact]
    public void Gradients_above_the_clip_are_brought_down_to_it_together()
    {
        (TrainingNetwork<double> network, Optimiser<double> optimiser) =
            Create(Free with { Kind = OptimiserKind.Sgd, Momentum = 0, ClipNorm = 2 });

        double norm = optimiser.Update([3, 0, 0, 0, 0, 4], 1);

        Assert.Equal(5, norm, 1e-12);
        double clip = 2 / (5 + 1e-6);   // PyTorch's margin
        AssertEqual([0.5 - (3 * clip), -1, 2, 0.25, -0.125, 3 - (4 * clip)], network.Parameters.ToArray());
    }

    [Fact]
    public void Gradients_below_the_clip_stay_as_they_are()
    {
        (TrainingNetwork<double> network, Optimiser<double> optimiser) =
            Create(Free with { Kind = OptimiserKind.Sgd, Momentum = 0, ClipNorm = 6 });

        Assert.Equal(5, optimiser.Update([3, 0, 0, 0, 0, 4], 1), 1e-12);
        AssertEqual([-2.5, -1, 2, 0.25, -0.125, -1], network.Parameters.ToArray());
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_changes_nothing(double gradient)
    {
        (TrainingNetwork<double> network, Optimiser<double> optimiser) = Create(Free);

        Assert.False(double.IsFinite(optimiser.Update([0, gradient, 0, 0, 0, 0], Rate)));
        Assert.Equal(Begin, network.Parameters.ToArray());
        Assert.Equal(0, optimiser.Updates);
    }

    [Fact]
    public void An_update_allocates_nothing()
    {
        (_, Optimiser<double> optimiser) = Create(Free with { WeightDecay = 0.1 });
        double[] gradients = [1, 2, 3, 4, 5, 6];
        _ = optimiser.Update(gradients, Rate);

        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = optimiser.Update(gradients, Rate);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static double[] Run(OptimiserSettings settings)
    {
        (TrainingNetwork<double> network, Optimiser<double> optimiser) = Create(settings);
        for (int t = 1; t <= Updates; t++)
        {
            _ = optimiser.Update(Gradients(t), Rate);
        }

        return network.Parameters.ToArray();
    }

    private static (TrainingNetwork<double> Network, Optimiser<double> Optimiser) Create(OptimiserSettings settings)
    {
        TrainingNetwork<double> network = new(new DenseTraining<double>("head", 5, 1));
        Begin.CopyTo(network.Parameters);
        return (network, new Optimiser<double>(network, settings));
    }

    private static double[] Gradients(int update) =>
        [.. Enumerable.Range(0, 6).Select(i => Math.Sin((3 * i) + update) * Math.Pow(10, i - 3))];

    private static void AssertEqual(double[] expected, double[] found) =>
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
}
