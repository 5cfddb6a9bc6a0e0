// The service: starts the streams and the link to the broker, tells systemd, and stops everything in the right order.

using System.Security.Cryptography;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Service;

/// <summary>One thread per stream, one for the broker, one for devices that speak for the first time; the host only starts and
/// stops them.</summary>
internal sealed class EdgeService : IHostedService, IDisposable
{
    /// <summary>How long streams and link may take to stop, together below two seconds.</summary>
    private static readonly TimeSpan StreamStopLimit = TimeSpan.FromSeconds(0.7);
    private static readonly TimeSpan LinkStopLimit = TimeSpan.FromSeconds(0.9);
    private static readonly TimeSpan DeviceStopLimit = TimeSpan.FromSeconds(0.3);

    /// <summary>How often a stream that waits for the broker looks whether it is to stop.</summary>
    private const int RoomWaitMs = 200;

    private readonly DevicePlan _plan;
    private readonly ILogger _logger;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly RunningStreams _streams;
    private readonly SensorSources _sources;
    private readonly DeviceStreams? _devices;
    private readonly MqttLink _link;
    private readonly ProgressWatch _watch;

    /// <param name="plan">The configuration and what it names.</param>
    /// <param name="password">The broker's password; null for none.</param>
    /// <param name="logger">Where state changes are said.</param>
    /// <param name="lifetime">Ends the process when every stream has ended.</param>
    public EdgeService(DevicePlan plan, string? password, ILogger<EdgeService> logger, IHostApplicationLifetime lifetime)
    {
        _plan = plan;
        _logger = logger;
        _lifetime = lifetime;
        StreamPlan[] streams = [.. plan.Streams.Where(stream => !stream.IsForEachDevice)];
        StreamPlan[] forEachDevice = [.. plan.Streams.Where(stream => stream.IsForEachDevice)];
        List<StreamOutlet> outlets = [.. streams.Select(stream => CreateOutlet(stream, plan.Settings.Mqtt))];
        _streams = new RunningStreams(mayGrow: forEachDevice.Length > 0);
        TopicRouter topics = new();
        _sources = new SensorSources(topics);
        HealthReport health = new(_streams);
        string boot = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        MqttOptions options = plan.Settings.Mqtt.ToOptions(plan.Settings.Device, password);
        _link = new MqttLink(options, plan.Settings.Device, boot, outlets, health.Write, logger, topics);
        for (int i = 0; i < streams.Length; i++)
        {
            _streams.Add(CreateWorker(streams[i], _sources.Open(streams[i]), outlets[i].Live));
        }

        if (_streams.MayGrow)
        {
            _devices = new DeviceStreams(forEachDevice, topics, _streams, StartDevice, logger);
            health.Devices = _devices;
        }

        _watch = new ProgressWatch(_streams, IsDelivered, StreamsEnded, SystemdNotifier.FromEnvironment());

        bool IsDelivered() => outlets.TrueForAll(outlet => outlet.Live.Count == 0) && _link.IsDelivered;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        WorkerLog.Starting(_logger, HealthReport.Version, _plan.Settings.Device, _plan.Streams.Count, InstructionSet.Name);
        GiveBackStartupMemory();
        _link.Start();
        foreach (StreamWorker worker in _streams.All)
        {
            worker.Start();
        }

        _sources.Start();
        _devices?.Start();
        _watch.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _watch.Stop();
        _devices?.Stop(DeviceStopLimit);
        // Side by side: one stuck stream must not cost the others their saved state.
        StreamWorker[] workers = [.. _streams.All];
        Task.WaitAll([.. workers.Select(worker => Task.Run(() => worker.Stop(StreamStopLimit), CancellationToken.None))],
            CancellationToken.None);
        _link.Stop(LinkStopLimit);
        WorkerLog.Stopped(_logger);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _link.Dispose();
        foreach (StreamWorker worker in _streams.All)
        {
            worker.Dispose();
        }

        _sources.Dispose();
    }

    // Reading configuration and models leaves megabytes that nobody needs again; from here on next to nothing is allocated, so
    // the collector would not look for a long time.
    private static void GiveBackStartupMemory()
    {
#pragma warning disable RS0030 // The one place where the collector cannot know what the program knows.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
#pragma warning restore RS0030
        ProgramPages.GiveBack();
    }

    private void StreamsEnded()
    {
        WorkerLog.AllEnded(_logger);
        _lifetime.StopApplication();
    }

    private void StartDevice(StreamPlan stream, QueuedSource source)
    {
        StreamOutlet outlet = CreateOutlet(stream, _plan.Settings.Mqtt);
        StreamWorker worker = CreateWorker(stream, source, outlet.Live);
        _link.Add(outlet);
        worker.Start();
        _streams.Add(worker);
    }

    private StreamWorker CreateWorker(StreamPlan stream, ByteSource source, RecordRing live)
    {
        StreamWorker? worker = null;
        StreamPipeline pipeline = StreamBuilder.CreatePipeline(stream, source, TimeProvider.System, record =>
        {
            // A recording or a pipe is faster than any broker: it waits where a sensor's oldest records would be dropped.
            while (source.CanWait && !live.WaitForRoom(RoomWaitMs) && worker!.KeepsWaiting())
            {
            }

            live.Append(record);
            _link.Wake();
        });
        worker = new StreamWorker(stream, source, pipeline, CreateStateFile(stream), TimeProvider.System, _logger)
        {
            MaxAgePeriods = _plan.Settings.StateMaxAgePeriods,
        };
        return worker;
    }

    private StateFile? CreateStateFile(StreamPlan stream)
    {
        string? folder = _plan.StateDirectory;
        return folder is null
            ? null
            : new StateFile(Path.Combine(folder, $"{stream.Settings.Name}.state"), StreamBuilder.Identity(stream));
    }

    private static StreamOutlet CreateOutlet(StreamPlan stream, MqttSettings mqtt)
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
            mqtt.BacklogRecords,
            StreamBuilder.PublishPeriodMs(stream));
    }
}
