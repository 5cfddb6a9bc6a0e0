// A model that was loaded and has proved itself: its manifest, its weights, and networks made from them.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>A checked model file. It never changes; any number of streams may make their networks from it.</summary>
public sealed class Model
{
    private readonly Func<VectorWidth, WeightPrecision, Layer>[] _layers;

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

    /// <summary>Makes a network with these weights and a zero state of its own, stepped as the manifest says: over a sliding
    /// window, or with the state carried on.</summary>
    /// <param name="width">Vector width of every layer.</param>
    /// <param name="precision">How recurrent layers hold their weights.</param>
    /// <exception cref="ArgumentException">This process does not support <paramref name="width"/>.</exception>
    public ISequenceModel CreateNetwork(VectorWidth width, WeightPrecision precision = WeightPrecision.Float32)
    {
        Network network = new([.. _layers.Select(create => create(width, precision))]);
        return Manifest.Window is int window ? new SlidingWindow(network, window) : network;
    }
}
