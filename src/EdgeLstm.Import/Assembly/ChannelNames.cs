// Names of channels that a file brings along, made fit for topics and JSON keys.

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Import.Assembly;

/// <summary>Makes names that a manifest accepts.</summary>
public static class ChannelNames
{
    private const int MaxLength = 64;
    private const string Forbidden = "/+#";

    /// <summary>The name without what a topic cannot hold; null where nothing is left.</summary>
    public static string? Clean(string? name)
    {
        if (name is null)
        {
            return null;
        }

        char[] kept = Start(name).ToArray(c => Forbidden.Contains(c, StringComparison.Ordinal) ? '-'
            : char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        string clean = new string(kept).Trim();
        return clean.Length == 0 ? null : clean;
    }

    /// <summary>Names of a model: a–z, 0–9 and '-', from the name of its file.</summary>
    public static string OfModel(string path)
    {
        char[] letters = Start(Path.GetFileNameWithoutExtension(path).ToLowerInvariant())
            .ToArray(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-');
        string name = new string(letters).Trim('-');
        return name.Length == 0 ? "model" : name;
    }

    private static string Start(string name) => name.Length <= MaxLength ? name : name[..MaxLength];
}
