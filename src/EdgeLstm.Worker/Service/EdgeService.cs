// The service: starts the streams and the link to the broker, tells systemd, and stops everything in the right order.

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Service;

/// <summary>One thread per stream, one for the broker, one for devices that speak for the first time, one that takes the
/// configuration anew; the host only starts and stops them.</summary>
internal sealed class EdgeService : IHostedService, IDisposable
{
    /// <summary>How long each may take to stop; together less than the unit's TimeoutStopSec.</summary>
    private static readonly TimeSpan StreamStopLimit = TimeSpan.FromSeconds(0.7);
    private static readonly TimeSpan LinkStopLimit = TimeSpan.FromSeconds(0.9);
    private static readonly TimeSpan DiskStopLimit = TimeSpan.FromSeconds(5);   // a disk that is slow is worth waiting for
    private static readonly TimeSpan DeviceStopLimit = TimeSpan.FromSeconds(0.3);

    private readonly DevicePlan _plan;
    private readonly RateLimitedLogger _logger;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly RunningStreams _streams;
    private readonly SensorSources _sources;
    private readonly TopicRouter _topics = new();
    private readonly HealthReport _health;
    private readonly StateSaver _saver;
    private readonly StreamLauncher _launcher;
    private readonly ReloadDesk _desk = new();
    private readonly ConfigurationReload _reload;
    private readonly ControllingTerminal _terminal = new();
    private readonly MqttLink _link;
    private readonly OutboxDisk? _disk;
    private readonly ProgressWatch _watch;
    private readonly MetricsPort? _metrics;
    private DeviceStreams? _devices;
    private PosixSignalRegistration? _hangUp;

    /// <param name="plan">The configuration and what it names.</param>
    /// <param name="password">The broker's password; null for none.</param>
    /// <param name="log">Where state changes are said.</param>
    /// <param name="lifetime">Ends the process when every stream has ended.</param>
    public EdgeService(DevicePlan plan, string? password, ILogger<EdgeService> log, IHostApplicationLifetime lifetime)
    {
        _plan = plan;
        RateLimitedLogger logger = new(log, TimeProvider.System);
        _logger = logger;
        _lifetime = lifetime;
        StreamPlan[] streams = [.. plan.Streams.Where(stream => !stream.IsForEachDevice)];
        StreamPlan[] forEachDevice = [.. plan.Streams.Where(stream => stream.IsForEachDevice)];
        _streams = new RunningStreams(mayGrow: forEachDevice.Length > 0);
        _sources = new SensorSources(_topics);
        _saver = new StateSaver(logger);
        _health = new HealthReport(_streams) { Saver = _saver, Log = logger };
        string boot = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        WallClock wall = CreateWallClock(boot);
        _launcher = new StreamLauncher(plan, _streams, _sources, () => _link!, _saver, wall, logger);
        StreamOutlet[] outlets = [.. streams.Select(_launcher.CreateOutlet)];
        MqttOptions options = plan.Settings.Mqtt.ToOptions(plan.Settings.Device, password);
        OutboxPlan? disk = plan.Outbox;
        RecordOutbox outbox = new(hasDisk: disk is not null);
        _link = new MqttLink(options, plan.Settings.Device, boot, outlets, _health.Write, logger, _topics, _desk, outbox, disk);
        _disk = disk is null ? null : new OutboxDisk(outbox, disk, TimeProvider.System,
            () => !wall.Read().IsMarked, _link.Wake, logger);
        _health.Records = outbox;
        _health.Outbox = _disk?.Counters;
        for (int i = 0; i < streams.Length; i++)
        {
            _launcher.Add(streams[i], _sources.Open(streams[i]), outlets[i]);
        }

        if (forEachDevice.Length > 0)
        {
            _devices = CreateDevices(forEachDevice);
        }

        _reload = new ConfigurationReload(plan, _streams, _launcher, StartDevices, _desk, _link.Wake, logger);
        _health.Reload = _reload;
        _metrics = plan.Settings.MetricsPort is { } port
            ? new MetricsPort(port, new MetricsText(plan.Settings.Device, WriteMetrics).Write, logger)
            : null;
        _watch = new ProgressWatch(_streams, IsDelivered, StreamsEnded, SystemdNotifier.FromEnvironment());
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // First of all: until it is registered the signal ends the process.
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp);
        WorkerLog.Starting(_logger, HealthReport.Version, _plan.Settings.Device, _plan.Streams.Count, InstructionSet.Name);
        LoadingMemory.GiveBack();
        _link.Start();
        _disk?.Start();
        _saver.Start();
        foreach (StreamWorker worker in _streams.All)
        {
            worker.Start();
        }

        _sources.Start();
        _devices?.Start();
        _reload.Start();
        _metrics?.Start();
        _watch.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _watch.Stop();
        _hangUp?.Dispose();
        _metrics?.Stop(DeviceStopLimit);
        _reload.Stop(DeviceStopLimit);
        _devices?.Stop(DeviceStopLimit);
        // Side by side: one stuck stream must not cost the others their saved state.
        StreamWorker[] workers = [.. _streams.All];
        Task.WaitAll([.. workers.Select(worker => Task.Run(() => worker.Stop(StreamStopLimit), CancellationToken.None))],
            CancellationToken.None);
        _saver.Stop(StreamStopLimit);
        _link.Stop(LinkStopLimit);
        _disk?.Stop(DiskStopLimit);
        WorkerLog.Stopped(_logger);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _metrics?.Dispose();
        _link.Dispose();
        _disk?.Dispose();
        _saver.Dispose();
        foreach (StreamWorker worker in _streams.All)
        {
            worker.Dispose();
        }

        _sources.Dispose();
        _logger.Dispose();
    }

    private void WriteMetrics(Utf8JsonWriter writer)
    {
        _link.WriteCounters(writer);
        _health.Write(writer);
    }

    private WallClock CreateWallClock(string boot)
    {
        int waitSeconds = _plan.Settings.TimeSyncWaitSeconds;
        string? file = _plan.StateDirectory is { } folder ? Path.Combine(folder, "clock-stretches") : null;
        UnsyncedStretches stretches = new(file, boot, KernelBoot.Id);
        WallClock wall = new(TimeProvider.System, waitSeconds > 0 ? ClockSync.IsSynchronised : null,
            TimeSpan.FromSeconds(waitSeconds), stretches, _logger);
        _health.Time = new TimeReport(wall, stretches);
        return wall;
    }

    private void StreamsEnded()
    {
        WorkerLog.AllEnded(_logger);
        _lifetime.StopApplication();
    }

    // A terminal that is closed sends the same signal as an administrator who wants a reload.
    private void HangUp(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_terminal.IsGone)
        {
            ReloadLog.TerminalGone(_logger);
            _lifetime.StopApplication();
        }
        else
        {
            _desk.TryAsk(new ReloadRequest(null, IsAnswered: false));
        }
    }

    private DeviceStreams CreateDevices(IEnumerable<StreamPlan> forEachDevice)
    {
        DeviceStreams devices = new(forEachDevice, _topics, _streams,
            (stream, source) => _launcher.Start(stream, source), _logger);
        _health.Devices = devices;
        return devices;
    }

    // For a configuration that names a topic with {device} for the first time.
    private DeviceStreams StartDevices()
    {
        if (_devices is null)
        {
            _devices = CreateDevices([]);
            _devices.Start();
        }

        return _devices;
    }

    private bool IsDelivered()
    {
        foreach (StreamWorker worker in _streams.All)
        {
            if (worker.Live is { Count: > 0 })
            {
                return false;
            }
        }

        return _link.IsDelivered;
    }
}
