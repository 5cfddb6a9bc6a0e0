// How improbable a residual is:  score = −log10 P(|residual| > |r|)  on normal data.  3 means once in a thousand samples.

using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>The tail of one channel's residuals.</summary>
public abstract class ResidualTail
{
    /// <summary>Scores above this say no more than it: the tail was never seen that far out.</summary>
    public const double ScoreLimit = 30;

    /// <summary>The calibrated tail where the model carries one, else one that is learned as the stream runs.</summary>
    public static ResidualTail Create(ResidualManifest? residuals) =>
        residuals is null ? new LearnedTail() : new CalibratedTail(residuals.TailProbability, residuals.AbsoluteResidual);

    /// <summary>−log10 of the probability of a residual at least as large; NaN while there is too little to tell.</summary>
    /// <param name="residual">Value minus forecast, physical units; finite.</param>
    public abstract double Score(double residual);

    /// <summary>Learns from a residual after it was scored.</summary>
    public virtual void Observe(double residual)
    {
    }

    /// <summary>Appends what was learned.</summary>
    public virtual void Save(StateWriter writer)
    {
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public virtual void Restore(ref StateReader reader)
    {
    }
}
