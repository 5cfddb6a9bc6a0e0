// What the manifest and the profile say about channels and outputs, in the words of the messages.

using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Service;

/// <summary>Channels and outputs of a stream as messages name them.</summary>
internal static class OutletNames
{
    public static IReadOnlyList<ChannelInfo> Channels(StreamPlan stream)
    {
        LimitOutlooks limits = new(stream, StreamBuilder.BandCoverage);
        return [.. stream.Manifest.Inputs.Select((input, i) => new ChannelInfo(input.Name, input.Unit, limits.Has(i)))];
    }

    public static IReadOnlyList<OutputInfo> Outputs(ModelManifest manifest) =>
        [.. manifest.Outputs.Select(Output)];

    public static OutputInfo Output(OutputManifest output) => new(output.Name, output.Unit, output.Horizon, output.Quantile);
}
