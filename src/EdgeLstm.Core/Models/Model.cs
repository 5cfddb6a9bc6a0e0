// A model that was loaded and has proved itself: its manifest, its weights, and networks made from them.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>A checked model file. Any number of streams may make their networks from it, one thread at a time.</summary>
public sealed class Model
{
    private readonly Func<VectorWidth, WeightPrecision, Layer>[] _layers;

    // Networks that are never stepped: those that are share their weights, so that forty streams of one model hold them once.
    private readonly List<(VectorWidth Width, WeightPrecision Precision, Network Network)> _packed = [];

    // Why not, for each precision.
    private readonly string?[] _reasons;

    internal Model(
        SafetensorsFile file,
        ModelManifest manifest,
        Func<VectorWidth, WeightPrecision, Layer>[] layers,
        GoldenVectors golden,
        VectorWidth width)
    {
        Path = file.Path;
        Sha256 = file.ComputeSha256();
        SizeBytes = file.SizeBytes;
        Manifest = manifest;
        _layers = layers;
        Golden = golden;
        GoldenWidth = width;
        _reasons = Array.ConvertAll(
            Enum.GetValues<WeightPrecision>(),
            precision => RecurrentVariant.FindReasonAgainst(file, manifest.Layers, precision));
        GoldenDeviation = golden.Measure(CreateNetwork(width));
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>SHA-256 of the whole file in lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>Size of the whole file.</summary>
    public long SizeBytes { get; }

    /// <summary>What the model is; every rule checked.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>What the network must compute.</summary>
    public GoldenVectors Golden { get; }

    /// <summary>The vector width it computed them with when the file was loaded.</summary>
    public VectorWidth GoldenWidth { get; }

    /// <summary>How far it was off on this processor when the file was loaded; within the manifest's tolerance.</summary>
    public GoldenDeviation GoldenDeviation { get; }

    /// <summary>How the file stores the weights of recurrent layers, and how networks hold them unless asked otherwise.</summary>
    public WeightPrecision Precision => Manifest.Precision ?? WeightPrecision.Float32;

    /// <summary>
    /// Makes a network with these weights and a zero state of its own, stepped as the manifest says: over a sliding window, or
    /// with the state carried on. All networks of one width and precision share their weights in memory.
    /// </summary>
    /// <param name="width">The widest vectors to use.</param>
    /// <param name="precision">
    /// How recurrent layers hold their weights; null: as the file says. Narrow weights held in float32 are the same numbers.
    /// </param>
    /// <exception cref="ArgumentException">
    /// This process does not support <paramref name="width"/>, or there is a reason against the precision, see
    /// <see cref="FindReasonAgainst"/>.
    /// </exception>
    public ISequenceModel CreateNetwork(VectorWidth width, WeightPrecision? precision = null)
    {
        if (FindReasonAgainst(precision ?? Precision) is { } reason)
        {
            throw new ArgumentException(reason, nameof(precision));
        }

        Network network = Pack(width, precision ?? Precision).ForStreams(1);
        return Manifest.Window is int window ? new SlidingWindow(network, window) : network;
    }

    /// <summary>Why no network can hold its weights so, by the layer that cannot; null where one can.</summary>
    public string? FindReasonAgainst(WeightPrecision precision) => _reasons[(int)precision];

    private Network Pack(VectorWidth width, WeightPrecision precision)
    {
        foreach (var packed in _packed)
        {
            if (packed.Width == width && packed.Precision == precision)
            {
                return packed.Network;
            }
        }

        Network network = new([.. _layers.Select(create => create(width, precision))]);
        _packed.Add((width, precision, network));
        return network;
    }
}
