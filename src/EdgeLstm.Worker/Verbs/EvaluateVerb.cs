// edgelstm evaluate CONFIG [RECORDING]: how well a stream forecasts a recording, and what narrower weights would cost it.
// edgelstm evaluate MODEL.safetensors RECORDING: how well a model file forecasts, beside forecasts anyone can make;
// EvaluateModel. edgelstm evaluate --suite nab DIR: how well anomaly detectors do on a labelled corpus; see EvaluateSuite.

using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Evaluation;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Verbs;

/// <summary>
/// Prints forecast errors at every precision of the weights, from the same pipeline that the service runs; or evaluates a model;
/// or scores a corpus.
/// </summary>
internal static class EvaluateVerb
{
    private const string StoredDigits = "G6";

    public static Command Command()
    {
        EvaluateOptions options = new();
        Command command = options.Command(
            "evaluate",
            "Measure a model beside baselines, a stream at every precision of its weights, or anomaly detectors over a corpus.");
        command.SetAction(parsed => options.Model(parsed) is { } model
            ? EvaluateModel.Run(model)
            : options.Recording(parsed) is { } wishes
            ? Run(wishes.Configuration, wishes.Recording, wishes.Stream, wishes.Json)
            : EvaluateSuite.Run(options.Suite(parsed)));
        return command;
    }

    private static int Run(string path, string? recording, string? name, bool json)
    {
        int code = RecordingChoice.Find(path, recording, name, out RecordedStream? recorded);
        if (recorded is null)
        {
            return code;
        }

        if (FindReasonAgainst(recorded, out IReadOnlyList<PrecisionErrors> measured) is { } problem)
        {
            Console.Error.WriteLine(problem);
            return ExitCode.InputRefused;
        }

        if (json)
        {
            WriteJson(recorded, measured);
        }
        else
        {
            Write(Console.Out, recorded, measured);
        }

        return ExitCode.Done;
    }

    private static string? FindReasonAgainst(RecordedStream recorded, out IReadOnlyList<PrecisionErrors> measured)
    {
        measured = [];
        if (recorded.Stream.Model is not { } model)
        {
            return $"stream '{recorded.Stream.Settings.Name}' has no model, so that there are no weights to compare; "
                + "edgelstm replay shows what it forecasts";
        }

        if (model.Manifest.Task != ModelTask.Forecast)
        {
            return $"{model.Path}: its task is {model.Manifest.Task}; only forecasts can be compared with what came";
        }

        measured = PrecisionComparison.Measure(recorded, out string? problem);
        return problem ?? (measured[0].Errors.Any(error => error.Forecasts > 0)
            ? null
            : $"{recorded.File}: no forecast could be compared: it has too few measured samples in a row for the model's "
                + $"warm-up of {model.Manifest.WarmUpSamples} and its horizons");
    }

    internal static void Write(TextWriter output, RecordedStream recorded, IReadOnlyList<PrecisionErrors> measured)
    {
        ModelManifest manifest = recorded.Stream.Model!.Manifest;
        string stepped = manifest.Window is { } window ? $"windows of {window} samples" : "state carried";
        output.WriteLine($"{manifest.Name} over {Path.GetFileName(recorded.File)}, {stepped}, after warm-up");
        List<string[]> rows =
        [
            ["output", "ahead", "estimates", "forecasts", "error", "unit", .. measured.SelectMany(Header)],
        ];
        for (int i = 0; i < measured[0].Errors.Count; i++)
        {
            ForecastError error = measured[0].Errors[i];
            OutputManifest forecast = manifest.Outputs[error.Output];
            rows.Add(
            [
                forecast.Name, InspectText.Ahead(forecast.Horizon, manifest), InspectText.Estimate(forecast, manifest.Task),
                InspectText.Count(error.Forecasts), error.Metric, forecast.Unit,
                .. measured.SelectMany(precision => Cells(precision, measured[0], i)),
            ]);
        }

        InspectText.WriteTable(output, rows);
        output.WriteLine("bytes of weights read per step: " + string.Join(", ", measured.Select(
            precision => $"{PrecisionNames.Of(precision.Precision)} {InspectText.Count(precision.WeightBytesPerStep)}")));
    }

    private static string[] Header(PrecisionErrors precision, int index) =>
        index == 0 ? [PrecisionNames.Of(precision.Precision)] : [PrecisionNames.Of(precision.Precision), "change"];

    private static string[] Cells(PrecisionErrors precision, PrecisionErrors reference, int index)
    {
        string error = InspectText.Number(precision.Errors[index].Value);
        return precision == reference
            ? [error]
            : [error, FormattableString.Invariant($"{precision.ChangePercent(reference, index):+0.000;-0.000} %")];
    }

    // No path and no figure that differs between machines without meaning: the file may be kept beside the model.
    private static void WriteJson(RecordedStream recorded, IReadOnlyList<PrecisionErrors> measured)
    {
        Model model = recorded.Stream.Model!;
        JsonWriterOptions options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        Verb.WriteJson(writer =>
        {
            writer.WriteString("model", model.Manifest.Name);
            writer.WriteString("sha256", model.Sha256);
            writer.WriteString("recording", Path.GetFileName(recorded.File));
            writer.WriteStartArray("errors");
            for (int i = 0; i < measured[0].Errors.Count; i++)
            {
                WriteJsonError(writer, model.Manifest, measured, i);
            }

            writer.WriteEndArray();
        }, options);
    }

    private static void WriteJsonError(
        Utf8JsonWriter writer, ModelManifest manifest, IReadOnlyList<PrecisionErrors> measured, int index)
    {
        ForecastError error = measured[0].Errors[index];
        OutputManifest output = manifest.Outputs[error.Output];
        writer.WriteStartObject();
        writer.WriteString("output", output.Name);
        writer.WriteNumber("horizon", output.Horizon);
        if (output.Quantile is { } quantile)
        {
            writer.WriteNumber("quantile", quantile);
        }

        writer.WriteString("metric", error.Metric);
        writer.WriteString("unit", output.Unit);
        writer.WriteNumber("forecasts", error.Forecasts);
        foreach (PrecisionErrors precision in measured)
        {
            string value = precision.Errors[index].Value.ToString(StoredDigits, CultureInfo.InvariantCulture);
            writer.WritePropertyName(PrecisionNames.Of(precision.Precision));
            writer.WriteRawValue(error.Forecasts > 0 ? value : "null");
        }

        writer.WriteEndObject();
    }
}
