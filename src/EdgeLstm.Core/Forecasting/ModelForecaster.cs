// A stream with a trained model:  network step → the forecasts due for this sample → the score of its residuals.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Forecasts of a network, and scores of their residuals.</summary>
public sealed class ModelForecaster : IStreamForecaster
{
    private readonly Forecaster _forecaster;
    private readonly TrustedSteps _trustedSteps;
    private readonly ResidualScorer _scorer;

    /// <param name="manifest">The model's manifest.</param>
    /// <param name="network">A network of that model, owned by this forecaster from here on.</param>
    /// <param name="settings">How residuals are looked at.</param>
    /// <param name="extended">The manifest with the outputs of a roll-out behind its own, see <see cref="RollOut.Extend"/>; null
    /// for none. They are judged like the others.</param>
    /// <param name="head">Goes on learning the network's last layer; null where that stays.</param>
    public ModelForecaster(
        ModelManifest manifest,
        ISequenceModel network,
        DetectorSettings settings,
        ModelManifest? extended = null,
        AdaptiveHead? head = null)
    {
        extended ??= manifest;
        Head = head;
        _forecaster = new Forecaster(manifest, network, extended, head);
        _trustedSteps = new TrustedSteps(extended);
        _scorer = new ResidualScorer(extended, settings);
    }

    /// <inheritdoc/>
    public int ChannelCount => _forecaster.ChannelCount;

    /// <inheritdoc/>
    public int OutputCount => _forecaster.OutputCount;

    /// <inheritdoc/>
    public ReadOnlySpan<int> OutputOfChannel => _forecaster.OutputOfChannel;

    /// <inheritdoc/>
    public bool IsWarm => _forecaster.IsWarm;

    /// <inheritdoc/>
    public long NonFinite => _forecaster.NonFinite;

    /// <inheritdoc/>
    public ReadOnlySpan<double> Contributions => _scorer.Contributions;

    /// <inheritdoc/>
    public AdaptiveHead? Head { get; }

    /// <inheritdoc/>
    public float Expected(int channel) => _forecaster.Expected(channel);

    /// <inheritdoc/>
    public double Step(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> filled,
        Span<float> outputs,
        Span<float> due,
        Span<float> trusted)
    {
        _forecaster.Step(filled, outputs, due);
        _trustedSteps.Pass(due, trusted);
        bool isTrusted = _forecaster.IsWarm && OnlineForecaster.IsMeasured(values);
        _trustedSteps.Add(isTrusted);
        Head?.Take(values, isTrusted);
        return _scorer.Score(values, trusted);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _forecaster.Reset();
        _trustedSteps.Reset();
        Head?.Forget();
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        _forecaster.Save(writer);
        _trustedSteps.Save(writer);
        _scorer.Save(writer);
        Head?.Save(writer);
    }

    /// <inheritdoc/>
    public void Restore(ref StateReader reader)
    {
        _forecaster.Restore(ref reader);
        _trustedSteps.Restore(ref reader);
        _scorer.Restore(ref reader);
        Head?.Restore(ref reader);
    }
}
