// Takes the configuration anew while the service runs: at SIGHUP and at request/reload, on a thread of its own.
//
//     read all of it → any problem: nothing changes → end what is gone or changed → start what is new or changed
//                                                   → exchange models

using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Service;

/// <summary>Carries out requests one after the other. A stream that is not changed does not notice.</summary>
internal sealed class ConfigurationReload
{
    private static readonly TimeSpan StreamStopLimit = TimeSpan.FromSeconds(2);

    private readonly RunningStreams _running;
    private readonly StreamLauncher _launcher;
    private readonly Func<DeviceStreams> _devices;
    private readonly ReloadDesk _desk;
    private readonly Action _answered;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private DevicePlan _plan;
    private long _done;
    private long _refused;

    /// <param name="plan">The configuration that runs.</param>
    /// <param name="running">Its streams.</param>
    /// <param name="launcher">Starts and ends streams.</param>
    /// <param name="devices">Gives the streams that are made as devices speak; made where there were none.</param>
    /// <param name="desk">Where requests come from and answers go to.</param>
    /// <param name="answered">Called when an answer lies on the desk.</param>
    /// <param name="logger">Gets a line for each problem, or one for what was done.</param>
    public ConfigurationReload(DevicePlan plan, RunningStreams running, StreamLauncher launcher, Func<DeviceStreams> devices,
        ReloadDesk desk, Action answered, ILogger logger)
    {
        _plan = plan;
        _running = running;
        _launcher = launcher;
        _devices = devices;
        _desk = desk;
        _answered = answered;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "reload" };
    }

    /// <summary>Configurations and models taken.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Those refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Ends the thread; after it no stream is started or ended, unless one hangs for longer than the limit.</summary>
    public void Stop(TimeSpan limit)
    {
        _desk.End();
        if (_thread.IsAlive)
        {
            _thread.Join(limit);
        }
    }

    private void Run()
    {
        while (_desk.TryTake(out ReloadRequest request))
        {
            ReloadAnswer answer = CarryOut(request);
            Interlocked.Increment(ref answer.Problems.Count == 0 ? ref _done : ref _refused);
            LoadingMemory.GiveBack();
            if (request.IsAnswered)
            {
                _desk.Answer(answer);
                _answered();
            }
        }
    }

    // Never ends the thread: what cannot be foreseen (memory, a fault of the program) is an answer too.
    private ReloadAnswer CarryOut(ReloadRequest request)
    {
        ProblemList problems = new(_plan.Path);
        try
        {
            DevicePlan? next = request.Stream is null
                ? ReadAll(problems)
                : new ModelRequest(_plan).Read(request, problems);
            if (next is not null && !problems.Any)
            {
                return Apply(request, next);
            }
        }
        catch (Exception failure)
        {
            problems.Add("", $"{failure.GetType().Name}: {failure.Message}");
        }

        string[] lines = problems.Problems.ToArray(one => one.Path.Length == 0 ? one.Message : $"{one.Path}: {one.Message}");
        foreach (string line in lines)
        {
            ReloadLog.Refused(_logger, _plan.Path, line);
        }

        return new ReloadAnswer(request.Id, lines, [], _running.All.Length);
    }

    private DevicePlan? ReadAll(ProblemList problems)
    {
        DevicePlan? next = DevicePlan.Load(_plan.Path, problems, _plan);
        if (next is null)
        {
            return null;
        }

        PlanChanges.FindRestarts(_plan.Settings, next.Settings, problems);
        foreach (StreamPlan stream in PlanChanges.Between(_plan, next).Started)
        {
            if (_running.Has(stream.Settings.Name))
            {
                problems.Add(
                    "streams", $"'{stream.Settings.Name}' is the stream of a device that has spoken; choose another name");
            }
        }

        return next;
    }

    private ReloadAnswer Apply(ReloadRequest request, DevicePlan next)
    {
        PlanChanges changes = PlanChanges.Between(_plan, next);
        List<string> problems = [];
        List<StreamPlan> failed = [];
        lock (_running.Changes)
        {
            _running.MayGrow = true;   // for a moment there may be no stream at all, which is no end
            Dictionary<string, StreamWorker> former = End([.. changes.Ended, .. changes.Rebuilt]);
            foreach (StreamPlan stream in (IEnumerable<StreamPlan>)[.. changes.Started, .. changes.Rebuilt])
            {
                if (!TryStart(stream, former.GetValueOrDefault(stream.Settings.Name), problems))
                {
                    // Left out, so that the next reload tries it again.
                    next = next with { Streams = [.. next.Streams.Where(other => other != stream)] };
                    failed.Add(stream);
                }
            }

            foreach (StreamPlan stream in changes.Exchanged)
            {
                _launcher.Exchange(_running.Find(stream.Settings.Name)!, stream);
            }

            // A stream that could not be started may be at the next reload: the service does not end without it.
            _running.MayGrow = failed.Count > 0 || next.Streams.Any(stream => stream.IsForEachDevice);
            _plan = next;
        }

        (string Stream, string Done)[] done =
        [
            .. Said(changes.Ended, "ended"), .. Said(changes.Started.Except(failed), "started"),
            .. Said(changes.Rebuilt.Except(failed), "rebuilt"), .. Said(failed, "notStarted"),
            .. Said(changes.Exchanged, "model"),
        ];
        string text = done.Length == 0 ? "none changed" : string.Join(", ", done.ToArray(one => $"{one.Stream} {one.Done}"));
        ReloadLog.Done(_logger, _plan.Path, changes.Kept.Count, text);
        return new ReloadAnswer(request.Id, problems, done, changes.Kept.Count);
    }

    private static (string Stream, string Done)[] Said(IEnumerable<StreamPlan> streams, string done) =>
        streams.ToList().ToArray(stream => (stream.Settings.Name, done));

    // All at once, then one after the other: what they shared is free before anything new is opened.
    private Dictionary<string, StreamWorker> End(IEnumerable<StreamPlan> streams)
    {
        List<StreamWorker> ending = [];
        foreach (StreamPlan stream in streams)
        {
            string name = stream.Settings.Name;
            bool wasForEachDevice = _plan.Streams.First(other => other.Settings.Name == name).IsForEachDevice;
            IReadOnlyList<string> names = wasForEachDevice ? _devices().Remove(name) : [name];
            ending.AddRange(names.Select(_running.Find).OfType<StreamWorker>());
        }

        bool[] ended = new bool[ending.Count];
        Task.WaitAll([.. ending.Select((worker, i) => Task.Run(() => ended[i] = worker.Stop(StreamStopLimit)))]);
        for (int i = 0; i < ended.Length; i++)
        {
            _launcher.Forget(ending[i], ended[i]);
        }

        return ending.ToDictionary(worker => worker.Stream.Settings.Name);
    }

    private bool TryStart(StreamPlan stream, StreamWorker? former, List<string> problems)
    {
        try
        {
            if (stream.IsForEachDevice)
            {
                _devices().Add(stream);
            }
            else
            {
                _launcher.Start(stream, former: former);
            }

            return true;
        }
        // One stream that cannot be started must not cost the others theirs.
        catch (Exception failure)
        {
            ReloadLog.NotStarted(_logger, stream.Settings.Name, failure);
            problems.Add($"{stream.Settings.Name}: could not be started: {failure.Message}");
            return false;
        }
    }
}
