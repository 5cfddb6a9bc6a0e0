// What `edgelstm inspect` prints about a model file: text for a person, or one JSON object.

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Lays out everything a model file says about itself, and what its network costs on this processor.</summary>
internal static class InspectText
{
    private const int ShownDigits = 6;

    /// <summary>Writes the model as text for a person.</summary>
    public static void Write(TextWriter output, Model model)
    {
        WriteHead(output, model);
        WriteInputs(output, model.Manifest);
        WriteLayers(output, model);
        WriteOutputs(output, model.Manifest);
        WriteCalibration(output, model.Manifest);
        WriteResults(output, model.Manifest);
        WriteProvenance(output, model.Manifest.Provenance);
        WriteGolden(output, model);
    }

    /// <summary>Writes the model as one JSON object: the manifest's keys, and what was measured when it was loaded.</summary>
    public static void WriteJson(Stream output, Model model)
    {
        ISequenceModel network = model.CreateNetwork(model.GoldenWidth);

        // The text goes to a terminal or a program, never into a web page: units like °C stay readable.
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var json = new Utf8JsonWriter(output, options);
        json.WriteStartObject();
        json.WriteString("file", model.Path);
        json.WriteNumber("sizeBytes", model.SizeBytes);
        json.WriteString("sha256", model.Sha256);
        json.WriteString("precision", PrecisionNames.Of(model.Precision));
        json.WriteNumber("parameters", network.ParameterCount);
        json.WriteNumber("stateFloats", network.StateSize);
        json.WriteNumber("weightBytesPerStep", network.WeightBytes);
        json.WriteNumber("vectorWidthBits", (int)model.GoldenWidth);
        json.WriteNumber("goldenSteps", model.GoldenDeviation.Steps);
        json.WriteNumber("goldenMaxAbsDeviation", model.GoldenDeviation.MaxAbsolute);
        json.WriteNumber("goldenMaxScaledDeviation", model.GoldenDeviation.MaxScaled);
        using JsonDocument manifest = JsonDocument.Parse(ManifestJson.Write(model.Manifest));
        foreach (JsonProperty property in manifest.RootElement.EnumerateObject())
        {
            if (property.NameEquals("layers"))
            {
                WriteJsonLayers(json, property.Value, network);
            }
            else if (!property.NameEquals("precision"))
            {
                property.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteJsonLayers(Utf8JsonWriter json, JsonElement layers, ISequenceModel network)
    {
        json.WriteStartArray("layers");
        int index = 0;
        foreach (JsonElement layer in layers.EnumerateArray())
        {
            Layer made = network.Layers[index++];
            json.WriteStartObject();
            foreach (JsonProperty property in layer.EnumerateObject())
            {
                property.WriteTo(json);
            }

            json.WriteNumber("parameters", made.ParameterCount);
            json.WriteNumber("stateFloats", made.StateSize);
            json.WriteNumber("weightBytesPerStep", made.WeightBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteHead(TextWriter output, Model model)
    {
        ModelManifest manifest = model.Manifest;
        output.WriteLine(manifest.Name);
        if (!string.IsNullOrEmpty(manifest.Description))
        {
            output.WriteLine(manifest.Description);
        }

        output.WriteLine();
        WriteTable(output,
        [
            ["file", $"{model.Path}, {Count(model.SizeBytes)} bytes"],
            ["sha256", model.Sha256],
            ["format", $"version {manifest.FormatVersion}"],
            ["precision", PrecisionNames.Of(model.Precision)],
            ["task", Word(manifest.Task)],
            ["sample period", Duration(manifest.SamplePeriodMs)],
            ["state", manifest.Window is int window
                ? $"from zero over the latest {Periods(window, manifest)}: {Count(window)} windows side by side"
                : "carried from sample to sample"],
            ["warm-up", $"{Periods(manifest.WarmUpSamples, manifest)} before outputs are trusted"],
        ]);
    }

    private static void WriteInputs(TextWriter output, ModelManifest manifest) =>
        WriteSection(
            output, "Inputs",
            ["name", "unit", "network input", "range in training"],
            manifest.Inputs.Select(input => new[]
            {
                input.Name, input.Unit, $"(x{Plus(-input.Offset)}) · {Number(input.Scale)}", Range(input.Minimum, input.Maximum),
            }));

    private static void WriteLayers(TextWriter output, Model model)
    {
        ISequenceModel network = model.CreateNetwork(model.GoldenWidth);
        IEnumerable<string[]> rows = model.Manifest.Layers.Zip(network.Layers, (layer, made) => new[]
        {
            layer.Name, Describe(layer), Count(layer.InputSize), Count(layer.OutputSize), Count(made.ParameterCount),
            Count(made.StateSize), Count(made.WeightBytes),
        });
        string windows = model.Manifest.Window is int window ? $"{Count(window)} windows" : "";
        string[] total =
            ["total", windows, "", "", Count(network.ParameterCount), Count(network.StateSize), Count(network.WeightBytes)];
        WriteSection(
            output, "Layers",
            ["name", "kind", "inputs", "outputs", "parameters", "state floats", "bytes per step"],
            [.. rows, total]);
    }

    private static void WriteOutputs(TextWriter output, ModelManifest manifest) =>
        WriteSection(
            output, "Outputs",
            ["name", "unit", "ahead", "estimates", "physical value", "clipped to"],
            manifest.Outputs.Select(o => new[]
            {
                o.Name, o.Unit, Ahead(o.Horizon, manifest), Estimate(o, manifest.Task), Formula(o),
                Range(o.ClipMinimum, o.ClipMaximum),
            }));

    private static void WriteCalibration(TextWriter output, ModelManifest manifest)
    {
        foreach (OutputManifest o in manifest.Outputs)
        {
            if (o.Residuals is not { } residuals)
            {
                continue;
            }

            string estimate = o.Quantile is null ? "" : $", {Estimate(o, manifest.Task)}";
            output.WriteLine();
            output.WriteLine($"Residuals of {o.Name}, {Ahead(o.Horizon, manifest)}{estimate}");
            WriteTable(output,
            [
                ["measured on", $"{Count(residuals.Samples)} samples"],
                ["mean", $"{Number(residuals.Mean)} {o.Unit}"],
                ["standard deviation", $"{Number(residuals.StandardDeviation)} {o.Unit}"],
                .. residuals.TailProbability.ToArray((probability, k) => new[]
                {
                    $"|residual| above {Number(residuals.AbsoluteResidual[k])} {o.Unit}",
                    $"with probability {Number(probability)}",
                }),
            ]);
        }
    }

    private static void WriteResults(TextWriter output, ModelManifest manifest)
    {
        if (manifest.Results is { Count: > 0 } results)
        {
            WriteSection(
                output, "Results on data the model had not seen",
                ["output", "ahead", "error", "unit", "model", "persistence", "seasonal naive"],
                results.Select(r => new[]
                {
                    r.Output, Ahead(r.Horizon, manifest), Word(r.Metric), r.Unit,
                    Number(r.Model), Number(r.Persistence), Number(r.SeasonalNaive),
                }));
        }
    }

    private static void WriteProvenance(TextWriter output, ProvenanceManifest provenance)
    {
        output.WriteLine();
        output.WriteLine("Provenance");
        WriteTable(output,
        [
            ["source", provenance.Source],
            ["sha256", provenance.Sha256],
            ["tool", $"{provenance.Tool}, version {provenance.Version}"],
            ["date", provenance.Date],
        ]);
    }

    private static void WriteGolden(TextWriter output, Model model)
    {
        GoldenDeviation worst = model.GoldenDeviation;
        output.WriteLine();
        output.WriteLine("Golden vectors");
        WriteTable(output,
        [
            ["result", $"passed: {Count(worst.Steps)} steps with {(int)model.GoldenWidth}-bit vectors on this processor"],
            ["greatest difference", Number(worst.MaxAbsolute)],
            ["over max(1, |expected|)", $"{Number(worst.MaxScaled)}, at step {worst.Step} of output {worst.Output}"],
            ["tolerance of it", Number(model.Manifest.Golden.Tolerance)],
        ]);
    }

    private static void WriteSection(TextWriter output, string title, string[] columns, IEnumerable<string[]> rows)
    {
        output.WriteLine();
        output.WriteLine(title);
        WriteTable(output, [columns, .. rows]);
    }

    /// <summary>Columns as wide as their widest cell, two spaces apart; nothing after the last word of a row.</summary>
    internal static void WriteTable(TextWriter output, IReadOnlyList<string[]> rows)
    {
        int[] widths = ArrayProjection.Of(rows[0].Length, column => rows.Max(row => row[column].Length));
        foreach (string[] row in rows)
        {
            output.WriteLine("  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    internal static string Describe(LayerManifest layer)
    {
        string[] words =
        [
            Word(layer.Kind),
            layer.KernelSize is { } kernel ? $"{Count(kernel)} samples" : "",
            layer.Dilation is { } dilation ? $"dilation {Count(dilation)}" : "",
            layer.Reset is { } reset ? $"reset {Word(reset)}" : "",
            layer.Activation?.ToString() ?? "",
            layer.GateActivation is { } gates ? $"gates {gates}" : "",
            layer.OutputActivation is { } outputs ? $"output {outputs}" : "",
            layer.Peepholes == true ? "peepholes" : "",
            layer.CoupledForget == true ? "coupled forget gate" : "",
            layer.Clip is { } clip ? $"sums within ±{Number(clip)}" : "",
            layer.CellClip is { } cellClip ? $"cell within ±{Number(cellClip)}" : "",
            layer.HiddenSize is { } hidden ? $"{Count(hidden)} units projected" : "",
            layer.InitialState == true ? "trained initial state" : "",
            layer.Epsilon is { } epsilon ? $"epsilon {Number(epsilon)}" : "",
        ];
        return string.Join(", ", words.Where(word => word.Length > 0));
    }

    internal static string Estimate(OutputManifest output, ModelTask task) =>
        output.Quantile is { } quantile ? $"quantile {Number(quantile)}" : task == ModelTask.Classify ? "probability" : "value";

    private static string Formula(OutputManifest output) =>
        $"y / {Number(output.Scale)}{Plus(output.Offset)}{(output.RelativeTo is { } input ? $" + current {input}" : "")}";

    private static string Plus(double value) => value == 0 ? "" : $" {(value < 0 ? '−' : '+')} {Number(Math.Abs(value))}";

    private static string Range(double? minimum, double? maximum) => (minimum, maximum) switch
    {
        (null, null) => "-",
        (null, _) => $"at most {Number(maximum.Value)}",
        (_, null) => $"at least {Number(minimum.Value)}",
        _ => $"{Number(minimum.Value)} to {Number(maximum.Value)}",
    };

    internal static string Ahead(int horizon, ModelManifest manifest) => horizon == 0 ? "now" : Periods(horizon, manifest);

    private static string Periods(int count, ModelManifest manifest) =>
        $"{Count(count)} {(count == 1 ? "sample" : "samples")} ({Duration(count * manifest.SamplePeriodMs)})";

    internal static string Duration(double durationMs) => durationMs switch
    {
        < 1000 => $"{Number(durationMs)} ms",
        < 120_000 => $"{Number(durationMs / 1000)} s",
        < 7_200_000 => $"{Number(durationMs / 60_000)} min",
        < 172_800_000 => $"{Number(durationMs / 3_600_000)} h",
        _ => $"{Number(durationMs / 86_400_000)} days",
    };

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    internal static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    internal static string Number(double value) => value.ToString($"G{ShownDigits}", CultureInfo.InvariantCulture);
}
