// The figures of an evaluation as JSON:  {"suite": "nab", "detector": …, "nab": {"standard": …, …}, "detectors": […]}.

using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Writes a report's figures, without its rows.</summary>
/// <remarks>
/// At the top the figures of the first detector, by the path that <see cref="Metric.Id"/> gives: "nab.standard" is the member
/// standard of the object nab. Below it every detector with its intervals. A figure that cannot be said is null.
/// </remarks>
internal static class SuiteJson
{
    /// <summary>Writes one JSON object and a line end.</summary>
    public static void Write(Stream output, SuiteReport report)
    {
        JsonWriterOptions options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter writer = new(output, options))
        {
            writer.WriteStartObject();
            WriteHead(writer, report);
            writer.WriteStartArray("detectors");
            foreach (DetectorReport detector in report.Detectors)
            {
                WriteDetector(writer, detector);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("notes");
            foreach (string note in report.Notes)
            {
                writer.WriteStringValue(note);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteHead(Utf8JsonWriter writer, SuiteReport report)
    {
        long rows = 0;
        foreach (SuiteFile file in report.Files)
        {
            rows += file.Rows.Length;
        }

        writer.WriteString("suite", report.Suite);
        writer.WriteString("date", report.Date);
        writer.WriteNumber("files", report.Files.Count);
        writer.WriteNumber("rows", rows);
        writer.WriteNumber("seeds", report.Seeds);
        if (report.Detectors.Count > 0)
        {
            writer.WriteString("detector", report.Detectors[0].Name);
            WriteMetrics(writer, report.Detectors[0], metric => WriteNumber(writer, metric.Value));
        }
    }

    private static void WriteDetector(Utf8JsonWriter writer, DetectorReport detector)
    {
        writer.WriteStartObject();
        writer.WriteString("name", detector.Name);
        writer.WriteString("description", detector.Description);
        writer.WriteString("warmUp", detector.WarmUp);
        writer.WritePropertyName("threshold");
        WriteNumber(writer, detector.Threshold);
        WriteMetrics(writer, detector, metric =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("value");
            WriteNumber(writer, metric.Value);
            writer.WritePropertyName("low");
            WriteNumber(writer, metric.Low);
            writer.WritePropertyName("high");
            WriteNumber(writer, metric.High);
            if (metric.Unit.Length > 0)
            {
                writer.WriteString("unit", metric.Unit);
            }

            writer.WriteEndObject();
        });
        writer.WriteEndObject();
    }

    // Metrics of one group ("nab.") stand side by side.
    private static void WriteMetrics(Utf8JsonWriter writer, DetectorReport detector, Action<Metric> writeValue)
    {
        string open = "";
        foreach (Metric metric in detector.Metrics)
        {
            int dot = metric.Id.IndexOf('.');
            string group = dot < 0 ? "" : metric.Id[..dot];
            if (group != open)
            {
                if (open.Length > 0)
                {
                    writer.WriteEndObject();
                }

                if (group.Length > 0)
                {
                    writer.WriteStartObject(group);
                }

                open = group;
            }

            writer.WritePropertyName(metric.Id[(dot + 1)..]);
            writeValue(metric);
        }

        if (open.Length > 0)
        {
            writer.WriteEndObject();
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
