// The streams that run: those of the configuration, and those of devices that have spoken since.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Service;

/// <summary>A list whose reading takes no lock, as it is replaced and never changed.</summary>
/// <param name="mayGrow">True when devices may still come, so that the end of all streams so far is no end.</param>
internal sealed class RunningStreams(bool mayGrow)
{
    private volatile StreamWorker[] _workers = [];
    private volatile bool _mayGrow = mayGrow;

    /// <summary>Held by whoever starts or ends streams, from the first look at this list to the last change.</summary>
    public Lock Changes { get; } = new();

    /// <summary>Whether streams may still be added.</summary>
    public bool MayGrow
    {
        get => _mayGrow;
        set => _mayGrow = value;
    }

    /// <summary>The streams in the order they were added.</summary>
    public ReadOnlySpan<StreamWorker> All => _workers;

    /// <summary>Adds a stream.</summary>
    public void Add(StreamWorker worker)
    {
        lock (Changes)
        {
            _workers = [.. _workers, worker];
        }
    }

    /// <summary>Takes a stream away.</summary>
    public void Remove(StreamWorker worker)
    {
        lock (Changes)
        {
            _workers = Array.FindAll(_workers, other => other != worker);
        }
    }

    /// <summary>The stream of this name; null for none.</summary>
    public StreamWorker? Find(string name) => Array.Find(_workers, worker => worker.Stream.Settings.Name == name);

    /// <summary>Whether a stream has this name.</summary>
    public bool Has(string name) => Find(name) is not null;
}
