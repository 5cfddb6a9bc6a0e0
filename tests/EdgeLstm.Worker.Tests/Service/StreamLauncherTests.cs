// Streams started and ended beside each other on a real link: a fault of one is told to the broker and costs the others nothing.

using System.Globalization;
using System.Text;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Service;
using EdgeLstm.Worker.Streams;
using EdgeLstm.Worker.Tests.Mqtt;
using EdgeLstm.Worker.Tests.Sensors.Mqtt;
using EdgeLstm.Worker.Tests.Streams;

namespace EdgeLstm.Worker.Tests.Service;

[Collection("mosquitto")]
public sealed class StreamLauncherTests : IDisposable
{
    private const int Some = 50;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly MosquittoBroker _broker = MosquittoBroker.Launch();
    private readonly MqttSubscriber _subscriber;
    private readonly RunningStreams _running = new(mayGrow: true);
    private readonly TopicRouter _topics = new();
    private readonly LineLogger _log = new();
    private readonly SensorSources _sources;
    private readonly MqttLink _link;
    private readonly StreamLauncher _launcher;

    public StreamLauncherTests()
    {
        _subscriber = new MqttSubscriber(_broker.Port);
        _sources = new SensorSources(_topics);
        _link = new MqttLink(LinkBench.Options(_broker.Port), "pi", LinkBench.Boot, [], _ => { }, _log, _topics);
        DevicePlan plan = new(new Settings("pi", new MqttSettings("127.0.0.1", _broker.Port), []), []);
        _launcher = new StreamLauncher(plan, _running, _sources, () => _link, new StateSaver(_log),
            WallClock.Unasked, _log);
        _link.Start();
        Assert.True(LinkBench.Eventually(() => _link.Connected));
    }

    public void Dispose()
    {
        foreach (StreamWorker worker in _running.All)
        {
            worker.Stop(Limit);
            worker.Dispose();
        }

        _link.Dispose();
        _sources.Dispose();
        _subscriber.Dispose();
        _broker.Dispose();
    }

    [SkippableFact]
    public void A_stream_that_fails_again_and_again_is_lost_and_the_other_one_does_not_notice()
    {
        _launcher.Start(TopicPlans.Create("a", "whole"));
        // A record that the stream's buffer cannot hold makes every read of it throw.
        byte[] tooLong = new byte[64 * 1024];
        QueuedSource broken = new("a broken sensor", tooLong.Length, 4);
        _launcher.Start(TopicPlans.Create("b", "broken"), broken);
        broken.Offer("21.5"u8, ByteSource.MonotonicNs());
        Waiting.Until(() => _running.Find("broken")!.Pipeline.Counters.Steps == 1, "it has begun well");
        broken.Offer(tooLong, ByteSource.MonotonicNs());

        Waiting.Until(() => _running.Find("broken")!.Pipeline.Counters.Restarts == 2, "it has failed twice");
        for (int i = 0; i < Some; i++)
        {
            _topics.Put("a"u8, Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture)), retained: false);
        }

        Assert.True(_subscriber.Wait(s => s.Count("edgelstm/pi/whole/state") == Some));
        Assert.True(_subscriber.Wait(s => s.Count("edgelstm/pi/broken/event") == 1));
        MqttMessage lost = Assert.Single(_subscriber.Of("/broken/event"));
        Assert.Equal(("streamLost", 2), (lost.Json.GetProperty("event").GetString(), lost.Sequence));
        Assert.Equal(Enumerable.Range(1, Some).Select(k => (long)k), _subscriber.Of("/whole/state").Select(m => m.Sequence));
        Assert.Null(_running.Find("whole")!.Failure);
        Assert.Equal(0, _running.Find("whole")!.Pipeline.Counters.Restarts);
        Assert.StartsWith("the stream failed and is started again: ArgumentException", _running.Find("broken")!.Problem,
            StringComparison.Ordinal);
        Assert.Equal(StreamStatus.Stale, _running.Find("broken")!.Pipeline.Status);
    }

    [SkippableFact]
    public void A_stream_started_after_another_ended_uses_none_of_its_numbers()
    {
        _launcher.Start(TopicPlans.Create("a", "room"));
        Say("a", 3);
        Assert.True(_subscriber.Wait(s => s.Count("edgelstm/pi/room/state") == 3));
        StreamWorker worker = _running.Find("room")!;
        _launcher.Forget(worker, worker.Stop(Limit));
        Assert.Empty(_running.All.ToArray());
        Assert.Empty(_topics.Filters);

        _launcher.Start(TopicPlans.Create("a", "room"));
        Say("a", 2);
        Assert.True(_subscriber.Wait(s => s.Count("edgelstm/pi/room/state") == 5));
        Assert.Equal([1L, 2L, 3L, 4L, 5L], _subscriber.Of("/room/state").Select(message => message.Sequence));
    }

    [SkippableFact]
    public void A_stream_reads_nothing_before_it_is_listed()
    {
        FakeSource source = new();
        bool? listed = null;
        source.Then(() =>
        {
            listed = _running.Has("room");
            return (SourceRead.Idle, []);
        });
        Task start;
        lock (_running.Changes)
        {
            start = Task.Run(() => _launcher.Start(TopicPlans.Create("a", "room"), source));
            Assert.False(SpinWait.SpinUntil(() => listed is not null, 300), "it was read while the list could not be changed");
        }

        start.Wait(Limit);
        Waiting.Until(() => listed is not null, "it is read");
        Assert.True(listed);
    }

    private void Say(string topic, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _topics.Put(Encoding.UTF8.GetBytes(topic), "21.5"u8, retained: false);
        }
    }
}
