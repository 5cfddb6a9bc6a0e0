// The input channels of an imported model: names, units, scaling, ranges.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Assembly;

/// <summary>Puts the input channels together.</summary>
internal static class InputChannels
{
    /// <summary>One channel for each value the network reads.</summary>
    /// <param name="file">The file that is imported, for refusals.</param>
    /// <param name="size">How many the network reads.</param>
    /// <param name="names">Names the person gave; null: those of the scaling, else x1, x2, ….</param>
    /// <param name="scaling">Scaling; null where there is none.</param>
    /// <param name="warnings">What was assumed is added here.</param>
    public static IReadOnlyList<InputManifest> Make(
        SourceFile file, int size, IReadOnlyList<string>? names, ChannelScaling? scaling, List<string> warnings)
    {
        IReadOnlyList<ScaledChannel>? scaled = scaling?.Inputs;
        if (names is not null && names.Count != size)
        {
            throw file.Refuse($"reads {size} values a sample; --name-inputs names {names.Count}: {string.Join(", ", names)}");
        }

        if (scaled is not null && scaled.Count != size)
        {
            throw file.Refuse($"reads {size} values a sample; the scaling of {scaling!.Source} has {scaled.Count} inputs"
                + $"{Listed(scaled)}. Give one for each value, in the order the network reads them");
        }

        if (scaled is null)
        {
            warnings.Add("scaling absent: samples reach the network as they are. If training scaled them (nearly all does), give "
                + "--norm norm.json; models/README.md says how to write it");
        }

        string?[] known = ArrayProjection.Of(size, k => names?[k] ?? ChannelNames.Clean(scaled?[k].Name));
        if (known.Contains(null))
        {
            warnings.Add($"inputs without names are called x1, x2 and so on; --name-inputs names them, with the names of the "
                + "sensor profile's channels");
        }

        return ArrayProjection.Of(size, k => new InputManifest(
            known[k] ?? $"x{k + 1}", scaled?[k].Unit ?? "1", scaled?[k].Offset ?? 0, scaled?[k].Scale ?? 1,
            scaled?[k].Minimum, scaled?[k].Maximum));
    }

    private static string Listed(IReadOnlyList<ScaledChannel> channels)
    {
        string[] names = [.. channels.Where(channel => channel.Name is not null).Take(16).Select(channel => channel.Name!)];
        return names.Length == 0 ? "" : $" ({string.Join(", ", names)}{(names.Length < channels.Count ? ", …" : "")})";
    }
}
