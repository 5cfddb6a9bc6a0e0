// The service: starts the streams and the link to the broker, tells systemd, and stops everything in the right order.

using System.Security.Cryptography;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Service;

/// <summary>One thread per stream, one for the broker; the host only starts and stops them.</summary>
internal sealed class EdgeService : IHostedService, IDisposable
{
    /// <summary>How long streams and link may take to stop, together below two seconds.</summary>
    private static readonly TimeSpan StreamStopLimit = TimeSpan.FromSeconds(0.7);
    private static readonly TimeSpan LinkStopLimit = TimeSpan.FromSeconds(0.9);

    private readonly DevicePlan _loaded;
    private readonly ILogger _logger;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly List<StreamWorker> _workers = [];
    private readonly MqttLink _link;
    private readonly ProgressWatch _watch;

    /// <param name="loaded">The configuration and what it names.</param>
    /// <param name="password">The broker's password; null for none.</param>
    /// <param name="logger">Where state changes are said.</param>
    /// <param name="lifetime">Ends the process when every stream has ended.</param>
    public EdgeService(DevicePlan loaded, string? password, ILogger<EdgeService> logger, IHostApplicationLifetime lifetime)
    {
        _loaded = loaded;
        _logger = logger;
        _lifetime = lifetime;
        List<StreamOutlet> outlets = [.. loaded.Streams.Select(stream => CreateOutlet(stream, loaded.Settings.Mqtt))];
        HealthReport health = new(_workers);
        string boot = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        MqttOptions options = loaded.Settings.Mqtt.ToOptions(loaded.Settings.Device, password);
        _link = new MqttLink(options, loaded.Settings.Device, boot, outlets, health.Write, logger);
        for (int i = 0; i < loaded.Streams.Count; i++)
        {
            _workers.Add(CreateWorker(loaded.Streams[i], outlets[i].Live));
        }

        _watch = new ProgressWatch(_workers, StreamsEnded, SystemdNotifier.FromEnvironment());
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        WorkerLog.Starting(_logger, HealthReport.Version, _loaded.Settings.Device, _workers.Count, InstructionSet.Name);
        _link.Start();
        foreach (StreamWorker worker in _workers)
        {
            worker.Start();
        }

        _watch.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _watch.Stop();
        // Side by side: one stuck stream must not cost the others their saved state.
        Task.WaitAll([.. _workers.Select(worker => Task.Run(() => worker.Stop(StreamStopLimit), CancellationToken.None))], CancellationToken.None);
        _link.Stop(LinkStopLimit);
        WorkerLog.Stopped(_logger);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _link.Dispose();
        foreach (StreamWorker worker in _workers)
        {
            worker.Dispose();
        }
    }

    private void StreamsEnded()
    {
        WorkerLog.AllEnded(_logger);
        _lifetime.StopApplication();
    }

    private StreamWorker CreateWorker(StreamPlan stream, RecordRing live)
    {
        ByteSource source = StreamBuilder.CreateSource(stream);
        StreamPipeline pipeline = StreamBuilder.CreatePipeline(stream, source, TimeProvider.System, record =>
        {
            live.Append(record);
            _link.Wake();
        });
        return new StreamWorker(stream, source, pipeline, CreateStateFile(stream), TimeProvider.System, _logger)
        {
            MaxAgePeriods = _loaded.Settings.StateMaxAgePeriods,
        };
    }

    private StateFile? CreateStateFile(StreamPlan stream)
    {
        // systemd names the unit's state folder in this variable.
        string? folder = _loaded.Settings.StateDirectory ?? Environment.GetEnvironmentVariable("STATE_DIRECTORY");
        return folder is null ? null : new StateFile(Path.Combine(folder, $"{stream.Settings.Name}.state"), StreamBuilder.Identity(stream));
    }

    private static StreamOutlet CreateOutlet(StreamPlan stream, MqttSettings mqtt)
    {
        ModelManifest manifest = stream.Model.Manifest;
        PublishSettings policy = stream.Settings.Publish ?? new PublishSettings();
        return new StreamOutlet(
            stream.Settings.Name,
            manifest.Name,
            stream.SamplePeriodMs,
            OutletNames.Channels(manifest),
            OutletNames.Outputs(manifest),
            ForecastBands.Coverage,
            new RecordRing(StreamBuilder.LiveRecords, manifest.Inputs.Count, manifest.Outputs.Count),
            mqtt.BacklogRecords,
            Math.Max(policy.EverySamples * stream.SamplePeriodMs, policy.AtMostEverySeconds * 1000));
    }
}
