// The learning rate of each update:  η·min(1, (u + 1)/warm-up) · decay.

namespace EdgeLstm.Training.Optimisation;

/// <summary>Follows the updates and the validation losses of a training.</summary>
/// <param name="settings">The rate and how it changes.</param>
/// <param name="updates">Updates that the training will make at most.</param>
/// <param name="patience">Epochs without progress after which a plateau halves the rate.</param>
internal sealed class LearningRate(OptimiserSettings settings, long updates, int patience)
{
    private const double PlateauFactor = 0.5;

    private double _plateau = 1;
    private double _lowest = double.PositiveInfinity;
    private int _waited;

    /// <summary>The rate of an update, counted from 0.</summary>
    public double At(long update)
    {
        double rising = Math.Min(1, (update + 1.0) / Math.Max(1, settings.WarmUpUpdates));
        double falling = settings.Decay switch
        {
            DecayKind.Cosine => 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, Share(update)))),
            DecayKind.Plateau => _plateau,
            _ => 1,
        };
        return settings.LearningRate * rising * falling;
    }

    /// <summary>Takes the validation loss of an epoch.</summary>
    public void Take(double loss)
    {
        if (loss < _lowest)
        {
            (_lowest, _waited) = (loss, 0);
        }
        else if (++_waited > patience)
        {
            (_plateau, _waited) = (_plateau * PlateauFactor, 0);
        }
    }

    // Of the updates behind the warm-up.
    private double Share(long update) =>
        Math.Max(0, update - settings.WarmUpUpdates) / Math.Max(1.0, updates - settings.WarmUpUpdates);
}
