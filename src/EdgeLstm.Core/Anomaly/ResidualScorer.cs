// The score of one sample:  max(mean over the horizons of the likelihood of the residuals there, novelty of its values).

using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Scores each sample against a model's forecasts that were made for it. Allocates nothing after construction.</summary>
/// <remarks>
/// The recipe of <see cref="StreamDetector"/> with a bucket of one sample: the residuals of all channels at one horizon are
/// scored together (<see cref="HorizonScore"/>); a value outside everything seen so far is a score of its own. Only point and
/// median outputs count. At one horizon the first <see cref="ResidualWhitening.MaxChannels"/> channels are scored; of further
/// ones their novelty alone. The first dozen residuals at each horizon have no score: their usual size must be known.
/// </remarks>
public sealed class ResidualScorer
{
    private readonly Horizon[] _horizons;   // the nearest first
    private readonly RangeNovelty? _novelty;
    private readonly double[] _contributions;
    private readonly double[] _ofNovelty;   // contributions to it

    /// <param name="manifest">The model's manifest: its outputs and what they forecast.</param>
    /// <param name="settings">Memories, windows and limits.</param>
    public ResidualScorer(ModelManifest manifest, DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        _contributions = new double[manifest.Inputs.Count];
        _novelty = settings.CreateNovelty(_contributions.Length);
        _ofNovelty = new double[_contributions.Length];
        SortedDictionary<int, List<(int Channel, int Output)>> scored = [];
        for (int i = 0; i < manifest.Outputs.Count && manifest.Task == ModelTask.Forecast; i++)
        {
            OutputManifest output = manifest.Outputs[i];
            int channel = manifest.IndexOfInput(output.Name);
            if (channel < 0 || output.Horizon < 1 || output.Quantile is not (null or 0.5))
            {
                continue;
            }

            scored.TryAdd(output.Horizon, []);
            List<(int Channel, int Output)> at = scored[output.Horizon];
            if (at.Count < ResidualWhitening.MaxChannels && !at.Exists(known => known.Channel == channel))
            {
                at.Add((channel, i));
            }
        }

        _horizons = [.. scored.Values.Select(at => new Horizon(at, settings))];
    }

    /// <summary>The part of each channel in the latest score, together 1; 0 where nothing can be told [channels].</summary>
    public ReadOnlySpan<double> Contributions => _contributions;

    /// <summary>Scores one sample and learns from it; NaN where no horizon can be scored.</summary>
    /// <param name="values">The sample in physical units, NaN where a channel was missing [channels].</param>
    /// <param name="due">The forecasts made for this sample, NaN where there is none to be trusted [outputs].</param>
    public double Score(ReadOnlySpan<float> values, ReadOnlySpan<float> due)
    {
        double novelty = _novelty?.Score(values, _ofNovelty) ?? 0;
        Array.Clear(_contributions);
        double likelihood = Likelihood(values, due);
        if (!(novelty > likelihood))
        {
            return likelihood;   // NaN too: where nothing is forecast nothing is scored
        }

        _ofNovelty.CopyTo(_contributions, 0);
        return novelty;
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        foreach (Horizon horizon in _horizons)
        {
            horizon.Score.Save(writer);
        }

        _novelty?.Save(writer);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for other outputs.</exception>
    public void Restore(ref StateReader reader)
    {
        foreach (Horizon horizon in _horizons)
        {
            horizon.Score.Restore(ref reader);
        }

        _novelty?.Restore(ref reader);
    }

    // The contributions are those at the nearest horizon that has a score.
    private double Likelihood(ReadOnlySpan<float> values, ReadOnlySpan<float> due)
    {
        (double sum, int scored) = (0, 0);
        foreach (Horizon horizon in _horizons)
        {
            double score = horizon.ScoreOf(values, due);
            if (double.IsNaN(score))
            {
                continue;
            }

            if (scored == 0)
            {
                horizon.CopyContributions(_contributions);
            }

            sum += score;
            scored++;
        }

        return scored == 0 ? double.NaN : sum / scored;
    }

    // The channels that are forecast at one horizon.
    private sealed class Horizon(List<(int Channel, int Output)> scored, DetectorSettings settings)
    {
        private readonly (int Channel, int Output)[] _scored = [.. scored];
        private readonly double[] _residuals = new double[scored.Count];
        private readonly double[] _contributions = new double[scored.Count];

        public HorizonScore Score { get; } = new(scored.Count, settings);

        public double ScoreOf(ReadOnlySpan<float> values, ReadOnlySpan<float> due)
        {
            for (int i = 0; i < _scored.Length; i++)
            {
                double residual = (double)values[_scored[i].Channel] - due[_scored[i].Output];
                _residuals[i] = double.IsFinite(residual) ? residual : double.NaN;
            }

            return Score.Score(_residuals, _contributions);
        }

        public void CopyContributions(Span<double> ofChannels)
        {
            for (int i = 0; i < _scored.Length; i++)
            {
                ofChannels[_scored[i].Channel] = _contributions[i];
            }
        }
    }
}
