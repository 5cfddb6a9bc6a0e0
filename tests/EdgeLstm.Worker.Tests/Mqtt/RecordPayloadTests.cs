// A record becomes exactly the documented JSON, and writing it allocates nothing.

using System.Text;
using System.Text.Json;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Streams;
using EdgeLstm.Worker.Tests.Schema;

namespace EdgeLstm.Worker.Tests.Mqtt;

public sealed class RecordPayloadTests
{
    private readonly PayloadBuffer _buffer = new();
    private readonly StreamRecord _record = new(2, 5);
    private readonly RecordPayload _payload;

    public RecordPayloadTests()
    {
        StreamOutlet outlet = LinkBench.NewOutlet();
        _payload = new RecordPayload(LinkBench.Boot, outlet.Channels, ForecastLayout.Group(outlet.Outputs));
        LinkBench.Fill(_record, 12);
    }

    [Fact]
    public void A_state_is_written_as_documented()
    {
        const string Expected = """
            {"boot":"1a2b3c4d","seq":12,"ts":1763690000012,"status":"live",
            "values":{"temperature":81.2,"pressure":0.012},"residuals":{"temperature":-0.1,"pressure":null},
            "forecast":{"temperature_h1":{"value":81.3,"low":80,"high":80},"pressure_h6":{"value":80,"low":79,"high":82},
            "wear":{"value":80}},"score":1.23,"threshold":4.5,"alarm":"clear"}
            """;
        Assert.Equal(Expected.ReplaceLineEndings(""), Encoding.UTF8.GetString(_payload.WriteState(_buffer, _record)));
    }

    [Fact]
    public void A_record_from_before_the_clock_was_synchronised_says_so()
    {
        _record.IsUnsynced = true;
        JsonSchema schema = JsonSchema.Load("src/EdgeLstm.Worker/Mqtt/messages.schema.json");
        string state = Encoding.UTF8.GetString(_payload.WriteState(_buffer, _record));
        Assert.StartsWith("""{"boot":"1a2b3c4d","seq":12,"ts":1763690000012,"timeSynced":false,"status":""", state,
            StringComparison.Ordinal);
        Assert.Empty(schema.Validate(JsonDocument.Parse(state).RootElement, "state"));
        _record.Event = StreamEvent.AlarmRaised;
        JsonElement written = JsonDocument.Parse(_payload.WriteEvent(_buffer, _record).ToArray()).RootElement;
        Assert.False(written.GetProperty("timeSynced").GetBoolean());
        Assert.Empty(schema.Validate(written, "event"));
    }

    [Fact]
    public void A_band_around_quantiles_stands_for_them()
    {
        _record.Low[1] = 79.5f;
        _record.High[1] = 83.5f;
        JsonElement state = JsonDocument.Parse(_payload.WriteState(_buffer, _record).ToArray()).RootElement;
        Assert.Equal(
            """{"value":81.3,"low":79.5,"high":83.5}""",
            state.GetProperty("forecast").GetProperty("temperature_h1").GetRawText());
    }

    [Fact]
    public void A_channel_with_limits_has_its_outlook_in_the_state_alone()
    {
        StreamOutlet outlet = LinkBench.NewOutlet();
        ChannelInfo[] channels = [outlet.Channels[0] with { HasLimits = true }, outlet.Channels[1]];
        RecordPayload payload = new(LinkBench.Boot, channels, ForecastLayout.Group(outlet.Outputs));
        _record.LimitProbabilities[0] = 0.25f;
        _record.LimitSeconds[0] = float.NaN;
        JsonElement state = JsonDocument.Parse(payload.WriteState(_buffer, _record).ToArray()).RootElement;
        Assert.Equal("""{"temperature":{"probability":0.25,"seconds":null}}""", state.GetProperty("limits").GetRawText());
        Assert.Empty(JsonSchema.Load("src/EdgeLstm.Worker/Mqtt/messages.schema.json").Validate(state, "state"));
        _record.Event = StreamEvent.AlarmRaised;
        JsonElement written = JsonDocument.Parse(payload.WriteEvent(_buffer, _record).ToArray()).RootElement;
        Assert.False(written.TryGetProperty("limits", out _));
    }

    [Fact]
    public void A_threshold_that_cannot_be_stated_is_null()
    {
        _record.Threshold = float.PositiveInfinity;
        JsonElement state = JsonDocument.Parse(_payload.WriteState(_buffer, _record).ToArray()).RootElement;
        Assert.Equal(JsonValueKind.Null, state.GetProperty("threshold").ValueKind);
    }

    [Theory]
    [InlineData(StreamEvent.AlarmRaised, "alarmRaised", "raised",
        """ "onset":1763690000001,"contributions":{"temperature":0.75,"pressure":0.25},""")]
    [InlineData(StreamEvent.AlarmCleared, "alarmCleared", "clear",
        """
        "onset":1763690000001,"peak":1763690000002,"peakScore":6.5,"end":1763690000003,
        "contributions":{"temperature":0.75,"pressure":0.25},
        """)]
    [InlineData(StreamEvent.StreamLost, "streamLost", "clear", "")]
    public void An_event_is_written_as_documented(StreamEvent happened, string name, string alarm, string incident)
    {
        LinkBench.Fill(_record, 12, happened);
        string expected =
            $"{{\"boot\":\"1a2b3c4d\",\"seq\":12,\"ts\":1763690000012,\"event\":\"{name}\",\"alarm\":\"{alarm}\","
            + $"\"score\":1.23,\"threshold\":4.5,{incident.ReplaceLineEndings("").Trim()}"
            + """
            "values":{"temperature":81.2,"pressure":0.012},
            "forecast":{"temperature_h1":{"value":81.3,"low":80,"high":80},"pressure_h6":{"value":80,"low":79,"high":82},
            "wear":{"value":80}}}
            """;
        Assert.Equal(expected.ReplaceLineEndings(""), Encoding.UTF8.GetString(_payload.WriteEvent(_buffer, _record)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.MaxValue)]
    [InlineData(float.Epsilon)]
    [InlineData(-0.0f)]
    public void Every_float_keeps_the_schema_and_reads_back_equal_or_null(float figure)
    {
        _record.Values.Fill(figure);
        _record.Outputs.Fill(figure);
        _record.Low.Fill(figure);
        _record.Score = figure;
        JsonElement state = JsonDocument.Parse(_payload.WriteState(_buffer, _record).ToArray()).RootElement;
        JsonSchema schema = JsonSchema.Load("src/EdgeLstm.Worker/Mqtt/messages.schema.json");
        Assert.Empty(schema.Validate(state, "state"));
        JsonElement read = state.GetProperty("values").GetProperty("temperature");
        float? expected = float.IsFinite(figure) ? figure : null;
        float? found = read.ValueKind == JsonValueKind.Null ? null : read.GetSingle();
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Every_status_event_and_alarm_keeps_the_schema()
    {
        JsonSchema schema = JsonSchema.Load("src/EdgeLstm.Worker/Mqtt/messages.schema.json");
        foreach (StreamStatus status in Enum.GetValues<StreamStatus>())
        {
            _record.Status = status;
            JsonElement state = JsonDocument.Parse(_payload.WriteState(_buffer, _record).ToArray()).RootElement;
            Assert.Empty(schema.Validate(state, "state"));
        }

        foreach (StreamEvent happened in Enum.GetValues<StreamEvent>().Where(e => e != StreamEvent.None))
        {
            _record.Event = happened;
            JsonElement written = JsonDocument.Parse(_payload.WriteEvent(_buffer, _record).ToArray()).RootElement;
            Assert.Empty(schema.Validate(written, "event"));
        }
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        Allocation.AssertNone(() => Write(1000));
    }

    private void Write(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _record.Score = i * 0.37f;
            _payload.WriteState(_buffer, _record);
            _payload.WriteEvent(_buffer, _record);
        }
    }
}
