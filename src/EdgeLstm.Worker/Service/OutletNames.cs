// What the manifest says about channels and outputs, in the words of the messages.

using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Service;

/// <summary>Channels and outputs of a model as messages name them.</summary>
internal static class OutletNames
{
    public static IReadOnlyList<ChannelInfo> Channels(ModelManifest manifest) =>
        [.. manifest.Inputs.Select(input => new ChannelInfo(input.Name, input.Unit))];

    public static IReadOnlyList<OutputInfo> Outputs(ModelManifest manifest) =>
        [.. manifest.Outputs.Select(output => new OutputInfo(output.Name, output.Unit, output.Horizon, output.Quantile))];
}
