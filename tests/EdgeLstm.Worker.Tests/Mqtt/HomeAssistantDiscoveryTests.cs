// The announcement to Home Assistant: ids, units, templates, times.

using System.Text;
using System.Text.Json;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Tests.Schema;

namespace EdgeLstm.Worker.Tests.Mqtt;

public sealed class HomeAssistantDiscoveryTests
{
    [Fact]
    public void It_keeps_the_schema_and_has_a_component_per_channel_forecast_score_and_alarm()
    {
        JsonElement announced = Announce("pi", LinkBench.NewOutlet());
        Assert.Empty(JsonSchema.Load("src/EdgeLstm.Worker/Mqtt/messages.schema.json").Validate(announced, "discovery"));
        Assert.Equal(
            [
                "pump_temperature", "pump_pressure", "pump_forecast_temperature_h1", "pump_forecast_pressure_h6",
                "pump_forecast_wear", "pump_score", "pump_alarm",
            ],
            announced.GetProperty("cmps").EnumerateObject().Select(component => component.Name));
        Assert.Equal("edgelstm/pi/status", announced.GetProperty("availability_topic").GetString());
    }

    [Fact]
    public void Known_units_get_their_device_class_and_unknown_ones_are_left_out()
    {
        JsonElement components = Announce("pi", LinkBench.NewOutlet()).GetProperty("cmps");
        JsonElement temperature = components.GetProperty("pump_temperature");
        Assert.Equal("°C", temperature.GetProperty("unit_of_measurement").GetString());
        Assert.Equal("temperature", temperature.GetProperty("device_class").GetString());
        Assert.False(components.GetProperty("pump_pressure").TryGetProperty("unit_of_measurement", out _));
        Assert.Equal("problem", components.GetProperty("pump_alarm").GetProperty("device_class").GetString());
    }

    [Fact]
    public void Templates_use_subscripts_because_values_is_a_method_of_a_dictionary()
    {
        JsonElement components = Announce("pi", LinkBench.NewOutlet()).GetProperty("cmps");
        Assert.Equal("{{ value_json['values']['temperature'] }}", Template(components, "pump_temperature"));
        Assert.Equal("{{ value_json['forecast']['pressure_h6']['value'] }}", Template(components, "pump_forecast_pressure_h6"));
        Assert.Equal("{{ 'ON' if value_json['alarm'] == 'raised' else 'OFF' }}", Template(components, "pump_alarm"));
    }

    [Fact]
    public void Names_that_no_id_may_have_stay_distinct()
    {
        StreamOutlet outlet = LinkBench.NewOutlet() with
        {
            Name = "Öl 1",
            Channels = [new ChannelInfo("a b", "V"), new ChannelInfo("a_b", "V"), new ChannelInfo("it's", "V")],
        };
        JsonElement announced = Announce("Küche", outlet);
        Assert.Empty(JsonSchema.Load("src/EdgeLstm.Worker/Mqtt/messages.schema.json").Validate(announced, "discovery"));
        JsonElement components = announced.GetProperty("cmps");
        Assert.Equal("{{ value_json['values']['a_b'] }}", Template(components, "_l_1_a_b_2"));
        Assert.Equal(@"{{ value_json['values']['it\'s'] }}", Template(components, "_l_1_it_s"));
    }

    [Fact]
    public void A_channel_with_operating_limits_has_two_more_sensors()
    {
        StreamOutlet outlet = LinkBench.NewOutlet();
        outlet = outlet with { Channels = [outlet.Channels[0] with { HasLimits = true }, outlet.Channels[1]] };
        JsonElement announced = Announce("pi", outlet);
        Assert.Empty(JsonSchema.Load("src/EdgeLstm.Worker/Mqtt/messages.schema.json").Validate(announced, "discovery"));
        JsonElement components = announced.GetProperty("cmps");
        Assert.Equal(
            "{{ value_json['limits']['temperature']['probability'] }}",
            Template(components, "pump_temperature_limits_probability"));
        JsonElement seconds = components.GetProperty("pump_temperature_limits_seconds");
        Assert.Equal("s", seconds.GetProperty("unit_of_measurement").GetString());
        Assert.False(components.TryGetProperty("pump_pressure_limits_probability", out _));
    }

    [Theory]
    [InlineData(100.0, null, 61)]
    [InlineData(1000.0, null, 65)]
    [InlineData(300_000.0, null, 1560)]
    [InlineData(1000.0, 600_000.0, 3060)]
    public void Figures_expire_after_the_longest_reconnect_and_five_periods(double periodMs, double? publishMs, int expectedS)
    {
        StreamOutlet outlet = LinkBench.NewOutlet(samplePeriodMs: periodMs) with { PublishPeriodMs = publishMs };
        Assert.Equal(expectedS, HomeAssistantDiscovery.ExpireAfterSeconds(outlet));
    }

    [Theory]
    [InlineData("°C", "°C", "temperature", true)]
    [InlineData("degC", "°C", "temperature", true)]
    [InlineData("hPa", "hPa", "pressure", true)]
    [InlineData("kWh", "kWh", "energy", false)]
    [InlineData("m³", "m³", "volume", false)]
    [InlineData("%", "%", null, true)]
    [InlineData("\u00B5g/m³", "\u03BCg/m³", null, true)]
    public void Units_are_spelled_as_Home_Assistant_does(string unit, string symbol, string? deviceClass, bool isMeasurement)
    {
        Assert.Equal(new HomeAssistantUnit(symbol, deviceClass, isMeasurement), HomeAssistantUnits.Find(unit));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("furlong")]
    public void Units_that_Home_Assistant_does_not_know_are_not_sent(string unit) => Assert.Null(HomeAssistantUnits.Find(unit));

    private static string? Template(JsonElement components, string key) =>
        components.GetProperty(key).GetProperty("value_template").GetString();

    private static JsonElement Announce(string device, StreamOutlet outlet)
    {
        HomeAssistantDiscovery discovery = new("homeassistant", device, new MqttTopics("edgelstm", device), [outlet]);
        Assert.Matches("^homeassistant/device/[a-zA-Z0-9_-]+/config\0$", Encoding.UTF8.GetString(discovery.Topic));
        return JsonDocument.Parse(discovery.Payload).RootElement;
    }
}
