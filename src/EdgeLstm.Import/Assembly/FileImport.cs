// The whole way of an import: read the file, name and scale its channels, compute golden vectors in double precision, hold the
// kernels against them and against given outputs, write the model file.

using System.Globalization;
using System.Security.Cryptography;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Scaling;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Assembly;

/// <summary>What is to be imported, and whereto.</summary>
/// <param name="Path">The file of another program.</param>
/// <param name="Output">The model file to write; one that is there is replaced in one step.</param>
/// <param name="Options">What the file may leave open.</param>
/// <param name="Choices">What the person decided.</param>
/// <param name="NormPath">Scaling as JSON; null: what the file says.</param>
/// <param name="IoPath">Inputs and outputs to compare with; null: none.</param>
/// <param name="IoTolerance">Largest allowed |difference| / max(1, |output|) of that comparison.</param>
/// <param name="Version">Version of this program, for the provenance.</param>
public sealed record ImportRequest(
    string Path,
    string Output,
    ImportOptions Options,
    ImportChoices Choices,
    string? NormPath = null,
    string? IoPath = null,
    double IoTolerance = ImportRequest.DefaultIoTolerance,
    string Version = "0.0.0")
{
    /// <summary>What agrees within this is the same network computed in another order.</summary>
    public const double DefaultIoTolerance = Replay.DefaultTolerance;

    /// <summary>Beyond this nothing would be compared.</summary>
    public const double MaxIoTolerance = 0.1;
}

/// <summary>What came of an import.</summary>
/// <param name="Path">The file that was read.</param>
/// <param name="Imported">What it held.</param>
/// <param name="State">How the state is kept, and why.</param>
/// <param name="Scaling">Where the scaling comes from.</param>
/// <param name="Model">The model as it was loaded before it was written.</param>
/// <param name="Replay">How far it is off given outputs; null where none were given.</param>
/// <param name="Warnings">What was assumed, and known traps.</param>
public sealed record ImportReport(
    string Path,
    ImportedModel Imported,
    string State,
    string Scaling,
    Model Model,
    ReplayResult? Replay,
    IReadOnlyList<string> Warnings);

/// <summary>Imports files.</summary>
/// <param name="read">Reads the file; <see cref="ModelImporter.Read"/> but in tests.</param>
/// <param name="time">Tells the date.</param>
public sealed class FileImport(Func<SourceFile, ImportOptions, ImportedModel> read, TimeProvider time)
{
    private const string Tool = "edgelstm import";
    private const double DefaultPeriodMs = 1000;
    private const int DefaultWarmUpSamples = 50;

    // Kernels in float32 are usually within 1e-6; steep activations and long sums need more.
    private static readonly double[] Tolerances = [1e-5, 1e-4, 1e-3];

    /// <summary>Imports a file. Where anything is refused, nothing is written.</summary>
    /// <exception cref="ModelFileException">A file is refused; the message says why and what to do.</exception>
    public ImportReport Run(ImportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequireOther(request);
        SourceFile file = SourceFile.Open(request.Path);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Bytes));
        ImportedModel imported = read(file, request.Options);
        List<string> warnings = [.. imported.Warnings];
        ChannelScaling? scaling = FindScaling(request.NormPath, imported.Scaling);
        WindowChoice window = WindowChoice.Make(imported.Sequence, request.Choices);
        ModelManifest manifest = Describe(file, sha256, imported, request, scaling, window, warnings);
        Model probe = Prove(file, imported, ref manifest, request.Output, warnings, out IReadOnlyList<Tensor> tensors);
        ReplayResult? replay = Compare(file, request, imported, window, probe, warnings);
        Model model = ModelFile.Save(request.Output, manifest, tensors);
        return new ImportReport(request.Path, imported, window.Line, scaling?.Source ?? "none", model, replay, warnings);
    }

    private static void RequireOther(ImportRequest request)
    {
        if (Path.GetFullPath(request.Path) == Path.GetFullPath(request.Output))
        {
            throw ModelFileException.In(request.Output, "is the file that is read; write the model to another one");
        }
    }

    // Each side from the first that has it: the command line, then the file.
    private static ChannelScaling? FindScaling(string? normPath, ChannelScaling? inFile)
    {
        if (normPath is null)
        {
            return inFile;
        }

        byte[] json = SideFile.Open(normPath, ScalingJson.MaxBytes);
        ChannelScaling given = ScalingJson.Parse(normPath, Path.GetFileName(normPath), json);
        bool bothAreUsed = inFile is not null
            && ((given.Inputs is null && inFile.Inputs is not null) || (given.Outputs is null && inFile.Outputs is not null));
        return bothAreUsed
            ? new ChannelScaling(
                $"{given.Source}, {inFile!.Source}", given.Inputs ?? inFile.Inputs, given.Outputs ?? inFile.Outputs)
            : given;
    }

    private ModelManifest Describe(
        SourceFile file,
        string sha256,
        ImportedModel imported,
        ImportRequest request,
        ChannelScaling? scaling,
        WindowChoice window,
        List<string> warnings)
    {
        ImportChoices choices = request.Choices;
        IReadOnlyList<InputManifest> inputs =
            InputChannels.Make(file, imported.InputSize, choices.InputNames, scaling, warnings);
        double periodMs = choices.PeriodMs ?? DefaultPeriodMs;
        if (choices.PeriodMs is null)
        {
            warnings.Add("sample period not said: 1 s is assumed; --period gives that of the training data");
        }

        (ModelTask task, IReadOnlyList<OutputManifest> outputs) =
            new OutputChannels(file, imported, inputs, choices, scaling, warnings).Make(periodMs);
        string day = time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string source = $"{Path.GetFileName(request.Path)} ({imported.Format})";
        var manifest = new ModelManifest(
            ModelManifest.CurrentFormatVersion, choices.Name ?? ChannelNames.OfModel(request.Output), task, periodMs,
            choices.WarmUpSamples ?? window.Window ?? DefaultWarmUpSamples, inputs,
            [.. imported.Layers.Select(layer => layer.Manifest)], outputs, new GoldenManifest(Tolerances[^1]),
            new ProvenanceManifest(source, sha256, Tool, request.Version, day), window.Window);
        IReadOnlyList<string> problems = manifest.FindProblems();
        return problems.Count == 0
            ? manifest
            : throw file.Refuse($"cannot become a model: {string.Join("; ", problems)}");
    }

    // The kernels against the golden vectors; their tolerance is the least of a few that they keep.
    private static Model Prove(
        SourceFile file,
        ImportedModel imported,
        ref ModelManifest manifest,
        string output,
        List<string> warnings,
        out IReadOnlyList<Tensor> tensors)
    {
        tensors = [.. imported.Layers.SelectMany(layer => layer.Tensors), .. GoldenInputs.Make(file, imported, manifest.Window)];
        Model model = ModelFile.Load(output, ModelFile.ToBytes(manifest, tensors));
        double found = model.GoldenDeviation.MaxScaled;
        double tolerance = Array.Find(Tolerances, candidate => found <= candidate);
        if (tolerance > Tolerances[0])
        {
            warnings.Add(FormattableString.Invariant($"in float32 the network is off double precision by {found:G3} of ")
                + FormattableString.Invariant($"max(1, |output|): its golden vectors are checked within {tolerance:G1}"));
        }

        manifest = manifest with { Golden = new GoldenManifest(tolerance) };
        return model;
    }

    private static ReplayResult? Compare(
        SourceFile file, ImportRequest request, ImportedModel imported, WindowChoice window, Model model, List<string> warnings)
    {
        if (request.IoPath is null)
        {
            return null;
        }

        IoFile io = IoFile.Open(request.IoPath);
        ReplayResult result = new Replay(imported, model.Manifest, request.IoTolerance).Run(
            io, isCarried => Network(file, imported, model, isCarried));
        if (!window.IsSaid && result.Windows is { } length)
        {
            warnings.Add($"{request.IoPath} has sequences of {length} samples with one output each: was the network trained on "
                + $"such windows? Then --window {length}");
        }

        return result;
    }

    // Of a model with a window the same weights with the state carried on, for sequences that were run so.
    private static ISequenceModel Network(SourceFile file, ImportedModel imported, Model model, bool isCarried)
    {
        if (!isCarried || model.Manifest.Window is null)
        {
            return model.CreateNetwork(model.GoldenWidth);
        }

        ModelManifest carried = model.Manifest with { Window = null };
        Tensor[] tensors = [.. imported.Layers.SelectMany(layer => layer.Tensors), .. GoldenInputs.Make(file, imported, null)];
        Model twin = ModelFile.Load(model.Path, ModelFile.ToBytes(carried, tensors));
        return twin.CreateNetwork(twin.GoldenWidth);
    }
}
