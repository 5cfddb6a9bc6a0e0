// Outside of what was seen so far:  score = distance of the value beyond [minimum, maximum] of all rows before it, over their
// range.

using EdgeLstm.Core.Anomaly;

namespace EdgeLstm.Worker.Evaluation.Suites.Baselines;

/// <summary>The first rule that anybody writes, without a number to choose. The worst channel counts.</summary>
internal sealed class RangeRule : IStreamDetector
{
    private readonly float[] _minimum;
    private readonly float[] _maximum;

    public RangeRule(DetectorSetup setup)
    {
        _minimum = new float[setup.ChannelCount];
        _maximum = new float[setup.ChannelCount];
        _minimum.AsSpan().Fill(float.PositiveInfinity);
        _maximum.AsSpan().Fill(float.NegativeInfinity);
    }

    /// <inheritdoc/>
    public DetectorStep Step(ReadOnlySpan<float> values)
    {
        double score = 0;
        for (int k = 0; k < values.Length; k++)
        {
            if (float.IsFinite(values[k]))
            {
                score = Math.Max(score, Beyond(k, values[k]));
                _minimum[k] = Math.Min(_minimum[k], values[k]);
                _maximum[k] = Math.Max(_maximum[k], values[k]);
            }
        }

        return new DetectorStep(score, score);
    }

    // A constant so far has no range: what leaves it is as far out as its own size says.
    private double Beyond(int channel, float value)
    {
        double minimum = _minimum[channel];
        double maximum = _maximum[channel];
        if (minimum > maximum)
        {
            return 0;
        }

        double distance = Math.Max(Math.Max(minimum - value, value - maximum), 0);
        double range = maximum - minimum;
        return distance / (range > 0 ? range : Math.Max(Math.Abs(maximum), 1e-6));
    }
}
