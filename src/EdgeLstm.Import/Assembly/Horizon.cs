// How far ahead an output looks, as a person writes it: 6 samples, or a duration: 10s, 1min.

using System.Globalization;

namespace EdgeLstm.Import.Assembly;

/// <summary>A horizon in samples or as a duration.</summary>
/// <param name="Samples">Sample periods; null where it is a duration.</param>
/// <param name="DurationMs">The duration; null where it is a number of samples.</param>
/// <param name="Text">As it was written.</param>
public sealed record Horizon(int? Samples, double? DurationMs, string Text)
{
    private const double MostOffGrid = 1e-6;

    /// <summary>Reads <c>6</c>, <c>10s</c> or <c>1min</c>.</summary>
    public static bool TryParse(string text, out Horizon horizon)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isCount = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int samples) && samples > 0;
        bool isDuration = DurationText.TryParseMs(text, out double durationMs);
        horizon = isCount ? new Horizon(samples, null, text) : new Horizon(null, durationMs, text);
        return isCount || isDuration;
    }

    /// <summary>The horizon in sample periods; null where the duration is no whole number of them.</summary>
    public int? InSamples(double periodMs)
    {
        if (Samples is not null)
        {
            return Samples;
        }

        double count = DurationMs!.Value / periodMs;
        double whole = Math.Round(count);
        return whole is >= 1 and <= int.MaxValue && Math.Abs(count - whole) <= MostOffGrid * whole ? (int)whole : null;
    }
}
