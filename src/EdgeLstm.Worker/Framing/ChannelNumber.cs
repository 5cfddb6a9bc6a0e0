// A number written as text by firmware: "23.5", "-1e-3", " 7 ", or one of the ways to say that there is none.

using System.Globalization;
using System.Text;

namespace EdgeLstm.Worker.Framing;

/// <summary>Reads a channel's text. Never throws, allocates nothing.</summary>
internal static class ChannelNumber
{
    /// <summary>Reads <paramref name="text"/>; false when it is neither a number nor a word for a missing one.</summary>
    /// <param name="text">ASCII text, spaces and one pair of quotes around it allowed.</param>
    /// <param name="value">The number; NaN for empty text, "nan", "inf", "ovf" (what Arduino prints beyond 4294967040), "null"
    /// and "na".</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        text = Trim(text);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            if (double.IsInfinity(value))
            {
                value = double.NaN;   // "inf", or beyond what a number holds: no reading either way
            }

            return true;
        }

        value = double.NaN;
        return IsMissing(text);
    }

    /// <summary>Reads what a switch says: on and true are 1, off and false 0, in any case.</summary>
    /// <param name="text">ASCII text, spaces and one pair of quotes around it allowed.</param>
    /// <param name="value">1 or 0.</param>
    public static bool TryParseSwitch(ReadOnlySpan<byte> text, out double value)
    {
        text = Trim(text);
        bool isOn = Ascii.EqualsIgnoreCase(text, "on"u8) || Ascii.EqualsIgnoreCase(text, "true"u8);
        value = isOn ? 1 : 0;
        return isOn || Ascii.EqualsIgnoreCase(text, "off"u8) || Ascii.EqualsIgnoreCase(text, "false"u8);
    }

    /// <summary>Cuts off blanks, then one pair of quotes.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r"u8);
        return text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : text;
    }

    private static bool IsMissing(ReadOnlySpan<byte> text)
    {
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            text = text[1..];
        }

        return text.Length == 0 || Ascii.EqualsIgnoreCase(text, "nan"u8) || Ascii.EqualsIgnoreCase(text, "inf"u8)
            || Ascii.EqualsIgnoreCase(text, "ovf"u8) || Ascii.EqualsIgnoreCase(text, "null"u8)
                || Ascii.EqualsIgnoreCase(text, "na"u8);
    }
}
