// The outputs of a model that foretell one channel at one horizon: its point forecast, and its quantiles.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Training.Evaluation;

/// <summary>What is measured together: one target at one horizon.</summary>
/// <param name="Target">The channel that is foretold.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Channel">Its index in the table.</param>
/// <param name="Horizon">Sample periods ahead.</param>
/// <param name="Point">Index of the output without a quantile; where there is none that of the quantile nearest to 0.5.</param>
/// <param name="QuantileOutputs">Indexes of the outputs with a quantile, by quantile.</param>
/// <param name="Quantiles">Their quantiles, ascending.</param>
public sealed record OutputGroup(
    string Target,
    string Unit,
    int Channel,
    int Horizon,
    int Point,
    IReadOnlyList<int> QuantileOutputs,
    IReadOnlyList<double> Quantiles)
{
    /// <summary>Whether there is a band: two quantiles at least.</summary>
    public bool HasBand => Quantiles.Count > 1;

    /// <summary>The groups of a model's outputs, in the order in which they first come.</summary>
    /// <param name="outputs">The outputs, in the order of the model.</param>
    /// <param name="channels">Channels of the table.</param>
    /// <exception cref="ArgumentException">An output foretells no channel of the table.</exception>
    public static IReadOnlyList<OutputGroup> Of(IReadOnlyList<OutputManifest> outputs, IReadOnlyList<string> channels)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(channels);
        List<OutputGroup> groups = [];
        for (int first = 0; first < outputs.Count; first++)
        {
            if (IsFirst(outputs, first))
            {
                groups.Add(Of(outputs, first, IndexOf(channels, outputs[first].Name)));
            }
        }

        return groups;
    }

    private static bool IsFirst(IReadOnlyList<OutputManifest> outputs, int index)
    {
        for (int k = 0; k < index; k++)
        {
            if (IsSame(outputs[k], outputs[index]))
            {
                return false;
            }
        }

        return true;
    }

    private static OutputGroup Of(IReadOnlyList<OutputManifest> outputs, int first, int channel)
    {
        List<int> members = [];
        int point = first;
        for (int k = first; k < outputs.Count; k++)
        {
            if (!IsSame(outputs[k], outputs[first]))
            {
                continue;
            }

            point = FromMiddle(outputs[k]) < FromMiddle(outputs[point]) ? k : point;
            if (outputs[k].Quantile is { } quantile)
            {
                int place = members.Count;
                while (place > 0 && outputs[members[place - 1]].Quantile > quantile)
                {
                    place--;
                }

                members.Insert(place, k);
            }
        }

        double[] quantiles = new double[members.Count];
        for (int k = 0; k < quantiles.Length; k++)
        {
            quantiles[k] = outputs[members[k]].Quantile!.Value;
        }

        OutputManifest output = outputs[first];
        return new OutputGroup(output.Name, output.Unit, channel, output.Horizon, point, members, quantiles);
    }

    private static bool IsSame(OutputManifest one, OutputManifest other) =>
        one.Name == other.Name && one.Horizon == other.Horizon;

    private static double FromMiddle(OutputManifest output) =>
        output.Quantile is { } quantile ? Math.Abs(quantile - 0.5) : -1;

    private static int IndexOf(IReadOnlyList<string> channels, string name)
    {
        for (int k = 0; k < channels.Count; k++)
        {
            if (channels[k] == name)
            {
                return k;
            }
        }

        throw new ArgumentException(
            $"output '{name}' foretells no channel of the recording; it has {string.Join(", ", channels)}");
    }
}
