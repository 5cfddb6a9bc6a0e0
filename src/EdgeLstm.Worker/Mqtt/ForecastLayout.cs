// Groups a model's outputs into forecasts: one value with a low and a high edge per name and horizon.

using System.Globalization;
using System.Text.Json;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>One entry of a payload's <c>forecast</c> object, as indices into a record's outputs.</summary>
/// <param name="Key">Name, with <c>_h</c> and the horizon where there is one.</param>
/// <param name="Info">The output that gives the value.</param>
/// <param name="Value">Index of the median or point output.</param>
/// <param name="LowQuantile">Index of the lowest quantile output; −1: the calibrated band of the value output.</param>
/// <param name="HighQuantile">Index of the highest quantile output; −1: the calibrated band of the value output.</param>
internal sealed record ForecastField(JsonEncodedText Key, OutputInfo Info, int Value, int LowQuantile, int HighQuantile);

/// <summary>The order and grouping of all forecasts of a stream.</summary>
internal static class ForecastLayout
{
    /// <summary>Groups by name and horizon, in the order of first appearance.</summary>
    public static ForecastField[] Group(IReadOnlyList<OutputInfo> outputs)
    {
        List<ForecastField> fields = [];
        for (int i = 0; i < outputs.Count; i++)
        {
            if (FirstOfGroup(outputs, i) == i)
            {
                fields.Add(Describe(outputs, i));
            }
        }

        return [.. fields];
    }

    /// <summary>temperature_h6, or just the name at horizon 0.</summary>
    public static string KeyOf(OutputInfo output) =>
        output.Horizon == 0 ? output.Name : string.Create(CultureInfo.InvariantCulture, $"{output.Name}_h{output.Horizon}");

    private static ForecastField Describe(IReadOnlyList<OutputInfo> outputs, int first)
    {
        int value = first;
        int low = -1;
        int high = -1;
        for (int i = first; i < outputs.Count; i++)
        {
            if (!SameGroup(outputs[i], outputs[first]))
            {
                continue;
            }

            value = Distance(outputs[i]) < Distance(outputs[value]) ? i : value;
            low = outputs[i].Quantile is < 0.5 && (low < 0 || outputs[i].Quantile < outputs[low].Quantile) ? i : low;
            high = outputs[i].Quantile is > 0.5 && (high < 0 || outputs[i].Quantile > outputs[high].Quantile) ? i : high;
        }

        return new ForecastField(JsonEncodedText.Encode(KeyOf(outputs[first])), outputs[value], value, low, high);
    }

    // The median first, then the point output, then the quantile nearest to the median.
    private static double Distance(OutputInfo output) => output.Quantile is { } q ? Math.Abs(q - 0.5) : 1e-9;

    private static int FirstOfGroup(IReadOnlyList<OutputInfo> outputs, int index)
    {
        int first = 0;
        while (!SameGroup(outputs[first], outputs[index]))
        {
            first++;
        }

        return first;
    }

    private static bool SameGroup(OutputInfo a, OutputInfo b) => a.Horizon == b.Horizon && a.Name == b.Name;
}
