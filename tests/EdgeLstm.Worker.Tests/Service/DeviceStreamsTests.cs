// Devices that speak for the first time: a stream for each, as many as allowed, none for what the profile does not read.

using System.Globalization;
using System.Text;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Service;
using EdgeLstm.Worker.Streams;
using EdgeLstm.Worker.Tests.Mqtt;
using EdgeLstm.Worker.Tests.Sensors.Mqtt;
using EdgeLstm.Worker.Tests.Streams;

namespace EdgeLstm.Worker.Tests.Service;

public sealed class DeviceStreamsTests : IDisposable
{
    private readonly TopicRouter _router = new();
    private readonly RunningStreams _running = new(mayGrow: true);
    private readonly LineLogger _log = new();
    private readonly List<(StreamPlan Plan, QueuedSource Source)> _started = [];
    private readonly ManualResetEventSlim _mayStart = new(initialState: true);
    private readonly DeviceStreams _devices;

    public DeviceStreamsTests()
    {
        StreamPlan[] plans = [TopicPlans.Create("zigbee2mqtt/{device}", maxDevices: 3)];
        _devices = new DeviceStreams(plans, _router, _running, Start, _log);
        _devices.Start();
    }

    private DeviceTable Table => _devices.Tables.Single();

    public void Dispose()
    {
        _mayStart.Set();
        _devices.Stop(TimeSpan.FromSeconds(20));
        _started.ForEach(stream => stream.Source.Dispose());
        _mayStart.Dispose();
    }

    private void Start(StreamPlan plan, QueuedSource source)
    {
        _mayStart.Wait();
        lock (_started)
        {
            _started.Add((plan, source));
        }

        if (plan.Settings.Name.EndsWith("broken", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("made for a test");
        }
    }

    private void Put(string device, string payload) =>
        _router.Put(Encoding.UTF8.GetBytes($"zigbee2mqtt/{device}"), Encoding.UTF8.GetBytes(payload), retained: false);

    private string[] Names()
    {
        lock (_started)
        {
            return [.. _started.Select(stream => stream.Plan.Settings.Name)];
        }
    }

    private static string[] ReadAll(QueuedSource source, int count)
    {
        byte[] buffer = new byte[1024];
        List<string> messages = [];
        while (messages.Count < count && source.Read(buffer, 5000, out int length, out _) == SourceRead.Data)
        {
            messages.Add(Encoding.UTF8.GetString(buffer, 0, length));
        }

        return [.. messages];
    }

    [Fact]
    public void Each_device_gets_a_stream_of_its_name_with_all_its_messages_in_order()
    {
        _mayStart.Reset();
        for (int i = 0; i < 9; i++)
        {
            Put("freezer", i.ToString(CultureInfo.InvariantCulture));
            Put("living room", (100 + i).ToString(CultureInfo.InvariantCulture));
        }

        _mayStart.Set();
        Waiting.Until(() => Names().Length == 2, "two streams have started");
        Put("freezer", "9");
        Assert.Equal("climate-freezer", Names()[0]);
        Assert.StartsWith("climate-living-room-", Names()[1], StringComparison.Ordinal);
        Assert.Equal("topic zigbee2mqtt/living room", _started[1].Source.Description);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), ReadAll(_started[0].Source, 10));
        Assert.Equal(Enumerable.Range(100, 9).Select(i => $"{i}"), ReadAll(_started[1].Source, 9));
        Assert.Equal((2, 0, 0L, 0L), (Table.Devices, Table.Refused, Table.Dropped, Table.Unreadable));
    }

    [Fact]
    public void Devices_beyond_the_limit_are_refused_counted_and_named_once()
    {
        string[] devices = ["a", "b", "c", "d", "e"];
        foreach (string device in devices)
        {
            Put(device, "1");
            Waiting.Until(() => Table.Devices + Table.Refused == Array.IndexOf(devices, device) + 1, "the device is known");
        }

        for (int i = 0; i < 100; i++)
        {
            Put("d", "1");
        }

        Assert.Equal(["climate-a", "climate-b", "climate-c"], Names());
        Assert.Equal((3, 2, 102L), (Table.Devices, Table.Refused, Table.Dropped));
        Assert.Equal(["d", "e"], Table.RefusedNames);
        Assert.Equal(2, _log.Lines.Count(line => line.Contains("source.maxDevices is 3", StringComparison.Ordinal)));
    }

    [Fact]
    public void Refused_devices_are_remembered_up_to_a_limit()
    {
        for (int i = 0; i < 3 + DeviceTable.RefusedLimit + 20; i++)
        {
            long seen = Table.Devices + Table.Dropped;
            Put($"device-{i}", "1");
            Waiting.Until(() => Table.Devices + Table.Dropped == seen + 1, "the device was looked at");
        }

        Assert.Equal((3, DeviceTable.RefusedLimit), (Table.Devices, Table.Refused));
        Assert.Equal(DeviceTable.RefusedLimit + 20, Table.Dropped);
        Assert.Equal(3 + DeviceTable.RefusedLimit, _log.Lines.Count);
    }

    [Theory]
    [InlineData("no number")]
    [InlineData("nan")]
    [InlineData("{\"state\":\"ON\"}")]
    public void A_device_that_the_profile_does_not_read_takes_no_place(string payload)
    {
        for (int i = 0; i < 5; i++)
        {
            long seen = Table.Unreadable;
            Put($"lamp-{i}", payload);
            Waiting.Until(() => Table.Unreadable == seen + 1, "the message was looked at");
        }

        Put("lamp-0", "21.5");
        Waiting.Until(() => Names().Length == 1, "a stream has started");
        Assert.Equal("climate-lamp-0", Names()[0]);
        Assert.Equal((1, 0), (Table.Devices, Table.Refused));
    }

    [Fact]
    public void A_stream_that_cannot_be_started_is_said_and_does_not_stop_the_others()
    {
        Put("broken", "1");
        Put("whole", "1");
        Waiting.Until(() => Names().Length == 2, "both were tried");
        Waiting.Until(() => Table.Devices == 1, "one of them was given up");
        Put("broken", "1");
        Assert.Equal((1, 1L), (Table.Refused, Table.Dropped));
        Assert.Contains(_log.Lines,
            line => line.StartsWith("Error: climate: the stream of device 'broken'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_that_another_stream_has_is_refused()
    {
        TestStream other = new(TopicPlans.Create("a", "climate-freezer"));
        using StreamWorker worker = new(other.Plan, new FakeSource(), other.Pipeline, null, WallClock.Unasked, _log);
        _running.Add(worker);
        Put("freezer", "1");
        Waiting.Until(() => Table.Refused == 1, "the device is refused");
        Assert.Contains("another stream is called climate-freezer", _log.Lines[0], StringComparison.Ordinal);
        Assert.Empty(Names());
    }

    [Fact]
    public void A_topic_that_is_removed_names_its_streams_and_makes_no_more()
    {
        Put("freezer", "1");
        Waiting.Until(() => Names().Length == 1, "a stream has started");
        Waiting.Until(() => Table.Devices == 1, "the device is known");
        lock (_running.Changes)
        {
            Assert.Equal(["climate-freezer"], _devices.Remove("climate"));
            Assert.Empty(_devices.Remove("climate"));
        }

        Assert.Empty(_devices.Tables);
        Put("fridge", "1");
        Assert.Equal(1, _router.Routed);
        _devices.Add(TopicPlans.Create("home/{device}", "garden"));
        _router.Put("home/pond"u8, "1"u8, retained: false);
        Waiting.Until(() => Names().Length == 2, "a stream of the new topic has started");
        Assert.Equal("garden-pond", Names()[1]);
    }

    [Fact]
    public void More_new_devices_at_once_than_can_wait_are_dropped_and_come_with_their_next_message()
    {
        _mayStart.Reset();
        Put("first", "1");
        Waiting.Until(() => Table.Devices == 1, "the thread is busy");
        for (int i = 0; i < Newcomers.Capacity + 5; i++)
        {
            Put($"device-{i}", "1");
        }

        Put(new string('x', Newcomers.DeviceLimitBytes + 1), "1");
        Assert.Equal(6, Table.Dropped);
        _mayStart.Set();
    }
}
