// Which of two heads forecasts better:  m' = m + (min(e², 16·m_shipped) − m)/500  for each, the smaller one is published,
// v' = v + ((a² − s²)/(a² + s²) − v)/50  unless it lost most of the latest.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>The shipped and the adapted head at one output, side by side over the same forecasts. Allocates nothing after
/// construction.</summary>
/// <remarks>
/// <para>
/// Every forecast whose origin and target were measured counts, alarms and outliers too: what is published is judged by all it
/// was published for. But an error of more than four times the shipped head's usual one counts as four times: a spike, which
/// both miss by nearly the same, decides nothing, while a head that has gone wrong loses within some ten samples.
/// </para>
/// <para>
/// The adapted head is published from <see cref="FewestCompared"/> forecasts on when its mean squared error is 3 % below the
/// shipped one's, and no longer when it is above. At 15 % above it has lost, and begins anew.
/// </para>
/// <para>
/// Squares of a wild stretch outweigh those of a calm one for thousands of samples. So there is a second sum in which each
/// forecast has one vote, from −1 (the adapted head is far better) to 1, over the latest 50 or so: above 0.25 the shipped head is
/// published whatever the squares say, until the votes are even again.
/// </para>
/// </remarks>
public sealed class HeadContest
{
    /// <summary>Forecasts that the running errors remember.</summary>
    public const int Memory = 500;

    /// <summary>Forecasts compared before the adapted head can be published.</summary>
    public const int FewestCompared = 200;

    private const double WinningRatio = 0.97;
    private const double LosingRatio = 1;
    private const double LostRatio = 1.15;
    private const int FewestToLose = 32;
    private const double VoteRate = 1.0 / 50;
    private const double HighestVote = 0.25;

    // Errors beyond four times the usual count as four times, from where the usual one is known; so small that it may be 0, none.
    private const double HighestSquareRatio = 16;
    private const double SmallestSquare = 1e-8;

    private readonly double _unit;   // of the errors shown, per network unit
    private double _shipped;
    private double _adapted;
    private double _vote;

    /// <param name="scale">Network units per physical unit of the output.</param>
    internal HeadContest(double scale) => _unit = 1 / Math.Abs(scale);

    /// <summary>Forecasts compared since the adapted head last began.</summary>
    public long Compared { get; private set; }

    /// <summary>True while the adapted head is published.</summary>
    public bool IsAdapted { get; private set; }

    /// <summary>Root of the running mean squared error of the shipped head, in the output's unit; 0 before the first.</summary>
    public double ShippedError => Math.Sqrt(_shipped) * _unit;

    /// <summary>That of the adapted head over the same forecasts.</summary>
    public double AdaptedError => Math.Sqrt(_adapted) * _unit;

    /// <summary>Takes the errors of two forecasts of the same value, made before it was known.</summary>
    /// <param name="shipped">Value − shipped head, network units; finite.</param>
    /// <param name="adapted">Value − adapted head; one that is not finite has lost at once.</param>
    /// <returns>False where the adapted head has lost clearly and is to begin anew.</returns>
    internal bool Compare(double shipped, double adapted)
    {
        if (!double.IsFinite(adapted))
        {
            return false;
        }

        double limit = Compared < FewestToLose
            ? double.PositiveInfinity
            : Math.Max(HighestSquareRatio * _shipped, SmallestSquare);
        Compared++;
        double rate = 1.0 / Math.Min(Compared, Memory);
        (double ofShipped, double ofAdapted) = (shipped * shipped, adapted * adapted);
        _shipped += rate * (Math.Min(ofShipped, limit) - _shipped);
        _adapted += rate * (Math.Min(ofAdapted, limit) - _adapted);
        _vote += VoteRate * (((ofAdapted - ofShipped) / (ofAdapted + ofShipped + SmallestSquare)) - _vote);
        IsAdapted = IsAdapted
            ? _adapted <= LosingRatio * _shipped && _vote <= HighestVote
            : Compared >= FewestCompared && _adapted < WinningRatio * _shipped && _vote <= 0;
        return Compared < FewestToLose || _adapted <= (LostRatio * _shipped) + SmallestSquare;
    }

    /// <summary>The adapted head begins anew, equal to the shipped one.</summary>
    internal void Begin()
    {
        Compared = 0;
        IsAdapted = false;
        _vote = 0;
    }

    /// <summary>Appends the state.</summary>
    internal void Save(StateWriter writer)
    {
        writer.Write(Compared);
        writer.Write(IsAdapted ? 1L : 0L);
        writer.Write(_shipped);
        writer.Write(_adapted);
        writer.Write(_vote);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    internal void Restore(ref StateReader reader)
    {
        Compared = Math.Max(0, reader.ReadInt64());
        IsAdapted = reader.ReadInt64() != 0;
        _shipped = reader.ReadDouble();
        _adapted = reader.ReadDouble();
        _vote = reader.ReadDouble();
    }
}
