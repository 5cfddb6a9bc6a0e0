// The range of one channel, beside what a model was trained on:  deviation = (median − mean) / standard deviation.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Worker.Listening;

/// <summary>Values of one channel. NaN counts as missing.</summary>
internal sealed class ChannelStatistics
{
    private readonly SampledValues _values = new();

    /// <summary>Values that were there.</summary>
    public long Count { get; private set; }

    /// <summary>Values that were missing or impossible.</summary>
    public long Missing { get; private set; }

    /// <summary>The smallest; NaN where there are none.</summary>
    public double Minimum { get; private set; } = double.NaN;

    /// <summary>The largest; NaN where there are none.</summary>
    public double Maximum { get; private set; } = double.NaN;

    /// <summary>Half of the values are below; NaN where there are none.</summary>
    public double Median => _values.Quantile(0.5);

    /// <summary>Adds a value.</summary>
    public void Add(double value)
    {
        if (double.IsNaN(value))
        {
            Missing++;
            return;
        }

        Count++;
        Minimum = Count == 1 ? value : Math.Min(Minimum, value);
        Maximum = Count == 1 ? value : Math.Max(Maximum, value);
        _values.Add(value);
    }

    /// <summary>Standard deviations from the mean of the training data to the median, with its sign.</summary>
    /// <param name="input">The model's input: mean and scale of its standardising.</param>
    public double DeviationsFrom(InputManifest input) => (Median - input.Offset) * Math.Abs(input.Scale);
}
