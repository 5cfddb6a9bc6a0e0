// One measured figure with the limit it must keep, and the table of all of them.

using System.Globalization;
using System.Text.Json;

namespace EdgeLstm.Benchmarks.Service;

/// <summary>A figure.</summary>
/// <param name="Name">camelCase, the unit at its end.</param>
/// <param name="Text">What it says, for the table.</param>
/// <param name="Value">The figure.</param>
/// <param name="Limit">The greatest value that is good enough; null where there is none.</param>
internal sealed record Figure(string Name, string Text, double Value, double? Limit = null)
{
    /// <summary>False when the limit is broken.</summary>
    public bool IsMet => !(Value > Limit) && !double.IsNaN(Value);

    /// <summary>Prints the table.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<Figure> figures)
    {
        writer.WriteLine($"{"",-64} {"measured",12} {"limit",12}");
        foreach (Figure figure in figures)
        {
            string limit = figure.Limit is double number ? Show(number) : "";
            writer.WriteLine($"{figure.Text,-64} {Show(figure.Value),12} {limit,12} {(figure.IsMet ? "" : "BROKEN")}".TrimEnd());
        }
    }

    /// <summary>Prints one JSON object.</summary>
    public static void WriteJson(Stream stream, IReadOnlyList<Figure> figures)
    {
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            foreach (Figure figure in figures)
            {
                writer.WriteStartObject(figure.Name);
                writer.WriteNumber("value", figure.Value);
                if (figure.Limit is double limit)
                {
                    writer.WriteNumber("limit", limit);
                }

                writer.WriteBoolean("met", figure.IsMet);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        stream.Write("\n"u8);
    }

    /// <summary>The value below which the given part of the sorted values lies.</summary>
    public static double Quantile(double[] sorted, double part) =>
        sorted[Math.Min(sorted.Length - 1, (int)(part * sorted.Length))];

    private static string Show(double value) =>
        value.ToString(Math.Abs(value) >= 100 || value == Math.Floor(value) ? "0" : "0.00", CultureInfo.InvariantCulture);
}
