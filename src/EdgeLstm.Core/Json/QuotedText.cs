// Text of a stranger's file made fit for a message.

namespace EdgeLstm.Core.Json;

/// <summary>Quotes text that somebody else wrote.</summary>
public static class QuotedText
{
    private const int MaxLength = 80;

    /// <summary>At most 80 characters and none that moves a terminal's cursor.</summary>
    public static string Of(string text)
    {
        bool tooLong = text.Length > MaxLength;
        ReadOnlySpan<char> kept = tooLong ? text.AsSpan(0, MaxLength) : text;
        return string.Create(kept.Length, kept, static (shown, source) =>
        {
            for (int k = 0; k < shown.Length; k++)
            {
                shown[k] = char.IsControl(source[k]) || char.IsSurrogate(source[k]) ? '?' : source[k];
            }
        }) + (tooLong ? "…" : "");
    }
}
