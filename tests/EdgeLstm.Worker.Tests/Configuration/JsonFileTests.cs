// Strict reading: every problem at once, each with its path; the nearest known key; no value passes that the rules do not allow.

using System.Text;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Tests.Configuration;

public class JsonFileTests
{
    private const string Good = """
        {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a","source":{"kind":"stdin","profile":"p.json"},"model":"m"}]}
        """;

    [Fact]
    public void A_good_file_is_read_with_the_defaults_of_what_it_leaves_out()
    {
        Settings settings = Parse(Good, out ProblemList problems)!;
        Assert.False(problems.Any, problems.ToString());
        Assert.Equal("pi", settings.Device);
        Assert.Equal(64, settings.Mqtt.InFlight);
        Assert.Equal(1, settings.Streams[0].Source.Speed);
        Assert.Null(settings.Streams[0].Alarm);
    }

    [Fact]
    public void All_problems_are_listed_at_once_with_their_paths()
    {
        const string Bad = """
            {"device":"x","mqtt":{"host":"h","prot":3,"port":99999},"streams":[{"name":"a",
             "source":{"kind":"seriell","profle":"x"},"model":3,"alarm":{"falseAlarmsPerDay":0}}]}
            """;
        const string Kinds = "'serial', 'i2c', 'iio', 'hwmon', 'system', 'modbus', 'mqtt', 'replay', 'stdin'";
        Assert.Null(Parse(Bad, out ProblemList problems));
        Assert.Equal($"""
            edgelstm.json: 7 problems
              mqtt.prot: unknown key; did you mean 'port'?
              mqtt.port: must be at least 1 and at most 65535; got 99999
              streams[0].source.kind: must be one of {Kinds}; got 'seriell'; did you mean 'serial'?
              streams[0].source.profle: unknown key; did you mean 'profile'?
              streams[0].source.profile: missing
              streams[0].model: must be a text; got 3
              streams[0].alarm.falseAlarmsPerDay: must be above 0 and at most 1000; got 0
            """, problems.ToString());
    }

    [Theory]
    [InlineData("[]", "the whole text: must be an object; got an array")]
    [InlineData("{", "not valid JSON")]
    [InlineData("", "not valid JSON")]
    [InlineData("""{"device":"a","device":"b"}""", "device: given twice")]
    [InlineData("""{"device":null}""", "device: must be a text; got null")]
    [InlineData("""{"mqtt":{"host":"a","password":123456}}""", "mqtt.password: must be a text; got something else")]
    [InlineData("""{"streams":{}}""", "streams: must be an array; got an object")]
    [InlineData("""{"stateMaxAgePeriods":1.5}""", "stateMaxAgePeriods: must be a whole number of at most 32 bits; got 1.5")]
    [InlineData("""{"zzzzzzzzzz":1}""", "zzzzzzzzzz: unknown key; known are device, mqtt")]
    public void What_is_wrong_is_said(string json, string expected)
    {
        Assert.Null(Parse(json, out ProblemList problems));
        Assert.Contains(expected, problems.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused_without_recursion()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"mqtt\":", 10_000));
        Assert.Null(Parse(deep, out ProblemList problems));
        Assert.Contains("not valid JSON", problems.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Thousands_of_problems_are_counted_and_the_first_are_shown()
    {
        string json = "{" + string.Join(',', Enumerable.Range(0, 3000).Select(i => $"\"key{i}\":1")) + "}";
        Assert.Null(Parse(json, out ProblemList problems));
        Assert.Equal(3003, problems.Count);
        Assert.Equal(ProblemList.Limit, problems.Problems.Count);
        Assert.EndsWith("… and 2953 more", problems.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_an_unknown_key_is_still_searched_for_other_mistakes()
    {
        ProblemList problems = new("edgelstm.json");
        string json = Good.Replace("\"device\":\"pi\"", "\"device\":\"pump 7\",\"colour\":1", StringComparison.Ordinal);
        Settings? settings = JsonFile.Parse(Encoding.UTF8.GetBytes(json), SettingsJson.Default.Settings, problems);
        SettingsRules.Check(settings!, problems);
        Assert.Contains("colour: unknown key", problems.ToString(), StringComparison.Ordinal);
        Assert.Contains("device: must be 1 to 64 letters", problems.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("[1]")]
    [InlineData("null")]
    public void A_file_of_the_wrong_shape_is_not_searched_any_further(string streams)
    {
        ProblemList problems = new("edgelstm.json");
        byte[] json = Encoding.UTF8.GetBytes($$"""{"device":"pi","mqtt":{"host":"h"},"streams":{{streams}}}""");
        Assert.Null(JsonFile.Parse(json, SettingsJson.Default.Settings, problems));
        Assert.True(problems.Any);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_problem_not_a_crash()
    {
        ProblemList problems = new("nowhere.json");
        Assert.Null(JsonFile.Read("/nowhere/nowhere.json", SettingsJson.Default.Settings, problems));
        Assert.StartsWith("nowhere.json: 1 problem\n  cannot be read", problems.ToString(), StringComparison.Ordinal);
    }

    private static Settings? Parse(string json, out ProblemList problems)
    {
        problems = new ProblemList("edgelstm.json");
        Settings? settings = JsonFile.Parse(Encoding.UTF8.GetBytes(json), SettingsJson.Default.Settings, problems);
        return problems.Any ? null : settings;
    }
}
