// The state of one stream between memory and its file: taken back at the start, written while it runs and at the end.

using EdgeLstm.Core.State;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Streams;

/// <summary>What is kept of a pipeline over a restart. Used by the stream's thread, before and after it by its owner, who starts
/// it.</summary>
/// <param name="wall">The system's clock.</param>
/// <param name="logger">Where it is said what became of a state.</param>
internal sealed class StreamState(WallClock wall, ILogger logger)
{
    private const double NsPerMs = 1e6;
    private static readonly TimeSpan SnapshotLimit = TimeSpan.FromSeconds(1);

    private readonly StateSnapshot _snapshot = new();
    private volatile StateFile? _file;

    /// <summary>Where it is kept; null for nowhere.</summary>
    public StateFile? File
    {
        get => _file;
        set => _file = value;
    }

    /// <summary>Takes a saved state back if there is a usable one.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="pipeline">As it was built.</param>
    /// <param name="maxAgePeriods">Oldest state that goes on as if nothing had happened, in sample periods.</param>
    public void Restore(StreamPlan stream, StreamPipeline pipeline, int maxAgePeriods)
    {
        if (_file is not { } file)
        {
            return;
        }

        string name = stream.Settings.Name;
        StateVerdict verdict = file.Load(
            wall.Moment(), maxAgePeriods * stream.SamplePeriodMs, out byte[] state, out double ageMs);
        bool goesOn = verdict == StateVerdict.Usable;
        if (verdict is StateVerdict.Usable or StateVerdict.Old && TryRestore(pipeline, state, goesOn, ageMs))
        {
            pipeline.Counters.StatesRestored++;
            WorkerLog.StateRestored(logger, name, file.Path, goesOn
                ? "it goes on"
                : (double.IsNaN(ageMs) ? "its age cannot be told, the clock not being synchronised" : "it is old")
                    + ": what was learned is kept, and the stream warms up");
        }
        else if (verdict != StateVerdict.Absent)
        {
            pipeline.Counters.StatesRefused++;
            StateVerdict said = verdict == StateVerdict.Foreign ? verdict : StateVerdict.Damaged;
            WorkerLog.StateRefused(logger, name, file.Path, said);
        }
    }

    /// <summary>Hands the state to the saver. What the disk has not taken yet stays: the next one comes in its place.</summary>
    public void Offer(string stream, StreamPipeline pipeline, StateSaver saver)
    {
        if (_file is { } file && _snapshot.IsIdle)
        {
            StateMoment now = wall.Moment();
            _snapshot.Writer.Clear();
            pipeline.Save(_snapshot.Writer, now.SteadyNs);
            _snapshot.Seal(file, stream, now);
            saver.Offer(_snapshot);
        }
    }

    /// <summary>Writes the state, after one that is still on its way.</summary>
    public void Save(string stream, StreamPipeline pipeline)
    {
        _snapshot.Wait(SnapshotLimit);
        if (_file is not { } file)
        {
            return;
        }

        try
        {
            StateMoment now = wall.Moment();
            StateWriter writer = new();
            pipeline.Save(writer, now.SteadyNs);
            file.Save(writer.Written, now);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            WorkerLog.StateNotSaved(logger, stream, file.Path, failure.Message);
        }
    }

    // A state that is whole but of another shape must not keep the service from starting, nor leave half of itself behind.
    private static bool TryRestore(StreamPipeline pipeline, byte[] state, bool goesOn, double ageMs)
    {
        StateWriter fresh = new();
        pipeline.Save(fresh);
        try
        {
            StateReader reader = new(state);
            pipeline.Restore(ref reader, goesOn, ByteSource.MonotonicNs() - (goesOn ? (long)(ageMs * NsPerMs) : 0));
            return true;
        }
        catch (FormatException)
        {
            StateReader reader = new(fresh.Written);
            pipeline.Restore(ref reader);
            return false;
        }
    }
}
