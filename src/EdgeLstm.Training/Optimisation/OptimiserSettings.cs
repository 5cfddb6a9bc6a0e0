// How parameters follow their gradients: the rule, its rates, and what bounds them.

namespace EdgeLstm.Training.Optimisation;

/// <summary>Rules that turn a gradient into a step.</summary>
public enum OptimiserKind
{
    /// <summary>Kingma, Ba (2015); weight decay apart from the gradient as in Loshchilov, Hutter (2019).</summary>
    Adam,

    /// <summary>Gradient descent with momentum, as torch.optim.SGD.</summary>
    Sgd,
}

/// <summary>How the learning rate falls.</summary>
public enum DecayKind
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>Along half a cosine to 0 at the last update.</summary>
    Cosine,

    /// <summary>Halved when the validation loss has not fallen for a third of the patience.</summary>
    Plateau,
}

/// <summary>How parameters are updated.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="LearningRate">Above 0.</param>
/// <param name="WarmUpUpdates">Updates over which the learning rate rises to it in equal steps; 0: at once.</param>
/// <param name="Decay">How it falls then.</param>
/// <param name="ClipNorm">The norm of all gradients together is brought down to this; infinity: never.</param>
/// <param name="WeightDecay">Share of each weight, not bias, taken away per update of learning rate 1.</param>
/// <param name="Momentum">Of <see cref="OptimiserKind.Sgd"/>: 0 to below 1.</param>
/// <param name="Beta1">Of Adam: how long the mean gradient remembers.</param>
/// <param name="Beta2">Of Adam: how long the mean square remembers.</param>
/// <param name="Epsilon">Of Adam: added to the root of the mean square.</param>
public sealed record OptimiserSettings(
    OptimiserKind Kind,
    double LearningRate,
    int WarmUpUpdates,
    DecayKind Decay,
    double ClipNorm,
    double WeightDecay,
    double Momentum,
    double Beta1,
    double Beta2,
    double Epsilon)
{
    /// <summary>Adam at 0.002 with a clipped gradient and a plateau.</summary>
    public static OptimiserSettings Default { get; } =
        new(OptimiserKind.Adam, 0.002, 0, DecayKind.Plateau, 1, 0, 0.9, 0.9, 0.999, 1e-8);

    /// <summary>Every broken rule.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        void Require(bool holds, string name, string rule, double value)
        {
            if (!holds)
            {
                problems.Add(FormattableString.Invariant($"{name}: must be {rule}; got {value}"));
            }
        }

        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), "above 0", LearningRate);
        Require(WarmUpUpdates >= 0, nameof(WarmUpUpdates), "at least 0", WarmUpUpdates);
        Require(ClipNorm > 0, nameof(ClipNorm), "above 0", ClipNorm);
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), "at least 0", WeightDecay);
        Require(Momentum is >= 0 and < 1, nameof(Momentum), "at least 0 and below 1", Momentum);
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), "at least 0 and below 1", Beta1);
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), "at least 0 and below 1", Beta2);
        Require(Epsilon > 0, nameof(Epsilon), "above 0", Epsilon);
        return problems;
    }
}
