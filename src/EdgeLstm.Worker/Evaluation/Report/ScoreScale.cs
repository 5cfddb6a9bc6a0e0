// Scores on a plot:  position = s / T up to the threshold T, 1 + ln(s / T) above; plainly linear without a threshold.

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>Shows both how far quiet scores stay below a threshold and how far the loudest go above it.</summary>
/// <param name="Threshold">The threshold, or the largest score where there is none to show.</param>
/// <param name="IsLinear">Whether there is no threshold to show.</param>
/// <param name="Axis">Places positions in the panel.</param>
internal sealed record ScoreScale(double Threshold, bool IsLinear, ValueAxis Axis)
{
    /// <summary>A scale for scores up to a largest one.</summary>
    /// <param name="threshold">Detections are at or above it; +∞, NaN or 0 where it cannot be shown.</param>
    /// <param name="highest">The largest score; NaN where there is none.</param>
    /// <param name="heightPx">Height of the panel.</param>
    public static ScoreScale For(double threshold, double highest, int heightPx)
    {
        double top = highest > 0 ? highest : 1;
        bool isLinear = !(threshold > 0) || !double.IsFinite(threshold);
        ScoreScale scale = new(isLinear ? top : threshold, isLinear, new ValueAxis(0, 1, heightPx));
        return scale with { Axis = new ValueAxis(0, Math.Max(scale.Position(top), 1) * 1.05, heightPx) };
    }

    /// <summary>Distance of a score from the panel's top, in tenths of a pixel.</summary>
    public int TenthsOf(double score) => Axis.TenthsOf(Position(score));

    /// <summary>0, the threshold and its multiples by tens; without a threshold 0 and the largest score.</summary>
    public List<double> Ticks()
    {
        List<double> ticks = [0, Threshold];
        for (double tick = Threshold * 10; !IsLinear && Position(tick) <= Axis.High && ticks.Count < 5; tick *= 10)
        {
            ticks.Add(tick);
        }

        return ticks;
    }

    private double Position(double score)
    {
        double relative = Math.Max(score, 0) / Threshold;
        return relative <= 1 || IsLinear ? relative : 1 + Math.Log(relative);
    }
}
