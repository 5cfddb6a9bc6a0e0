// The streams that run: those of the configuration, and those of devices that have spoken since.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Service;

/// <summary>A list that only grows; reading it takes no lock, as it is replaced and never changed.</summary>
/// <param name="mayGrow">True when devices may still come, so that the end of all streams so far is no end.</param>
internal sealed class RunningStreams(bool mayGrow)
{
    private volatile StreamWorker[] _workers = [];

    /// <summary>Whether streams may still be added.</summary>
    public bool MayGrow { get; } = mayGrow;

    /// <summary>The streams in the order they were added.</summary>
    public ReadOnlySpan<StreamWorker> All => _workers;

    /// <summary>Adds a stream. By one thread at a time, any one.</summary>
    public void Add(StreamWorker worker) => _workers = [.. _workers, worker];

    /// <summary>Whether a stream has this name.</summary>
    public bool Has(string name) => Array.Exists(_workers, worker => worker.Stream.Settings.Name == name);
}
