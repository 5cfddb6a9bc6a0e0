// Writes a float32 model again with narrow weights: BF16, or I8 with one scale per row; all other tensors stay as they are.

using System.Security.Cryptography;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>A model before and after its weights were narrowed.</summary>
/// <param name="Source">The float32 model.</param>
/// <param name="Written">The narrow one, as it was loaded before it was written.</param>
/// <param name="Loss">How far the narrow network is off the golden outputs of the float32 weights.</param>
public sealed record QuantizedModel(Model Source, Model Written, GoldenDeviation Loss);

/// <summary>Makes model files with narrow weights of those with float32 weights.</summary>
/// <remarks>
/// The golden outputs are computed anew, by the narrow network itself: they prove the file, not the narrowing. Their tolerance
/// stays as it is for bfloat16, whose kernels compute in float32. Int8 kernels round h to 127ths: where it lies halfway between
/// two, the last bit decides, which another processor may compute otherwise, so the tolerance is
/// <see cref="Int8GoldenTolerance"/> at least. Residuals and results in the manifest stay those of the float32 weights.
/// </remarks>
public static class ModelQuantizer
{
    /// <summary>Least golden tolerance of an int8 file.</summary>
    public const double Int8GoldenTolerance = 1e-2;

    /// <summary>Loads the model at <paramref name="source"/> and writes it with narrow weights.</summary>
    /// <param name="source">A model file with float32 weights.</param>
    /// <param name="precision">BFloat16 or Int8.</param>
    /// <param name="output">The file to write; one that is there is replaced in one step, unless it is the source.</param>
    /// <exception cref="ModelFileException">The source is refused or already narrow, or the output cannot be written.</exception>
    public static QuantizedModel Save(string source, WeightPrecision precision, string output)
    {
        if (precision is not (WeightPrecision.BFloat16 or WeightPrecision.Int8))
        {
            throw new ArgumentOutOfRangeException(nameof(precision), precision, "expected BFloat16 or Int8");
        }

        SafetensorsFile file = SafetensorsFile.Open(source);
        Model model = ModelFile.Load(file);
        RequireWideWeights(model);
        RequireOther(model, output);
        if (model.FindReasonAgainst(precision) is { } reason)
        {
            throw ModelFileException.In(source, reason);
        }

        ModelManifest manifest = Narrow(model.Manifest, precision);
        List<Tensor> tensors = Narrow(file, manifest.Layers, precision);
        ReplaceGoldenOutputs(output, manifest, tensors);
        Model written = ModelFile.Save(output, manifest, tensors);
        return new QuantizedModel(model, written, model.Golden.Measure(written.CreateNetwork(written.GoldenWidth)));
    }

    private static void RequireWideWeights(Model model)
    {
        if (model.Precision != WeightPrecision.Float32)
        {
            throw ModelFileException.In(
                model.Path, $"its weights are {PrecisionNames.Of(model.Precision)} already; start from the float32 file: "
                + "narrowing twice loses twice.");
        }

        if (!model.Manifest.Layers.Any(layer => layer.Kind.IsRecurrent()))
        {
            throw ModelFileException.In(model.Path, "has no recurrent layer, and all others stay float32: nothing to narrow.");
        }
    }

    // The same file may have many names; its content tells.
    private static void RequireOther(Model model, string output)
    {
        try
        {
            if (File.Exists(output) && new FileInfo(output).Length == model.SizeBytes
                && Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(output))) == model.Sha256)
            {
                throw ModelFileException.In(output, "is the model that is read, or a copy of it; name another file to write.");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw ModelFileException.In(output, $"cannot be read before it is replaced: {fault.Message}", fault);
        }
    }

    private static ModelManifest Narrow(ModelManifest manifest, WeightPrecision precision)
    {
        double least = precision == WeightPrecision.Int8 ? Int8GoldenTolerance : 0;
        return manifest with
        {
            Precision = precision,
            Golden = new GoldenManifest(Math.Max(manifest.Golden.Tolerance, least)),
            Provenance = manifest.Provenance with { Tool = $"{manifest.Provenance.Tool}; edgelstm quantize" },
        };
    }

    private static List<Tensor> Narrow(SafetensorsFile file, IReadOnlyList<LayerManifest> layers, WeightPrecision precision)
    {
        HashSet<string> narrow =
            [.. layers.Where(layer => layer.Kind.IsRecurrent())
                .SelectMany(layer => new[] { $"{layer.Name}.weight_ih", $"{layer.Name}.weight_hh" })];
        List<Tensor> tensors = [];
        foreach (TensorInfo info in file.Tensors.Values.OrderBy(info => info.BeginByte))
        {
            var tensor = new Tensor(info.Name, info.Shape, file.Take(info.Name, "", [.. info.Shape]));
            if (!narrow.Contains(info.Name))
            {
                tensors.Add(tensor);
            }
            else if (precision == WeightPrecision.BFloat16)
            {
                tensors.Add(tensor with { Type = TensorType.BF16 });
            }
            else
            {
                tensors.AddRange(ToInt8(tensor));
            }
        }

        return tensors;
    }

    private static Tensor[] ToInt8(Tensor matrix)
    {
        (int rows, int columns) = ((int)matrix.Shape[0], (int)matrix.Shape[1]);
        float[] whole = new float[matrix.Values.Length];
        float[] scales = new float[rows];
        sbyte[] q = new sbyte[columns];
        for (int row = 0; row < rows; row++)
        {
            scales[row] = Int8Rows.Quantize(matrix.Values.AsSpan(row * columns, columns), q);
            for (int k = 0; k < columns; k++)
            {
                whole[(row * columns) + k] = q[k];
            }
        }

        return
        [
            matrix with { Values = whole, Type = TensorType.I8 },
            new Tensor(matrix.Name + WeightMatrix.ScaleSuffix, [rows], scales),
        ];
    }

    // The narrow weights are read as whoever loads the file will read them, and stepped with the vectors every processor has.
    // Where the network is so sensitive that rounding while it runs moves it too far, the file would be refused by every reader.
    private static void ReplaceGoldenOutputs(string path, ModelManifest manifest, List<Tensor> tensors)
    {
        Model draft = ModelFile.LoadUnproved(SafetensorsFile.Parse(path, ModelFile.ToBytes(manifest, tensors)));
        float[] outputs = draft.Golden.Run(draft.CreateNetwork(VectorWidth.Bits128));
        int at = tensors.FindIndex(tensor => tensor.Name == GoldenVectors.OutputsName);
        tensors[at] = tensors[at] with { Values = outputs };
        GoldenDeviation worst = (draft.Golden with { Outputs = outputs }).Measure(draft.CreateNetwork(draft.GoldenWidth));
        if (!worst.IsWithin(manifest.Golden.Tolerance))
        {
            throw ModelFileException.In(path, FormattableString.Invariant(
                $"is not written: in {PrecisionNames.Of(draft.Precision)} vectors of another width give outputs that differ by ")
                + FormattableString.Invariant($"{worst.MaxScaled:G3}; at most {manifest.Golden.Tolerance:G3}. Keep float32."));
        }
    }
}
