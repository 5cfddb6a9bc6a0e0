// Round numbers for the ticks of an axis:  step ∈ {1, 2, 5} · 10ᵏ.

using System.Globalization;

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>Chooses round steps and writes numbers in as many digits as the step between them needs.</summary>
internal static class NumberSteps
{
    /// <summary>The smallest of 1, 2, 5 times a power of ten that is not below a number.</summary>
    /// <param name="wanted">Above 0 and finite, else 1 is returned.</param>
    public static double AtLeast(double wanted)
    {
        if (!(wanted > 0) || !double.IsFinite(wanted))
        {
            return 1;
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(wanted)));
        double factor = wanted / power;
        return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
    }

    /// <summary>A multiple of a step as text: 0.25 with a step of 0.05, 1.5e7 with a step of 500,000.</summary>
    public static string Text(double value, double step)
    {
        double size = Math.Abs(value);
        if (size < step / 1000)
        {
            return "0";
        }

        bool isLarge = size >= 1e5 && step >= size / 1000;
        string format = isLarge || step < 1e-4
            ? "0.###e0"
            : string.Create(CultureInfo.InvariantCulture, $"F{Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9))}");
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>A measured figure as text: two decimals, one from 100 on, three digits below 0.01; "–" for NaN.</summary>
    public static string Figure(double value)
    {
        string format = Math.Abs(value) switch
        {
            double.NaN => "–",
            double.PositiveInfinity => value > 0 ? "∞" : "−∞",
            >= 1e6 => "0.###e0",
            >= 100 => "0.0",
            >= 0.01 or 0 => "0.00",
            _ => "0.##e0",
        };
        return double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : format;
    }

    /// <summary>A measured figure without zeros at its end: "9" rather than "9.00".</summary>
    public static string Short(double value)
    {
        string figure = Figure(value);
        return figure.Contains('.', StringComparison.Ordinal) && !figure.Contains('e', StringComparison.Ordinal)
            ? figure.TrimEnd('0').TrimEnd('.')
            : figure;
    }
}
