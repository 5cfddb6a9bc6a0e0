// What edgelstm import prints: what was found, how it will be run, how far it is off; text for a person, or one JSON object.

using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import;
using EdgeLstm.Import.Assembly;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Lays out the outcome of an import.</summary>
internal static class ImportText
{
    private const int MaxListed = 12;

    /// <summary>The text goes to a terminal or a program, never into a web page: units like °C stay readable.</summary>
    public static JsonWriterOptions JsonOptions { get; } =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the outcome as text for a person.</summary>
    public static void Write(TextWriter output, ImportReport report)
    {
        Model model = report.Model;
        ModelManifest manifest = model.Manifest;
        output.WriteLine($"{report.Path}: {report.Imported.Format}");
        foreach (ImportedLayer layer in report.Imported.Layers)
        {
            output.WriteLine($"  {layer.Found}");
        }

        output.WriteLine();
        InspectText.WriteTable(output,
        [
            ["parameters", InspectText.Count(ParametersOf(model))],
            ["inputs", Listed([.. manifest.Inputs.Select(input => input.Name)])],
            ["outputs", Listed([.. manifest.Outputs.Select(o => $"{o.Name} {InspectText.Ahead(o.Horizon, manifest)}")])],
            ["state", report.State],
            ["scaling", report.Scaling],
            ["golden vectors", Golden(model)],
            .. report.Replay is { } replay ? [["compared", Compared(replay)]] : Array.Empty<string[]>(),
        ]);
        foreach (string warning in report.Warnings)
        {
            output.WriteLine($"warning: {warning}");
        }

        output.WriteLine($"{model.Path} is written, {InspectText.Count(model.SizeBytes)} bytes: edgelstm inspect {model.Path}");
    }

    /// <summary>Writes the members of one JSON object.</summary>
    public static void WriteJson(Utf8JsonWriter json, ImportReport report)
    {
        Model model = report.Model;
        json.WriteString("file", report.Path);
        json.WriteString("format", report.Imported.Format);
        json.WriteString("model", model.Path);
        json.WriteNumber("sizeBytes", model.SizeBytes);
        WriteLayers(json, report.Imported.Layers);
        json.WriteNumber("parameters", ParametersOf(model));
        json.WriteString("task", JsonNamingPolicy.CamelCase.ConvertName(model.Manifest.Task.ToString()));
        if (model.Manifest.Window is { } window)
        {
            json.WriteNumber("window", window);
        }

        json.WriteString("state", report.State);
        json.WriteString("scaling", report.Scaling);
        json.WriteNumber("goldenMaxScaledDeviation", model.GoldenDeviation.MaxScaled);
        if (report.Replay is { } replay)
        {
            json.WriteNumber("maxAbsDeviation", replay.Kernel.MaxAbsolute);
            json.WriteNumber("maxScaledDeviation", replay.Kernel.MaxScaled);
            json.WriteNumber("referenceMaxAbsDeviation", replay.Reference.MaxAbsolute);
            json.WriteString("compared", replay.Reading);
        }

        json.WriteStartArray("warnings");
        foreach (string warning in report.Warnings)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
    }

    private static void WriteLayers(Utf8JsonWriter json, IReadOnlyList<ImportedLayer> layers)
    {
        json.WriteStartArray("layers");
        foreach (ImportedLayer layer in layers)
        {
            json.WriteStartObject();
            json.WriteString("name", layer.Manifest.Name);
            json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(layer.Manifest.Kind.ToString()));
            json.WriteNumber("inputSize", layer.Manifest.InputSize);
            json.WriteNumber("outputSize", layer.Manifest.OutputSize);
            json.WriteString("found", layer.Found);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static long ParametersOf(Model model)
    {
        ISequenceModel network = model.CreateNetwork(model.GoldenWidth);
        return network.ParameterCount;
    }

    private static string Listed(IReadOnlyList<string> names) => names.Count <= MaxListed
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MaxListed))} and {names.Count - MaxListed} more";

    private static string Golden(Model model) =>
        $"{InspectText.Count(model.GoldenDeviation.Steps)} steps computed in double precision; the network is off by "
        + $"{InspectText.Number(model.GoldenDeviation.MaxScaled)} of max(1, |output|), allowed are "
        + InspectText.Number(model.Manifest.Golden.Tolerance);

    private static string Compared(ReplayResult replay)
    {
        ReplayDeviation worst = replay.Kernel;
        return $"{replay.Path}: {replay.Reading}: off by {InspectText.Number(worst.MaxAbsolute)} at most, "
            + $"{InspectText.Number(worst.MaxScaled)} of max(1, |output|) at step {worst.Step} of sequence {worst.Sequence}, "
            + $"output {worst.Output}; in double precision by {InspectText.Number(replay.Reference.MaxAbsolute)}";
    }
}
