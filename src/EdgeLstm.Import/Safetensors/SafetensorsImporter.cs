// Weights of PyTorch in a safetensors file: u64 length of the header, the header as JSON, the tensors; names as in a state_dict.

using System.Buffers.Binary;
using System.Text;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.PyTorch;
using EdgeLstm.Import.Scaling;

namespace EdgeLstm.Import.Safetensors;

/// <summary>Reads a safetensors file that holds a state_dict.</summary>
/// <remarks>
/// The format sorts tensors by name, so that the order of the layers is found by their sizes; see <see cref="LayerOrder"/>.
/// </remarks>
public static class SafetensorsImporter
{
    // Where our own model files keep their manifest.
    private const string ManifestKey = "edgelstm";
    private const int LengthBytes = 8;

    /// <summary>Whether the file begins as a safetensors file: with a length that fits, or one that no text begins with and a
    /// brace.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.Length > LengthBytes
        && (BinaryPrimitives.ReadUInt64LittleEndian(bytes) <= (ulong)(bytes.Length - LengthBytes)
            || (bytes[LengthBytes] == (byte)'{' && bytes[..LengthBytes].IndexOfAnyExceptInRange((byte)9, (byte)126) >= 0));

    /// <summary>Reads the model.</summary>
    /// <exception cref="ModelFileException">The file is refused.</exception>
    public static ImportedModel Read(SourceFile file, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        var source = SafetensorsFile.ParseWeights(file.Path, file.Bytes);
        if (source.Metadata.ContainsKey(ManifestKey))
        {
            throw file.Refuse("is a model of EdgeLstm already; use it as it is: edgelstm inspect shows it, edgelstm run runs it");
        }

        List<StateTensor> tensors = [];
        foreach (TensorInfo info in source.Tensors.Values)
        {
            tensors.Add(Tensor(file, source, info));
        }

        var model = new StateDictModel("safetensors of PyTorch", tensors, IsInOrder: false, ReadScaling(file, source), []);
        return model.Build(file, options);
    }

    private static StateTensor Tensor(SourceFile file, SafetensorsFile source, TensorInfo info)
    {
        // Every size of a tensor with values is at most their number; an empty one may say anything else beside its zero.
        int[] shape = info.Shape.ToArray(size => (int)Math.Min(size, int.MaxValue));
        return new StateTensor(info.Name, shape, IsReal: true, () => Values(file, source, info));
    }

    private static float[] Values(SourceFile file, SafetensorsFile source, TensorInfo info) =>
        source.TryGet(info.Name, out _, out float[] values) ? values : throw file.Refuse($"lacks tensor '{info.Name}'");

    private static ChannelScaling? ReadScaling(SourceFile file, SafetensorsFile source) =>
        source.Metadata.TryGetValue(ScalingJson.MetadataKey, out string? json)
            ? ScalingJson.Parse(file.Path, $"metadata '{ScalingJson.MetadataKey}'", Encoding.UTF8.GetBytes(json))
            : null;
}
