// Imports an ONNX file: parses it, finds the input of samples, walks the graph to the output, and brings the layers on the way
// into canonical form. Whether the input is [time, batch, features] or [batch, time, features] is found by trying both.

using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Canonical;
using EdgeLstm.Import.Scaling;

namespace EdgeLstm.Import.Onnx;

/// <summary>Reads ONNX files, opset 7 to 22.</summary>
internal static class OnnxImporter
{
    private const long OldestOpset = 7;
    private const long NewestOpset = 22;

    private static readonly Dictionary<string, SourceTensor> NothingBound = [];

    /// <summary>Whether bytes begin like a ModelProto: a protocol buffer has no signature, so its first fields are
    /// judged.</summary>
    /// <remarks>Known fields are ir_version 1, texts 2, 3, 4, 6, model_version 5, graph 7, opset_import 8, metadata_props
    /// 14.</remarks>
    public static bool Recognises(ReadOnlySpan<byte> bytes)
    {
        // Programs write ir_version first. What continues a varint without end is a damaged one, which Read says.
        if (bytes.Length < 2 || bytes[0] != 0x08)
        {
            return false;
        }

        int at = 1;
        while (at < bytes.Length && at < 11 && bytes[at] >= 0x80)
        {
            at++;
        }

        if (at != 1 || bytes[1] is 0 or > 99)
        {
            return at == Math.Min(11, bytes.Length) && bytes[1] == 0xFF;
        }

        return bytes.Length == 2 || bytes[2] is 0x12 or 0x1A or 0x22 or 0x28 or 0x32 or 0x3A or 0x42 or 0x72;
    }

    /// <summary>Reads a model.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">Not needed: an ONNX file says everything.</param>
    /// <exception cref="ModelFileException">The file is refused.</exception>
    public static ImportedModel Read(SourceFile file, ImportOptions options) => Read(file, options, NothingBound);

    /// <summary>Reads a model whose weights are inputs of the graph, as the test suite of ONNX has them.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">Not needed.</param>
    /// <param name="bound">Constants by the name of the input.</param>
    internal static ImportedModel Read(SourceFile file, ImportOptions options, IReadOnlyDictionary<string, SourceTensor> bound)
    {
        _ = options;
        OnnxModel model = OnnxModel.Read(file);
        List<string> warnings = CheckOpset(file, model);
        HashSet<string> stored = new(model.Graph.Initializers.Select(tensor => tensor.Name), StringComparer.Ordinal);
        List<OnnxValueInfo> inputs =
            [.. model.Graph.Inputs.Where(input => !stored.Contains(input.Name) && !bound.ContainsKey(input.Name))];
        OnnxValueInfo sample = SampleInput.Find(file, model.Graph, inputs);
        return ReadEitherWay(file, model, sample, bound, warnings);
    }

    private static List<string> CheckOpset(SourceFile file, OnnxModel model)
    {
        if (model.Graph.Nodes.Count == 0)
        {
            throw file.Refuse("holds no graph with nodes; expected an ONNX model");
        }

        if (model.Opset is 0 or < OldestOpset)
        {
            throw file.Refuse($"is of opset {model.Opset}; expected {OldestOpset} to {NewestOpset}. Convert it "
                + "(onnx.version_converter)");
        }

        return model.Opset > NewestOpset
            ? [$"opset {model.Opset} is newer than {NewestOpset}, the newest this import was tested with"]
            : [];
    }

    // Time first is tried first. Of two refusals the one counts under which no recurrent node found its axes swapped.
    private static ImportedModel ReadEitherWay(
        SourceFile file, OnnxModel model, OnnxValueInfo sample, IReadOnlyDictionary<string, SourceTensor> bound,
            List<string> warnings)
    {
        GraphWalk timeFirst = GraphWalk.Run(file, model, sample, SampleFlow(file, sample, isTimeFirst: true), bound);
        ModelFileException first;
        try
        {
            return Finish(file, model, timeFirst, SampleAxes.TimeFirst, sample, [.. warnings]);
        }
        catch (ModelFileException fault)
        {
            first = fault;
        }

        GraphWalk batchFirst = GraphWalk.Run(file, model, sample, SampleFlow(file, sample, isTimeFirst: false), bound);
        try
        {
            return Finish(file, model, batchFirst, SampleAxes.BatchFirst, sample, [.. warnings]);
        }
        catch (ModelFileException) when (!timeFirst.SwapsAxes && (batchFirst.SwapsAxes || !HasConvolution(model)))
        {
            throw first;
        }
    }

    private static bool HasConvolution(OnnxModel model) => model.Graph.Nodes.Exists(node => node.OpType == "Conv");

    private static Flow SampleFlow(SourceFile file, OnnxValueInfo sample, bool isTimeFirst)
    {
        List<long?> dims = sample.Dims ?? [null, null, null];
        bool fits = dims.Count is 2 or 3 && dims.TrueForAll(size => size is null or <= 1 << 20);
        if (!fits)
        {
            throw file.Refuse($"input '{QuotedText.Of(sample.Name)}' has {sample.ShapeText}; expected [time, batch, features] or "
                + "[batch, time, features]");
        }

        string roles = dims.Count == 2 ? (isTimeFirst ? "TF" : "BF") : isTimeFirst ? "TBF" : "BTF";
        Item Size(char role, Item open) =>
            roles.IndexOf(role, StringComparison.Ordinal) is >= 0 and int at
                ? (dims[at] is { } size ? new Item(size) : open)
                : new Item(1);
        (Item time, Item batch, Item features) = (Size('T', Item.Time), Size('B', Item.Batch), Size('F', Item.Unknown));
        FlowAxis[] axes = roles.ToArray(
            role => new FlowAxis(role.ToString(), role == 'T' ? time : role == 'B' ? batch : features));
        return new Flow(axes, time, batch, (int)features.Value, null);
    }

    private static ImportedModel Finish(
        SourceFile file, OnnxModel model, GraphWalk walk, SampleAxes axes, OnnxValueInfo sample, List<string> warnings)
    {
        var outputs = GraphOutputs.Sort(file, model.Graph, walk);
        List<LayerStep> chain = LayerStep.Chain(outputs.Answer.Last);
        var builder = new LayerBuilder(file);
        int inputSize = (int?)sample.Dims?[^1] ?? chain.Find(step => step.InputSize > 0)?.InputSize ?? 0;
        foreach (LayerStep step in chain)
        {
            step.AddTo(builder, builder.IsEmpty ? inputSize : builder.OutputSize);
        }

        warnings.AddRange(walk.Warnings);
        bool isCarried = CarriedStates.Check(file, model.Graph, chain.OfType<RecurrentStep>(), outputs.States, warnings);
        AddTraps(model, chain, warnings);
        SequenceUse sequence = Sequence(outputs.Answer, isCarried, warnings);
        return new ImportedModel(FormatText(model), builder.Layers, sequence, axes, FindScaling(file, model), warnings);
    }

    private static SequenceUse Sequence(Flow answer, bool isCarried, List<string> warnings)
    {
        bool isSingleStep = answer.Time.IsOne;
        bool answersEachSample = isSingleStep || !answer.IsLastStep;
        if (isSingleStep && !isCarried)
        {
            warnings.Add("the input has a single time step and no state comes in: the original starts at zero with each "
                + "sample; here the state is carried on (--window 1 starts anew as well)");
        }

        int? window = !answersEachSample && !isCarried && answer.Time.IsNumber ? (int)answer.Time.Value : null;
        return new SequenceUse(isCarried ? true : null, window, answersEachSample);
    }

    // PyTorch computes r ⊙ (R h + b); its exporter of 2.9 and 2.10 forgets to say so.
    private static void AddTraps(OnnxModel model, List<LayerStep> chain, List<string> warnings)
    {
        bool isTorch = model.Producer == "pytorch" && IsSince(model.ProducerVersion, 2, 9);
        foreach (LayerStep step in chain)
        {
            if (isTorch && step is RecurrentStep { Kind: "GRU", Reset: Core.Layers.GruReset.Before })
            {
                warnings.Add($"node '{QuotedText.Of(step.Source)}': this GRU has linear_before_reset = 0, but GRUs of PyTorch "
                    + "always reset after "
                    + "the recurrent product: PyTorch 2.9 and later leave the attribute out, so that every engine computes it "
                    + "wrongly. Set "
                    + "linear_before_reset = 1 in the file, import the state_dict instead, or export with dynamo=False");
            }
        }
    }

    private static bool IsSince(string version, int major, int minor)
    {
        string[] parts = version.Split('.');
        return parts.Length >= 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int a)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int b)
            && (a > major || (a == major && b >= minor));
    }

    // Scaling stands in metadata_props, as the JSON of the sidecar.
    private static ChannelScaling? FindScaling(SourceFile file, OnnxModel model) =>
        model.Metadata.TryGetValue(ScalingJson.MetadataKey, out ReadOnlyMemory<byte> json)
            ? ScalingJson.Parse(file.Path, $"metadata '{ScalingJson.MetadataKey}'", json)
            : null;

    private static string FormatText(OnnxModel model)
    {
        string producer = QuotedText.Of($"{model.Producer} {model.ProducerVersion}".Trim());
        return $"ONNX opset {model.Opset}{(producer.Length > 0 ? $", {producer}" : "")}";
    }
}
