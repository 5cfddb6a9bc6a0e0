// What lies beyond a high level:  P(X − u > x | X > u) = (1 + ξ·x/σ)^(−1/ξ),  e^(−x/σ) where ξ = 0.

namespace EdgeLstm.Core.Anomaly;

/// <summary>The tail of a distribution beyond a level u (Pickands 1975).</summary>
/// <param name="Shape">ξ: above 0 a heavy tail, 0 an exponential one, below 0 a tail that ends.</param>
/// <param name="Scale">σ, in units of the excesses; above 0.</param>
public readonly record struct GeneralisedPareto(double Shape, double Scale)
{
    /// <summary>The shape that too few excesses are taken to have: a little heavier than exponential, so that doubt leads to
    /// fewer alarms.</summary>
    public const double PriorShape = 0.1;

    /// <summary>How many excesses the prior shape weighs.</summary>
    public const double PriorWeight = 10;

    /// <summary>Fewer excesses than this tell a scale and no shape.</summary>
    public const int FewestForShape = 8;

    // A tail of some hundred excesses beyond these is a mistake of the fit: it would end just past the last excess, or have no
    // mean.
    private const double LowestShape = -0.5;
    private const double HighestShape = 1;

    // Nearer to 0 than this, powers are computed as their limit; the difference is below a millionth in any figure used here.
    private const double SmallShape = 1e-7;
    private const int FewestGridPoints = 30;
    private const int MostGridPoints = 64;
    private const int FactorsPerLogarithm = 8;
    private const int Halvings = 30;

    /// <summary>Fits the tail to excesses over its level.</summary>
    /// <param name="excesses">Rising, finite and above 0 [count]; at least one.</param>
    /// <remarks>
    /// The quasi-Bayesian estimator of Zhang and Stephens (2009): the posterior mean of −ξ/σ on a grid, weighted by the profile
    /// likelihood. It needs no iteration, always has an answer and is as efficient as maximum likelihood. The shape is then drawn
    /// towards <see cref="PriorShape"/>, as Vehtari et al. (2024, Pareto smoothed importance sampling) do, and the scale is the
    /// likeliest with it. Time: about count · (30 + √count) multiplications and an eighth as many logarithms.
    /// </remarks>
    public static GeneralisedPareto Fit(ReadOnlySpan<double> excesses)
    {
        ArgumentOutOfRangeException.ThrowIfZero(excesses.Length);
        double shape = excesses.Length < FewestForShape ? PriorShape : FitShape(excesses);
        return new GeneralisedPareto(shape, Math.Max(double.Epsilon, ScaleWith(shape, excesses)));
    }

    /// <summary>The probability that an excess is larger than <paramref name="excess"/>; 1 at 0 and below.</summary>
    public double Exceedance(double excess)
    {
        if (!(excess > 0))
        {
            return 1;
        }

        double size = excess / Scale;
        return Math.Abs(Shape) < SmallShape ? Math.Exp(-size) : Math.Pow(Math.Max(0, 1 + (Shape * size)), -1 / Shape);
    }

    /// <summary>The excess that is exceeded with <paramref name="probability"/>, which is above 0 and at most 1.</summary>
    public double Quantile(double probability)
    {
        double log = -Math.Log(probability);
        return Math.Abs(Shape) < SmallShape ? Scale * log : Scale * (Math.Exp(Shape * log) - 1) / Shape;
    }

    private static double FitShape(ReadOnlySpan<double> excesses)
    {
        int points = Math.Min(MostGridPoints, FewestGridPoints + (int)Math.Sqrt(excesses.Length));
        Span<double> likelihoods = stackalloc double[MostGridPoints];
        double highest = double.NegativeInfinity;
        for (int point = 0; point < points; point++)
        {
            likelihoods[point] = LogLikelihood(Ratio(point, points, excesses), excesses);
            highest = Math.Max(highest, likelihoods[point]);
        }

        double sum = 0;
        double weights = 0;
        for (int point = 0; point < points; point++)
        {
            double weight = Math.Exp(likelihoods[point] - highest);
            sum += weight * Ratio(point, points, excesses);
            weights += weight;
        }

        double shape = ShapeWith(sum / weights, excesses);
        double drawn = ((shape * excesses.Length) + (PriorShape * PriorWeight)) / (excesses.Length + PriorWeight);
        return Math.Clamp(drawn, LowestShape, HighestShape);
    }

    // A grid of −ξ/σ, all below 1/largest, where the tail would end at the largest excess.
    private static double Ratio(int point, int points, ReadOnlySpan<double> excesses)
    {
        double quartile = excesses[((excesses.Length + 2) / 4) - 1];
        return (1 / excesses[^1]) + ((1 - Math.Sqrt(points / (point + 0.5))) / (3 * quartile));
    }

    private static double LogLikelihood(double ratio, ReadOnlySpan<double> excesses)
    {
        double shape = ShapeWith(ratio, excesses);
        double inverseScale = Math.Abs(shape) < SmallShape ? 1 / Mean(excesses) : -ratio / shape;
        return excesses.Length * (Math.Log(inverseScale) - shape - 1);
    }

    // The likeliest ξ where −ξ/σ is known: mean of log(1 − ratio · x). Several factors share a logarithm; each lies between 1e-17
    // and 1e30, so that their product stays within a double.
    private static double ShapeWith(double ratio, ReadOnlySpan<double> excesses)
    {
        double sum = 0;
        int i = 0;
        for (; i + FactorsPerLogarithm <= excesses.Length; i += FactorsPerLogarithm)
        {
            ReadOnlySpan<double> x = excesses.Slice(i, FactorsPerLogarithm);
            double first = (1 - (ratio * x[0])) * (1 - (ratio * x[1])) * ((1 - (ratio * x[2])) * (1 - (ratio * x[3])));
            double second = (1 - (ratio * x[4])) * (1 - (ratio * x[5])) * ((1 - (ratio * x[6])) * (1 - (ratio * x[7])));
            sum += Math.Log(first * second);
        }

        for (; i < excesses.Length; i++)
        {
            sum += Math.Log(1 - (ratio * excesses[i]));
        }

        return sum / excesses.Length;
    }

    private static double Mean(ReadOnlySpan<double> excesses)
    {
        double sum = 0;
        foreach (double excess in excesses)
        {
            sum += excess;
        }

        return sum / excesses.Length;
    }

    // The likeliest σ where ξ is known: the root of (1 + ξ) · mean(x / (σ + ξ·x)) = 1, whose left side falls with σ. By
    // bisection.
    private static double ScaleWith(double shape, ReadOnlySpan<double> excesses)
    {
        double low = Math.Max(0, -shape * excesses[^1]);
        double high = shape > 0 ? (1 + shape) * Mean(excesses) : (1 - shape) * excesses[^1];
        for (int halving = 0; halving < Halvings; halving++)
        {
            double middle = 0.5 * (low + high);
            double sum = 0;
            foreach (double excess in excesses)
            {
                sum += excess / (middle + (shape * excess));
            }

            bool isTooSmall = (1 + shape) * sum > excesses.Length;
            (low, high) = isTooSmall ? (middle, high) : (low, middle);
        }

        return high;
    }
}
