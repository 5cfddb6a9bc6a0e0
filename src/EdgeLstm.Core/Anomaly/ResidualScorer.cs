// The score of one sample:  −log10 of min(1, m · min over the m channels present of P(|residual| > |r|)).

using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Scores each sample against the forecasts that were made for it. Allocates nothing after construction.</summary>
/// <remarks>
/// The most improbable channel decides, corrected for how many were looked at (Bonferroni), so that a stream of many channels
/// does not alarm more often than one of a single channel.
/// </remarks>
public sealed class ResidualScorer
{
    private readonly int[] _outputOfChannel;
    private readonly ResidualTail[] _tails;

    /// <param name="manifest">The model's manifest: its outputs' calibration.</param>
    /// <param name="outputOfChannel">The output that forecasts each channel, −1 where none does [channels].</param>
    public ResidualScorer(ModelManifest manifest, ReadOnlySpan<int> outputOfChannel)
    {
        _outputOfChannel = outputOfChannel.ToArray();
        _tails = new ResidualTail[_outputOfChannel.Length];
        for (int channel = 0; channel < _tails.Length; channel++)
        {
            int output = _outputOfChannel[channel];
            _tails[channel] = ResidualTail.Create(output < 0 ? null : manifest.Outputs[output].Residuals);
        }
    }

    /// <summary>Scores one sample; NaN when no channel can be.</summary>
    /// <param name="values">The sample in physical units, NaN where a channel was missing [channels].</param>
    /// <param name="due">The forecasts made for this sample, NaN where there is none [outputs].</param>
    /// <param name="residuals">Receives value minus forecast, NaN where there is none [channels].</param>
    /// <param name="trusted">False while the network is not warm: residuals are given, but neither scored nor learned
    /// from.</param>
    public double Score(ReadOnlySpan<float> values, ReadOnlySpan<float> due, Span<float> residuals, bool trusted)
    {
        double worst = double.NaN;
        int scored = 0;
        for (int channel = 0; channel < _tails.Length; channel++)
        {
            int output = _outputOfChannel[channel];
            residuals[channel] = output < 0 ? float.NaN : values[channel] - due[output];
            if (!trusted || !float.IsFinite(residuals[channel]))
            {
                continue;
            }

            double score = _tails[channel].Score(residuals[channel]);
            _tails[channel].Observe(residuals[channel]);
            if (!double.IsNaN(score))
            {
                scored++;
                worst = double.IsNaN(worst) ? score : Math.Max(worst, score);
            }
        }

        return scored == 0 ? double.NaN : Math.Max(0, worst - Math.Log10(scored));
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        foreach (ResidualTail tail in _tails)
        {
            tail.Save(writer);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        foreach (ResidualTail tail in _tails)
        {
            tail.Restore(ref reader);
        }
    }
}
