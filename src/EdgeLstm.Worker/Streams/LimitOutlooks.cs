// How likely each channel with operating limits is to leave them, from the forecasts and bands of one step.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Streams;

/// <summary>The channels of a stream whose profile states limits and that are forecast. Allocates nothing per sample.</summary>
public sealed class LimitOutlooks
{
    private readonly Channel[] _channels;

    /// <param name="stream">The stream.</param>
    /// <param name="coverage">The part of values that the bands are to hold.</param>
    public LimitOutlooks(StreamPlan stream, double coverage)
    {
        ModelManifest manifest = stream.Manifest;
        IReadOnlyList<string> names = stream.ProfileChannels;
        List<Channel> channels = [];
        for (int i = 0; i < names.Count; i++)
        {
            ChannelProfile? profile = stream.Profile.Channels.FirstOrDefault(channel => channel.Name == names[i]);
            int[] outputs = OutputsOf(manifest, manifest.Inputs[i].Name);
            if (profile is { Low: not null } or { High: not null } && outputs.Length > 0)
            {
                int[] horizons = Array.ConvertAll(outputs, output => manifest.Outputs[output].Horizon);
                double seconds = stream.SamplePeriodMs / 1000;
                channels.Add(new Channel(i, outputs, new(profile.Low, profile.High, horizons, seconds, coverage)));
            }
        }

        _channels = [.. channels];
    }

    /// <summary>True for a channel that has an outlook.</summary>
    public bool Has(int channel) => Array.Exists(_channels, known => known.Index == channel);

    /// <summary>Writes the outlooks of a record's forecasts; of channels without one nothing is written.</summary>
    public void Write(StreamRecord record)
    {
        foreach (Channel channel in _channels)
        {
            for (int i = 0; i < channel.Outputs.Length; i++)
            {
                channel.Forecasts[i] = record.Outputs[channel.Outputs[i]];
                channel.Lows[i] = record.Low[channel.Outputs[i]];
                channel.Highs[i] = record.High[channel.Outputs[i]];
            }

            LimitOutlook outlook = channel.Crossing.Estimate(
                record.Values[channel.Index], channel.Forecasts, channel.Lows, channel.Highs);
            record.LimitProbabilities[channel.Index] = (float)outlook.Probability;
            record.LimitSeconds[channel.Index] = (float)outlook.TimeSeconds;
        }
    }

    // Its point or median outputs, one a horizon, the nearest first.
    private static int[] OutputsOf(ModelManifest manifest, string channel)
    {
        SortedDictionary<int, int> outputs = [];
        for (int i = 0; i < manifest.Outputs.Count && manifest.Task == ModelTask.Forecast; i++)
        {
            OutputManifest output = manifest.Outputs[i];
            if (output.Name == channel && output.Horizon > 0 && output.Quantile is null or 0.5)
            {
                outputs.TryAdd(output.Horizon, i);
            }
        }

        return [.. outputs.Values];
    }

    private sealed record Channel(int Index, int[] Outputs, LimitCrossing Crossing)
    {
        public float[] Forecasts { get; } = new float[Outputs.Length];

        public float[] Lows { get; } = new float[Outputs.Length];

        public float[] Highs { get; } = new float[Outputs.Length];
    }
}
