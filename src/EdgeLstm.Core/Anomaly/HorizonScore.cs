// How unlikely the latest residuals at one horizon are:  residuals → z against their recent size → likelihood against their past.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Scores the residuals of all channels at one horizon. Allocates nothing after construction.</summary>
/// <remarks>
/// One channel is measured by its own recent spread. Of several the whole vector is whitened first (<see
/// cref="ResidualWhitening"/>): what channels usually do together is no news, what they never did together is.
/// </remarks>
public sealed class HorizonScore
{
    private readonly double _limit;
    private readonly ExponentialMoments? _size;
    private readonly ResidualWhitening? _whitening;
    private readonly TailLikelihood _tail;

    /// <param name="channels">Values of a residual vector, 1 to 64.</param>
    /// <param name="settings">Memories, windows and the limit of a single z.</param>
    public HorizonScore(int channels, DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _limit = settings.ZLimit;
        _size = channels == 1 ? new ExponentialMoments(settings.ResidualMemory) : null;
        _whitening = channels == 1 ? null : new ResidualWhitening(channels, settings.ResidualMemory);
        _tail = new TailLikelihood(settings.LikelihoodMemory, [.. settings.LikelihoodWindows]);
    }

    /// <summary>The score, 0 or more; NaN where no channel has one.</summary>
    /// <param name="residuals">Value − forecast, NaN where there is none [channels].</param>
    /// <param name="contributions">Receives the part of each channel, together 1; 0 where nothing can be told [channels].</param>
    public double Score(ReadOnlySpan<double> residuals, Span<double> contributions)
    {
        double z;
        if (_size is null)
        {
            z = _whitening!.Score(residuals, contributions);
            _whitening.Learn(residuals);
        }
        else
        {
            z = Math.Abs(_size.Z(residuals[0]));
            _size.Observe(residuals[0]);
            contributions[0] = double.IsNaN(z) ? 0 : 1;
        }

        return _tail.Score(Math.Clamp(z, -_limit, _limit));
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        _size?.Save(writer);
        _whitening?.Save(writer);
        _tail.Save(writer);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        _size?.Restore(ref reader);
        _whitening?.Restore(ref reader);
        _tail.Restore(ref reader);
    }
}
