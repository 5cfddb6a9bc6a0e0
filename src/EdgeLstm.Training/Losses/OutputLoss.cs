// The loss of one output against its target, e = y − target:
//
//   squared e²      absolute |e|      Huber ½e² within δ, else δ(|e| − ½δ)      pinball max(q·(−e), (q − 1)·(−e))

namespace EdgeLstm.Training.Losses;

/// <summary>Kinds of loss.</summary>
public enum LossKind
{
    /// <summary>e²; its mean is the MSE.</summary>
    Squared,

    /// <summary>|e|; its mean is the MAE.</summary>
    Absolute,

    /// <summary>½e² where |e| ≤ δ, else δ(|e| − ½δ). Huber (1964).</summary>
    Huber,

    /// <summary>Least at the q-quantile of the target. Koenker, Bassett (1978), "Regression Quantiles".</summary>
    Pinball,
}

/// <summary>What one output is to learn.</summary>
/// <param name="Target">Index of its target.</param>
/// <param name="Kind">The loss.</param>
/// <param name="Parameter">δ above 0, or q between 0 and 1; else not used.</param>
/// <param name="Weight">The loss counts so many times.</param>
public sealed record OutputLoss(int Target, LossKind Kind, double Parameter = 0, double Weight = 1)
{
    /// <summary>What is wrong with it; null for nothing.</summary>
    public string? FindProblem() => Kind switch
    {
        _ when Target < 0 => FormattableString.Invariant($"Target must be at least 0; got {Target}"),
        _ when !(Weight > 0 && double.IsFinite(Weight)) =>
            FormattableString.Invariant($"Weight must be above 0; got {Weight}"),
        LossKind.Huber when !(Parameter > 0) => FormattableString.Invariant($"δ must be above 0; got {Parameter}"),
        LossKind.Pinball when !(Parameter is > 0 and < 1) =>
            FormattableString.Invariant($"a quantile must lie between 0 and 1; got {Parameter}"),
        _ => null,
    };
}
