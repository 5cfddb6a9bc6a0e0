// What a stream is carried along by: a trained network, or a linear head that learns as it goes.

using System.Diagnostics.CodeAnalysis;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Forecasts and scores of one stream, sample by sample. Allocates nothing per sample; not thread-safe.</summary>
public interface IStreamForecaster
{
    /// <summary>Number of input channels.</summary>
    int ChannelCount { get; }

    /// <summary>Number of outputs.</summary>
    int OutputCount { get; }

    /// <summary>The point or median output with the shortest horizon for each channel, −1 where none is forecast
    /// [channels].</summary>
    ReadOnlySpan<int> OutputOfChannel { get; }

    /// <summary>True once enough samples were seen for its outputs to be trusted.</summary>
    bool IsWarm { get; }

    /// <summary>Steps whose outputs were not finite.</summary>
    long NonFinite { get; }

    /// <summary>The part of each channel in the latest score, together 1; 0 where nothing can be told [channels].</summary>
    ReadOnlySpan<double> Contributions { get; }

    /// <summary>The head that goes on learning once each sample is judged; null where none does.</summary>
    AdaptiveHead? Head { get; }

    /// <summary>What to take for a channel whose reading is missing: the forecast made for now, else the last value; NaN at the
    /// start.</summary>
    float Expected(int channel);

    /// <summary>Takes one sample.</summary>
    /// <param name="values">Physical values as measured, NaN where one is missing [channels].</param>
    /// <param name="filled">The same with what was expected in place of what is missing, all finite [channels].</param>
    /// <param name="outputs">Receives the outputs made from it, physical units [outputs].</param>
    /// <param name="due">Receives the forecasts that had been made for this sample, NaN where there is none [outputs].</param>
    /// <param name="trusted">Receives those of them that were made when it was warm and from a measured sample, else NaN
    /// [outputs].</param>
    /// <returns>How improbable the sample is, −log10 of a probability, 0 or more; NaN where that cannot be told.</returns>
    [SuppressMessage("Naming", "CA1716", Justification = "The field's word; a keyword in Visual Basic only.")]
    double Step(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> filled,
        Span<float> outputs,
        Span<float> due,
        Span<float> trusted);

    /// <summary>A gap: what is known of the latest samples means nothing any more, and it must warm again.</summary>
    void Reset();

    /// <summary>Appends the state.</summary>
    void Save(StateWriter writer);

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for another model, window or other horizons.</exception>
    void Restore(ref StateReader reader);
}
