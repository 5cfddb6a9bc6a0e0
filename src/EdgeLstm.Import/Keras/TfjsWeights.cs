// The weights of a TensorFlow.js model: cut out of the files beside model.json by the list in it.

using System.Buffers.Binary;
using System.Text.Json;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Keras;

/// <summary>The weights by name: <c>lstm_1/kernel</c>, <c>lstm_1/lstm_cell/kernel</c>.</summary>
/// <remarks>Memory: the files beside model.json, and the float32 values of what is read.</remarks>
internal sealed class TfjsWeights : KerasWeights
{
    private const int MaxFiles = 1024;

    private readonly List<KerasWeight> _weights = [];
    private readonly SourceFile _file;

    private TfjsWeights(SourceFile file) => _file = file;

    /// <summary>Reads the list of weights and their files.</summary>
    public static TfjsWeights Read(ConfigNode root)
    {
        var weights = new TfjsWeights(root.File);
        int files = 0;
        long total = 0;
        foreach (JsonElement item in root.Items("weightsManifest") ?? throw root.Refuse("has no 'weightsManifest'"))
        {
            ConfigNode group = item.ValueKind == JsonValueKind.Object
                ? root with { Where = "'weightsManifest'", Element = item }
                : throw root.Wrong("weightsManifest", item, "an object");
            weights.AddGroup(group, ReadFiles(group, ref files, ref total));
        }

        return weights;
    }

    protected override IReadOnlyList<KerasWeight> Find(KerasLayer layer)
    {
        KerasWeight[] found = [.. _weights.Where(weight => BelongsTo(weight.Name, layer.Name))];
        return found.Length > 0
            ? found
            : throw layer.Config.Refuse("has no weights in 'weightsManifest'");
    }

    // Any part of the path but the last one may be the layer: dense/kernel, sequential/dense/kernel.
    private static bool BelongsTo(string name, string layer)
    {
        string[] parts = name.Split('/');
        return Array.IndexOf(parts, layer, 0, parts.Length - 1) >= 0 || name.StartsWith($"{layer}/", StringComparison.Ordinal);
    }

    private static byte[] ReadFiles(ConfigNode group, ref int files, ref long total)
    {
        var parts = new List<byte[]>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement path in group.Items("paths") ?? throw group.Refuse("has no 'paths'"))
        {
            string name = path.ValueKind == JsonValueKind.String
                ? path.GetString()!
                : throw group.Wrong("paths", path, "a file name");
            if (++files > MaxFiles || !seen.Add(name))
            {
                throw group.Refuse($"names the file '{QuotedText.Of(name)}' twice, or more than {MaxFiles} files");
            }

            SourceFile part = group.File.OpenSibling(name);
            total += part.Bytes.Length;
            if (total > SourceFile.MaxBytes)
            {
                throw group.Refuse($"the files of weights have more than {SourceFile.MaxBytes} bytes, the limit");
            }

            parts.Add(part.Bytes);
        }

        return parts.Count == 1 ? parts[0] : Join(parts);
    }

    private static byte[] Join(List<byte[]> parts)
    {
        byte[] joined = new byte[parts.Sum(part => (long)part.Length)];
        int at = 0;
        foreach (byte[] part in parts)
        {
            part.CopyTo(joined, at);
            at += part.Length;
        }

        return joined;
    }

    private void AddGroup(ConfigNode group, byte[] bytes)
    {
        long at = 0;
        foreach (JsonElement item in group.Items("weights") ?? throw group.Refuse("has no 'weights'"))
        {
            ConfigNode weight = item.ValueKind == JsonValueKind.Object
                ? group with { Element = item }
                : throw group.Wrong("weights", item, "an object");
            string name = weight.Text("name") ?? throw weight.Refuse("a weight has no 'name'");
            weight = weight with { Where = $"weight '{QuotedText.Of(name)}'" };
            int[] shape = ShapeOf(weight);
            long count = 1;
            foreach (int size in shape)
            {
                count *= size;
                count = count <= int.MaxValue
                    ? count
                    : throw weight.Refuse($"has shape [{string.Join(", ", shape)}], more values than its files hold");
            }

            long length = count * BytesOf(weight);
            if (length > bytes.Length - at)
            {
                throw weight.Refuse($"ends at byte {at + length}, but its files have {bytes.Length} bytes; copy all of them");
            }

            int from = (int)at;
            _weights.Add(new KerasWeight(name, () => Floats(weight, name, shape, bytes.AsSpan(from, (int)length))));
            at += length;
        }

        if (at != bytes.Length)
        {
            throw _file.Refuse($"'weightsManifest' describes {at} bytes of weights, but their files have {bytes.Length}");
        }
    }

    private static int[] ShapeOf(ConfigNode weight)
    {
        int?[] shape = weight.Shape("shape") ?? throw weight.Refuse("has no 'shape'");
        return Array.Exists(shape, size => size is null or < 0)
            ? throw weight.Refuse("'shape' leaves a size open; expected whole numbers")
            : Array.ConvertAll(shape, size => size!.Value);
    }

    private static int BytesOf(ConfigNode weight)
    {
        if (weight.Has("quantization"))
        {
            throw weight.Refuse("is quantised; convert the model without --quantize_* and quantise the imported one");
        }

        return weight.Text("dtype") switch
        {
            "float32" or "int32" => 4,
            "bool" or "uint8" => 1,
            "complex64" => 8,
            var other => throw weight.Refuse($"has dtype '{QuotedText.Of(other ?? "null")}'; expected float32"),
        };
    }

    private static SourceTensor Floats(ConfigNode weight, string name, int[] shape, ReadOnlySpan<byte> bytes)
    {
        if (weight.Text("dtype") != "float32")
        {
            throw weight.Refuse($"has dtype '{QuotedText.Of(weight.Text("dtype")!)}'; expected float32");
        }

        float[] values = new float[bytes.Length / sizeof(float)];
        for (int k = 0; k < values.Length; k++)
        {
            values[k] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(k * sizeof(float))..]);
        }

        return new SourceTensor(name, shape, values);
    }
}
