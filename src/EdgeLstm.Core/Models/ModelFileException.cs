// A model file that is refused: the message names the file, the item, what was found and what was expected.

namespace EdgeLstm.Core.Models;

/// <summary>A model file cannot be used. The message is written for the person who has the file.</summary>
public sealed class ModelFileException : Exception
{
    private const int MaxQuotedLength = 80;

    public ModelFileException()
    {
    }

    public ModelFileException(string message)
        : base(message)
    {
    }

    public ModelFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The fault <paramref name="fault"/> of file <paramref name="file"/>.</summary>
    internal static ModelFileException In(string file, string fault) => new($"{file}: {fault}");

    /// <summary>The fault of file <paramref name="file"/>, found by way of <paramref name="cause"/>.</summary>
    internal static ModelFileException In(string file, string fault, Exception cause) => new($"{file}: {fault}", cause);

    /// <summary>Text of the file made fit for a message: at most 80 characters and none that moves a terminal's cursor.</summary>
    internal static string Quote(string text)
    {
        bool tooLong = text.Length > MaxQuotedLength;
        ReadOnlySpan<char> kept = tooLong ? text.AsSpan(0, MaxQuotedLength) : text;
        return string.Create(kept.Length, kept, static (shown, source) =>
        {
            for (int k = 0; k < shown.Length; k++)
            {
                shown[k] = char.IsControl(source[k]) || char.IsSurrogate(source[k]) ? '?' : source[k];
            }
        }) + (tooLong ? "…" : "");
    }
}
