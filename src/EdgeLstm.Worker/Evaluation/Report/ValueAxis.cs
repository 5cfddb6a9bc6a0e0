// Values on a plot's vertical axis:  y = HeightPx · (High − value) / (High − Low), in tenths of a pixel from the panel's top.

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>Places values in a panel; what lies outside its range is drawn at its edge.</summary>
internal sealed class ValueAxis
{
    private readonly double _low;
    private readonly double _high;

    /// <param name="low">Value of the lower edge; not finite where there are no values.</param>
    /// <param name="high">Value of the upper edge; not finite where there are no values.</param>
    /// <param name="heightPx">Height of the panel.</param>
    public ValueAxis(double low, double high, int heightPx)
    {
        (_low, _high) = (low, high);
        HeightPx = heightPx;
        if (!double.IsFinite(low) || !double.IsFinite(high))
        {
            (_low, _high) = (0, 1);
        }
        else if (!(high > low))
        {
            // A constant is drawn in the middle.
            double margin = Math.Max(Math.Abs(low) * 0.01, 0.5);
            (_low, _high) = (low - margin, high + margin);
        }
    }

    /// <summary>An axis over the values of some columns, with a margin of 4 % above and below.</summary>
    public static ValueAxis Over(ColumnExtremes values, int heightPx)
    {
        double margin = (values.Highest - values.Lowest) * 0.04;
        return new ValueAxis(values.Lowest - margin, values.Highest + margin, heightPx);
    }

    /// <summary>Height of the panel.</summary>
    public int HeightPx { get; }

    /// <summary>Value of the lower edge.</summary>
    public double Low => _low;

    /// <summary>Value of the upper edge.</summary>
    public double High => _high;

    /// <summary>Distance of a value from the panel's top, in tenths of a pixel, within the panel.</summary>
    public int TenthsOf(double value)
    {
        // Halves, as the difference of two large numbers may be infinite.
        double share = ((_high / 2) - (value / 2)) / ((_high / 2) - (_low / 2));
        return (int)Math.Round(Math.Clamp(share, 0, 1) * HeightPx * 10);
    }

    /// <summary>Ticks at round values, at most <paramref name="most"/> and one, from below.</summary>
    public List<(double Value, string Label)> Ticks(int most)
    {
        List<(double, string)> ticks = [];
        double step = NumberSteps.AtLeast((_high / most) - (_low / most));
        double first = Math.Ceiling(_low / step);
        for (int k = 0; k <= most && (first + k) * step <= _high; k++)
        {
            ticks.Add(((first + k) * step, NumberSteps.Text((first + k) * step, step)));
        }

        return ticks;
    }
}
