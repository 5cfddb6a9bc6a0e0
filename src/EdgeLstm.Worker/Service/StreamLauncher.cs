// Starts one stream with all that belongs to it, and ends it: source, pipeline, state file, thread, outlet to the broker.

using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Service;

/// <summary>Builds with `new`; used by whoever holds <see cref="RunningStreams.Changes"/>.</summary>
/// <param name="plan">The configuration as it was at the start: broker, folders.</param>
/// <param name="running">The streams that run.</param>
/// <param name="sources">Opens and releases sources.</param>
/// <param name="link">The link to the broker; asked for only once it is there.</param>
/// <param name="saver">Writes the states of streams while they run.</param>
/// <param name="wall">The time of day.</param>
/// <param name="logger">Where state changes are said.</param>
internal sealed class StreamLauncher(
    DevicePlan plan, RunningStreams running, SensorSources sources, Func<MqttLink> link, StateSaver saver, WallClock wall,
    ILogger logger)
{
    /// <summary>How often a stream that waits for the broker looks whether it is to stop.</summary>
    private const int RoomWaitMs = 200;

    /// <summary>How long a stream that is replaced waits until its last records have left, so that they keep their
    /// order.</summary>
    private const int DrainMs = 500;

    private readonly Lock _networks = new();   // a model makes its networks for one thread at a time
    private readonly Dictionary<StreamWorker, StreamOutlet> _outlets = [];
    private long _highestEnded;

    /// <summary>What the link must know of a stream.</summary>
    public StreamOutlet CreateOutlet(StreamPlan stream)
    {
        ModelManifest manifest = stream.Manifest;
        return new StreamOutlet(
            stream.Settings.Name,
            manifest.Name,
            stream.SamplePeriodMs,
            OutletNames.Channels(stream),
            OutletNames.Outputs(manifest),
            StreamBuilder.BandCoverage,
            new RecordRing(StreamBuilder.LiveRecords(stream), manifest.Inputs.Count, manifest.Outputs.Count),
            plan.Settings.Mqtt.BacklogRecords,
            StreamBuilder.PublishPeriodMs(stream));
    }

    /// <summary>Adds a stream whose outlet the link has; its thread is started by the caller.</summary>
    public StreamWorker Add(StreamPlan stream, ByteSource source, StreamOutlet outlet)
    {
        StreamWorker worker = CreateWorker(stream, source, outlet.Live);
        _outlets.Add(worker, outlet);
        running.Add(worker);
        return worker;
    }

    /// <summary>Starts a stream beside those that run.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="source">Its source, where that is there already; else it is opened.</param>
    /// <param name="former">The ended one whose place it takes; null for none.</param>
    public void Start(StreamPlan stream, ByteSource? source = null, StreamWorker? former = null)
    {
        StreamOutlet outlet = CreateOutlet(stream);
        StreamWorker worker = CreateWorker(stream, source ?? sources.Open(stream), outlet.Live);
        if (former is not null)
        {
            worker.Pipeline.Succeed(former.Pipeline);
        }
        else
        {
            // A name may have been used before: no number of this process may come twice.
            worker.Pipeline.Sequence = _highestEnded;
        }

        link().Add(outlet);
        _outlets.Add(worker, outlet);

        // Listed before it can publish: who has seen a record of a stream finds the stream in health.
        worker.Start(ready: () => running.Add(worker));
    }

    /// <summary>Forgets a stream whose thread was told to stop; what waits of it is still delivered.</summary>
    /// <param name="worker">The stream.</param>
    /// <param name="ended">Whether the thread did stop; one that hangs keeps its source.</param>
    public void Forget(StreamWorker worker, bool ended)
    {
        running.Remove(worker);
        _outlets.Remove(worker, out StreamOutlet? outlet);
        _highestEnded = Math.Max(_highestEnded, worker.Pipeline.Sequence);
        if (link().Connected)
        {
            SpinWait.SpinUntil(() => outlet!.Live.Count == 0, DrainMs);
        }

        link().Remove(outlet!);
        sources.Release(worker.Source);
        if (ended)
        {
            worker.Dispose();
        }
    }

    /// <summary>Makes another model ready for a stream that runs and hands it over.</summary>
    /// <param name="worker">The stream.</param>
    /// <param name="stream">The same stream with the other model.</param>
    public void Exchange(StreamWorker worker, StreamPlan stream)
    {
        ModelParts parts;
        lock (_networks)
        {
            parts = StreamBuilder.CreateModelParts(stream);
        }

        worker.Exchange(new ModelExchange(stream, parts, CreateStateFile(stream)));
        StreamOutlet outlet = _outlets[worker] with { Model = stream.Manifest.Name };
        _outlets[worker] = outlet;
        link().Update(outlet);
    }

    private StreamWorker CreateWorker(StreamPlan stream, ByteSource source, RecordRing live)
    {
        StreamWorker? worker = null;
        StreamPipeline first = CreatePipeline(stream, source);
        worker = new StreamWorker(stream, source, first, CreateStateFile(stream), wall, logger)
        {
            MaxAgePeriods = plan.Settings.StateMaxAgePeriods,
            Live = live,
            Saver = saver,
            SavePeriodNs = plan.Settings.StateSaveSeconds * 1_000_000_000L,
            Rebuild = (current, failed) =>
            {
                ByteSource opened = SensorSources.Reopen(current, failed);
                return (opened, CreatePipeline(current, opened));
            },
        };
        return worker;

        StreamPipeline CreatePipeline(StreamPlan current, ByteSource opened)
        {
            lock (_networks)
            {
                return StreamBuilder.CreatePipeline(current, opened, wall, record =>
                {
                    // A recording or a pipe is faster than any broker: it waits where a sensor's oldest records would be dropped.
                    while (opened.CanWait && !live.WaitForRoom(RoomWaitMs) && worker!.KeepsWaiting())
                    {
                    }

                    live.Append(record);
                    link().Wake();
                });
            }
        }
    }

    private StateFile? CreateStateFile(StreamPlan stream)
    {
        string? folder = plan.StateDirectory;
        return folder is null
            ? null
            : new StateFile(Path.Combine(folder, $"{stream.Settings.Name}.state"), StreamBuilder.Identity(stream));
    }
}
