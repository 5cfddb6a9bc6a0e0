// Makes a stream for each device that speaks on a topic with {device}; on a thread of its own, as that takes time.
//
//     a message of an unknown device → does the profile read it? → is there room? → queue → pipeline, thread, outlet

using System.Text;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Service;

/// <summary>Turns newcomers into streams, at most <c>source.maxDevices</c> for each topic.</summary>
/// <remarks>
/// A message in which the profile finds no reading makes no stream: on one topic pattern there are often other kinds of devices,
/// which must not take the places. It is counted, and the device's next message is looked at again.
/// </remarks>
internal sealed class DeviceStreams
{
    private readonly Newcomers _newcomers = new();
    private volatile Template[] _templates = [];   // replaced, never changed
    private readonly TopicRouter _router;
    private readonly RunningStreams _running;
    private readonly Action<StreamPlan, QueuedSource> _start;
    private readonly ILogger _logger;
    private readonly Thread _thread;

    /// <param name="plans">The streams with {device} in their topic.</param>
    /// <param name="router">Where their topics are opened.</param>
    /// <param name="running">All streams, for their names.</param>
    /// <param name="start">Builds a device's stream, starts it and adds it to the running ones.</param>
    /// <param name="logger">Gets one line for each device.</param>
    public DeviceStreams(IEnumerable<StreamPlan> plans, TopicRouter router, RunningStreams running,
        Action<StreamPlan, QueuedSource> start, ILogger logger)
    {
        _router = router;
        _running = running;
        _start = start;
        _logger = logger;
        foreach (StreamPlan plan in plans)
        {
            Add(plan);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "new devices" };
    }

    /// <summary>The devices of each topic, for health.</summary>
    public IEnumerable<DeviceTable> Tables => _templates.Select(template => template.Table);

    /// <summary>Opens one more topic with {device}.</summary>
    public void Add(StreamPlan plan) => _templates = [.. _templates, new Template(_router.OpenDevices(plan, _newcomers))];

    /// <summary>Closes a topic: no stream is made of it any more.</summary>
    /// <param name="name">The stream with {device}.</param>
    /// <returns>The names of the streams that were made of it; whoever calls ends them.</returns>
    public IReadOnlyList<string> Remove(string name)
    {
        if (Array.Find(_templates, one => one.Table.Stream.Settings.Name == name) is not { } template)
        {
            return [];
        }

        _templates = Array.FindAll(_templates, one => one != template);
        _router.Release(template.Table);
        return template.Started;
    }

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Ends the thread; after it no stream is added, unless it hangs for longer than the limit.</summary>
    public void Stop(TimeSpan limit)
    {
        _newcomers.End();
        if (_thread.IsAlive)
        {
            _thread.Join(limit);
        }
    }

    private void Run()
    {
        while (_newcomers.TryTake(out Newcomer newcomer))
        {
            lock (_running.Changes)
            {
                DeviceTable table = newcomer.Table;
                if (Array.Find(_templates, one => one.Table == table) is { } template)
                {
                    Look(template, newcomer);
                }
            }
        }
    }

    private void Look(Template template, in Newcomer newcomer)
    {
        if (Reads(template, newcomer.Payload))
        {
            Introduce(template, newcomer);
        }
        else
        {
            newcomer.Table.CountUnreadable();
        }
    }

    // A fault of one profile must not end the thread that serves all.
    private bool Reads(Template template, ReadOnlySpan<byte> payload)
    {
        try
        {
            return template.Reads(payload);
        }
        catch (Exception failure)
        {
            StreamSettings stream = template.Table.Stream.Settings;
            DeviceLog.Unreadable(_logger, stream.Name, stream.Source.Profile, failure);
            return false;
        }
    }

    private void Introduce(Template template, in Newcomer newcomer)
    {
        DeviceTable table = newcomer.Table;
        StreamSettings stream = table.Stream.Settings;
        byte[] level = newcomer.Device.ToArray();
        string device = Encoding.UTF8.GetString(level);
        string name = DeviceName.Of(stream.Name, level);
        string? problem = FindProblem(table, name);
        if (problem is not null)
        {
            table.CountDropped();
            if (table.Refused < DeviceTable.RefusedLimit)
            {
                DeviceLog.Refused(_logger, stream.Name, device, problem);
                _newcomers.Admit(table, level, null);
            }

            return;
        }

        DeviceLog.Found(_logger, stream.Name, device, name);
        QueuedSource source = table.CreateSource(device);
        source.Offer(newcomer.Payload, newcomer.TimeNs);
        _newcomers.Admit(table, level, source);
        try
        {
            _start(table.Stream with { Settings = stream with { Name = name } }, source);
            template.Started.Add(name);
        }
        // One device that cannot be served must not cost the others theirs.
        catch (Exception failure)
        {
            table.Refuse(level);
            DeviceLog.NotStarted(_logger, stream.Name, device, failure);
        }
    }

    private string? FindProblem(DeviceTable table, string name)
    {
        SourceSettings source = table.Stream.Settings.Source;
        if (table.Devices >= source.MaxDevices)
        {
            return $"source.maxDevices is {source.MaxDevices}; its messages are dropped";
        }

        return _running.Has(name) ? $"another stream is called {name}; its messages are dropped" : null;
    }

    // A topic with {device}, and what reads one message of it.
    private sealed class Template(DeviceTable table)
    {
        private readonly ProfileReader _profile = new(table.Stream.Profile, table.Stream.ProfileChannels);
        private readonly float[] _channels = new float[table.Stream.ProfileChannels.Count];

        public DeviceTable Table { get; } = table;

        public List<string> Started { get; } = [];

        public bool Reads(ReadOnlySpan<byte> payload)
        {
            FrameDecoder frames = _profile.CreateFrameDecoder(atFrameStart: true);
            return frames.TryRead(ref payload, out ReadOnlySpan<byte> record)
                && _profile.TryReadChannels(record, _channels)
                && Array.Exists(_channels, float.IsFinite);
        }
    }
}
