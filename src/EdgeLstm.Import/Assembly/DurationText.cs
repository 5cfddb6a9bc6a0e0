// Durations as a person writes them: 100ms, 1s, 5min, 1h, 1d.

using System.Globalization;

namespace EdgeLstm.Import.Assembly;

/// <summary>Reads durations.</summary>
public static class DurationText
{
    /// <summary>The units, for a message.</summary>
    public const string Units = "us, ms, s, min, h or d";

    private static readonly (string Unit, double Ms)[] Known =
        [("us", 0.001), ("ms", 1), ("min", 60_000), ("s", 1000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <summary>Reads a number above 0 with its unit.</summary>
    public static bool TryParseMs(string text, out double durationMs)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach ((string unit, double ms) in Known)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                bool isNumber = double.TryParse(
                    text.AsSpan(0, text.Length - unit.Length).TrimEnd(), NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture, out double count);
                durationMs = count * ms;
                return isNumber && durationMs > 0 && double.IsFinite(durationMs);
            }
        }

        durationMs = 0;
        return false;
    }
}
