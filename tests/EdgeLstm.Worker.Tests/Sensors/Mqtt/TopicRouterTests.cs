// Messages on their way from the connection to the streams' queues.

using System.Text;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.Mqtt;

public sealed class TopicRouterTests
{
    private readonly TopicRouter _router = new();
    private readonly byte[] _buffer = new byte[TopicQueue.MessageLimitBytes];

    private string Filters => string.Join(' ', _router.Filters.Select(filter => Encoding.UTF8.GetString(filter).TrimEnd('\0')));

    private QueuedSource Open(string topic) => _router.Open(TopicPlans.Create(topic));

    private void Put(string topic, string payload, bool retained = false) =>
        _router.Put(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), retained);

    private string Read(QueuedSource source)
    {
        SourceRead found = source.Read(_buffer, 0, out int count, out long timeNs);
        Assert.InRange(ByteSource.MonotonicNs() - timeNs, 0, 60_000_000_000);
        return found == SourceRead.Data ? Encoding.UTF8.GetString(_buffer, 0, count) : found.ToString();
    }

    [Fact]
    public void A_message_goes_to_every_stream_whose_topic_matches_and_to_no_other()
    {
        using QueuedSource exact = Open("home/freezer");
        using QueuedSource one = Open("home/+");
        using QueuedSource all = Open("#");
        using QueuedSource other = Open("home/fridge");
        Put("home/freezer", "-18.2");
        Assert.Equal(("-18.2", "-18.2", "-18.2", "Idle"), (Read(exact), Read(one), Read(all), Read(other)));
        Put("elsewhere", "1");
        Assert.Equal(("Idle", "Idle", "1", "Idle"), (Read(exact), Read(one), Read(all), Read(other)));
        Assert.Equal((2, 0), (_router.Routed, _router.Retained));
    }

    [Fact]
    public void Retained_messages_are_dropped_and_counted()
    {
        using QueuedSource source = Open("home/freezer");
        Put("home/freezer", "-18.2", retained: true);
        Put("elsewhere", "-18.2", retained: true);
        Assert.Equal("Idle", Read(source));
        Assert.Equal((0, 1), (_router.Routed, _router.Retained));
    }

    [Fact]
    public void A_list_that_has_changed_while_it_was_asked_for_is_forgotten()
    {
        using QueuedSource a = Open("home/freezer");
        QueuedSource b = Open("garden/shed");
        byte[][] old = _router.Filters;
        _router.Ask(old, 0, 11);
        _router.Release(b);
        b.Dispose();
        _router.Ask(old, 1, 12);   // beyond the end of the new list
        _router.Answer(12, granted: false);
        Assert.Null(_router.TakeRefusal());
        Assert.NotSame(old, _router.Filters);
    }

    [Fact]
    public void The_broker_is_asked_for_no_topic_twice()
    {
        using QueuedSource a = Open("home/freezer");
        Assert.Equal("home/freezer", Filters);
        using QueuedSource b = Open("home/freezer");
        using QueuedSource c = Open("garden/+");
        Assert.Equal("home/freezer garden/+", Filters);
        using QueuedSource d = Open("home/+");
        Assert.Equal("garden/+ home/+", Filters);
    }

    [Fact]
    public void A_message_that_is_too_long_or_empty_is_dropped_and_counted()
    {
        using QueuedSource source = Open("a");
        Put("a", new string('1', 1025));
        Put("a", "");
        Assert.Equal(2, source.Dropped);
        Assert.Equal("Idle", Read(source));
        Put("a", new string('1', 1024));
        Assert.Equal(1024, Read(source).Length);
    }

    [Fact]
    public void Without_the_broker_a_stream_is_lost_and_it_is_back_with_the_next_message()
    {
        using QueuedSource source = Open("a");
        _router.LoseBroker();
        _router.LoseBroker();
        Assert.Equal(("Lost", "Idle", "the broker is not connected"), (Read(source), Read(source), source.Problem));
        Subscribe(granted: true);
        Assert.Equal(("Idle", "no message since the broker is back"), (Read(source), source.Problem));
        Put("a", "1");
        Assert.Equal(("Back", "1", null), (Read(source), Read(source), source.Problem));
        _router.LoseBroker();
        Assert.Equal(("Lost", 1), (Read(source), source.Reopened));
    }

    [Fact]
    public void A_subscription_that_the_broker_refuses_loses_the_streams_that_need_it()
    {
        using QueuedSource source = Open("home/freezer");
        using QueuedSource other = Open("garden/+");
        Subscribe(granted: true);
        Assert.Null(_router.TakeRefusal());
        _router.Answer(101, granted: false);
        Assert.Equal(("Idle", "Lost"), (Read(source), Read(other)));
        Assert.Contains("the broker refuses subscription to 'garden/+'", other.Problem, StringComparison.Ordinal);
        Assert.Equal(("garden/+", null), (_router.TakeRefusal(), _router.TakeRefusal()));
    }

    [Fact]
    public void A_topic_that_is_released_brings_nothing_more_and_the_list_to_ask_for_is_another()
    {
        QueuedSource wide = Open("home/+");
        using QueuedSource exact = Open("home/freezer");
        IReadOnlyList<byte[]> before = _router.Filters;
        Assert.Equal("home/+", Filters);
        Assert.Same(before, _router.Filters);

        _router.Release(wide);
        wide.Dispose();
        Put("home/freezer", "1");
        Put("home/fridge", "2");

        Assert.NotSame(before, _router.Filters);
        Assert.Equal("home/freezer", Filters);
        Assert.Equal(("1", "Idle"), (Read(exact), Read(exact)));
        Assert.Equal(1, _router.Routed);
    }

    [Fact]
    public void The_answer_to_a_filter_that_is_asked_for_no_more_is_nobodys()
    {
        QueuedSource gone = Open("home/freezer");
        using QueuedSource kept = Open("garden");
        _router.Ask(_router.Filters, 0, 100);
        _router.Ask(_router.Filters, 1, 101);
        _router.Release(gone);
        gone.Dispose();
        _router.Answer(100, granted: false);
        Assert.Equal(("Idle", null), (Read(kept), _router.TakeRefusal()));
        Subscribe(granted: false);
        Assert.Equal(("Lost", "garden"), (Read(kept), _router.TakeRefusal()));
    }

    [Fact]
    public void Routing_100000_messages_allocates_nothing()
    {
        using QueuedSource exact = Open("zigbee2mqtt/freezer");
        using QueuedSource all = Open("zigbee2mqtt/+");
        Newcomers newcomers = new();
        DeviceTable devices = _router.OpenDevices(TopicPlans.Create("zigbee2mqtt/{device}"), newcomers);
        using QueuedSource freezer = devices.CreateSource("freezer");
        newcomers.Admit(devices, "freezer"u8.ToArray(), freezer);
        newcomers.Admit(devices, "lamp"u8.ToArray(), null);
        byte[] payload = Encoding.UTF8.GetBytes("-18.25");
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                _router.Put("zigbee2mqtt/freezer"u8, payload, retained: false);
                _router.Put("zigbee2mqtt/lamp"u8, payload, retained: false);
                _router.Put("zigbee2mqtt/new"u8, payload, retained: false);
                _router.Put("zigbee2mqtt/freezer"u8, payload, retained: true);
                _router.Put("other/freezer"u8, payload, retained: false);
            }
        });
        Assert.Equal("-18.25", Read(freezer));
    }

    private void Subscribe(bool granted)
    {
        for (int i = 0; i < _router.Filters.Length; i++)
        {
            _router.Ask(_router.Filters, i, 100 + i);
            _router.Answer(100 + i, granted);
        }
    }
}
