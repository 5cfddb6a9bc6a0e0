// Scaling that a model carries as buffers:  input_mean, input_std, output_mean, output_std;  network value = (value − mean) /
// std.

using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Makes scaling of the buffers.</summary>
internal static class BufferScaling
{
    private const string InputMean = "input_mean";
    private const string InputStd = "input_std";
    private const string OutputMean = "output_mean";
    private const string OutputStd = "output_std";

    /// <summary>Whether a tensor is one of these buffers, whatever module it belongs to.</summary>
    public static bool IsName(string name) => LastPart(name) is InputMean or InputStd or OutputMean or OutputStd;

    /// <summary>The scaling; null where there is no buffer.</summary>
    /// <param name="file">The file.</param>
    /// <param name="buffers">The buffers that were found.</param>
    /// <param name="inputs">Values of one sample.</param>
    /// <param name="outputs">Values of one output.</param>
    public static ChannelScaling? Read(SourceFile file, IReadOnlyList<StateTensor> buffers, int inputs, int outputs)
    {
        if (buffers.Count == 0)
        {
            return null;
        }

        string source = "buffers " + string.Join(", ", buffers.Select(buffer => QuotedText.Of(buffer.Name)));
        return new ChannelScaling(
            source,
            Channels(file, Find(file, buffers, InputMean), Find(file, buffers, InputStd), inputs),
            Channels(file, Find(file, buffers, OutputMean), Find(file, buffers, OutputStd), outputs));
    }

    private static StateTensor? Find(SourceFile file, IReadOnlyList<StateTensor> buffers, string name)
    {
        StateTensor[] found = [.. buffers.Where(buffer => LastPart(buffer.Name) == name)];
        return found.Length switch
        {
            0 => null,
            1 => found[0],
            _ => throw file.Refuse($"has '{QuotedText.Of(found[0].Name)}' and '{QuotedText.Of(found[1].Name)}'; expected one "
                + $"'{name}'"),
        };
    }

    private static ScaledChannel[]? Channels(SourceFile file, StateTensor? mean, StateTensor? std, int count)
    {
        if (mean is null && std is null)
        {
            return null;
        }

        float[]? offsets = Values(file, mean, count);
        float[]? deviations = Values(file, std, count);
        var channels = new ScaledChannel[count];
        for (int k = 0; k < count; k++)
        {
            float deviation = deviations?[k] ?? 1;
            if (deviation <= 0)
            {
                throw file.Refuse(string.Create(CultureInfo.InvariantCulture,
                    $"tensor '{QuotedText.Of(std!.Name)}' has the value {deviation} at index {k}; expected standard "
                        + $"deviations above 0"));
            }

            channels[k] = new ScaledChannel(offsets?[k] ?? 0, 1.0 / deviation);
        }

        return channels;
    }

    // One value may stand for all channels.
    private static float[]? Values(SourceFile file, StateTensor? buffer, int count)
    {
        if (buffer is null)
        {
            return null;
        }

        if (!buffer.IsReal || (buffer.Count != count && buffer.Count != 1))
        {
            throw file.Refuse($"tensor '{QuotedText.Of(buffer.Name)}' has shape {buffer.ShapeText}; expected [{count}] real "
                + $"numbers, "
                + "one for each channel");
        }

        float[] values = buffer.Values();
        int wrong = Array.FindIndex(values, value => !float.IsFinite(value));
        if (wrong >= 0)
        {
            throw file.Refuse(string.Create(CultureInfo.InvariantCulture,
                $"tensor '{QuotedText.Of(buffer.Name)}' has the value {values[wrong]} at index {wrong}; expected finite "
                    + $"numbers"));
        }

        return values.Length == count ? values : ArrayProjection.Of(count, _ => values[0]);
    }

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
