// What a stream without a model forecasts, in the words of a model's manifest: each channel at each of the detector's horizons.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Describes the linear online head as if it were a model, so that whoever reads manifests need not care.</summary>
public static class OnlineManifest
{
    /// <summary>The name that stands for the model.</summary>
    public const string Name = "linear-online";

    /// <summary>Channels of such a stream at most: those that can be whitened together.</summary>
    public const int MaxChannels = ResidualWhitening.MaxChannels;

    /// <summary>Samples of a bucket: for so long a forecast and a score stand.</summary>
    /// <param name="manifest">What <see cref="Create"/> made.</param>
    /// <param name="settings">The same as there.</param>
    public static int SamplesPerBucket(ModelManifest manifest, DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        return settings.BucketRows(manifest.WarmUpSamples);
    }

    /// <summary>The manifest of a stream: outputs in the order of the channels, each with all horizons, in samples.</summary>
    /// <param name="channels">1 to <see cref="MaxChannels"/> channels.</param>
    /// <param name="samplePeriodMs">Above 0.</param>
    /// <param name="warmUpSamples">Samples learned from before the first forecast, at least 1.</param>
    /// <param name="settings">The detector's horizons, and how many buckets a warm-up is.</param>
    public static ModelManifest Create(
        IReadOnlyList<InputManifest> channels, double samplePeriodMs, int warmUpSamples, DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(channels);
        ArgumentNullException.ThrowIfNull(settings);
        int bucket = settings.BucketRows(warmUpSamples);
        List<OutputManifest> outputs = [];
        foreach (InputManifest channel in channels)
        {
            foreach (int horizon in settings.Horizons)
            {
                outputs.Add(new OutputManifest(channel.Name, channel.Unit, horizon * bucket, Offset: 0, Scale: 1));
            }
        }

        return new ModelManifest(
            ModelManifest.CurrentFormatVersion,
            Name,
            ModelTask.Forecast,
            samplePeriodMs,
            warmUpSamples,
            channels,
            Layers: [],
            outputs,
            new GoldenManifest(Tolerance: 0),
            new ProvenanceManifest("the stream itself", Sha256: "", Tool: "edgelstm", Version: "", Date: ""));
    }
}
