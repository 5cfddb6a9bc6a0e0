// Profiles of I²C sensors: what is accepted, and how each mistake is told.

using System.Text;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class I2cRulesTests
{
    private const string Fields = """{"kind": "binary", "byteOrder": "big", "fields": [{"name": "t", "type": "uint16"}]}""";

    private static string ProblemsOf(string i2c, string framing = Fields, string channels = """{"name": "t"}""")
    {
        string given = framing.Length == 0 ? "" : $"\"framing\": {framing},";
        string json = $$"""
            {"name": "n", "rateHz": 1, "transport": {"kind": "i2c", "i2c": { {{i2c}} } }, {{given}} "channels": [{{channels}}]}
            """;
        ProblemList problems = new("node.json");
        JsonFile.Parse(Encoding.UTF8.GetBytes(json), ProfileJson.Default.SensorProfile, problems)?.FindProblems(problems);
        return problems.ToString();
    }

    [Fact]
    public void A_sensor_with_commands_waits_checksums_and_a_ready_bit_has_no_problems()
    {
        Assert.Equal("node.json: 0 problems", ProblemsOf("""
            "address": "0x44", "otherAddresses": ["0x45"],
            "checksum": {"kind": "crc-8", "polynomial": "0x31", "initial": "0xFF"},
            "setup": [{"write": ["0x30", "0xA2"], "waitMs": 2}],
            "identify": {"write": ["0xF3", "0x2D"], "read": 3, "checkEvery": 2},
            "measure": [{"write": ["0x24", "0x00"], "waitMs": 15},
                {"read": 3, "checkEvery": 2, "expect": {"value": 0, "mask": "0x8000"}},
                {"read": 6, "checkEvery": 2}]
            """));
    }

    [Fact]
    public void A_sensor_that_only_a_binding_knows_needs_no_transfers_and_no_framing()
    {
        Assert.Equal("node.json: 0 problems", ProblemsOf(""" "address": "0x29", "binding": "vl53l0x" """, framing: ""));
        Assert.Contains("framing.kind: must be one of values on i2c; got 'binary'",
            ProblemsOf(""" "address": "0x29", "binding": "vl53l0x" """), StringComparison.Ordinal);
        Assert.Contains(
            "i2c.measure: must read 1 to 4096 bytes", ProblemsOf(""" "address": "0x29" """), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "address": "0x80", "measure": [{"read": 2}]""",
        "i2c.address: must be a 7-bit address from \"0x03\" to \"0x77\"; got 0x80")]
    [InlineData(""" "address": "44h", "measure": [{"read": 2}]""", "i2c.address: must be a 7-bit address")]
    [InlineData(""" "address": 68, "otherAddresses": [2], "measure": [{"read": 2}]""",
        "i2c.otherAddresses[0]: must be a 7-bit address")]
    [InlineData(""" "address": 68, "measure": [{"write": [256], "read": 2}]""",
        "i2c.measure[0].write[0]: must be a byte such as 107 or \"0x6B\"; got 0x100")]
    [InlineData(""" "address": 68, "setup": [{"write": ["x"]}], "measure": [{"read": 2}]""",
        "i2c.setup[0].write[0]: must be a byte")]
    [InlineData(""" "address": 68, "measure": [{}, {"read": 2}]""", "i2c.measure[0]: does nothing: give write, read or waitMs")]
    [InlineData(""" "address": 68, "measure": []""", "i2c.measure: must read 1 to 4096 bytes in steps without expect")]
    [InlineData(""" "address": 68, "measure": [{"read": 1, "expect": {"value": 1}}]""",
        "i2c.measure: must read 1 to 4096 bytes in steps without expect")]
    [InlineData(""" "address": 68, "measure": [{"write": [1], "expect": {"value": 1}}, {"read": 2}]""",
        "i2c.measure[0].expect: compares 1 to 4 bytes; its step reads 0")]
    [InlineData(""" "address": 68, "measure": [{"read": 5, "expect": {"value": 1}}, {"read": 2}]""",
        "i2c.measure[0].expect: compares 1 to 4 bytes; its step reads 5")]
    [InlineData(""" "address": 68, "measure": [{"read": 1, "expect": {"value": 256}}, {"read": 2}]""",
        "i2c.measure[0].expect.value: must be a number of 1 bytes")]
    [InlineData(""" "address": 68, "measure": [{"read": 1, "expect": {"value": 3, "mask": 1}}, {"read": 2}]""",
        "i2c.measure[0].expect.value: can never be read: 0x03 has bits outside of mask 0x01")]
    [InlineData(""" "address": 68, "identify": {"read": 1, "expect": {"value": -1}}, "measure": [{"read": 2}]""",
        "i2c.identify.expect.value: must be a number of 1 bytes")]
    [InlineData(""" "address": 68, "measure": [{"read": 3, "checkEvery": 2}]""",
        "i2c.measure[0].checkEvery: needs transport.i2c.checksum")]
    [InlineData(""" "address": 68, "measure": [{"read": 4, "checkEvery": 2}], "checksum": {"kind": "sum-8"}""",
        "i2c.measure[0].read: must be a multiple of 3: 2 bytes and their checksum; got 4")]
    [InlineData(""" "address": 68, "measure": [{"read": 2, "checkEvery": 0}]""", "i2c.measure[0].checkEvery: ")]
    [InlineData(""" "address": 68, "measure": [{"read": 2}], "checksum": {"kind": "crc-8"}""",
        "i2c.checksum.polynomial: is required for crc-8")]
    [InlineData(""" "address": 68, "measure": [{"read": 1}]""",
        "framing.fields[0]: ends after byte 2; the measurement's reads give 1")]
    [InlineData(""" "address": 68, "measure": [{"read": 2, "waitMs": 1500}]""",
        "rateHz: must be at most 0.667: a measurement's waits take 1500 ms; got 1")]
    [InlineData(""" "address": 68, "measure": [{"read": 2}], "compensation": "bme281" """, "i2c.compensation: must be one of ")]
    public void A_mistake_is_told_with_its_place(string i2c, string expected) =>
        Assert.Contains(expected, ProblemsOf(i2c), StringComparison.Ordinal);

    [Theory]
    [InlineData("bmp280", "24", 6, "temperature", "")]
    [InlineData("bme280", "26, 7", 8, "humidity", "")]
    [InlineData("bme680", "25, 16", 8, "pressure", "")]
    [InlineData("bme280", "33", 8, "humidity",
        "i2c.setup: must read 26, then 7 bytes for compensation bme280, in steps without expect; got 33")]
    [InlineData("bmp280", "", 6, "temperature",
        "i2c.setup: must read 24 bytes for compensation bmp280, in steps without expect; got none")]
    [InlineData("bme280", "26, 7", 6, "humidity", "i2c.measure: must read 8 bytes for compensation bme280")]
    [InlineData("bmp280", "24", 6, "humidity",
        "channels[0].field: must be one of temperature, pressure for compensation bmp280; got 'humidity'")]
    public void A_compensation_needs_its_calibration_its_registers_and_its_quantities(
        string compensation, string setup, int measure, string channel, string expected)
    {
        string reads = string.Concat(setup.Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .Select(bytes => $$"""{"write": [136], "read": {{bytes}} },"""));
        string problems = ProblemsOf(
            $$""" "address": 118, "compensation": "{{compensation}}", """
                + $$""" "setup": [{{reads}} {"read": 1, "expect": {"value": 96} }], """
                + $$""" "measure": [{"write": [247], "read": {{measure}} }]""",
            framing: "", channels: $$"""{"name": "c", "field": "{{channel}}"}""");
        Assert.Contains(expected.Length == 0 ? "0 problems" : expected, problems, StringComparison.Ordinal);
    }

    [Fact]
    public void Nonsense_in_a_list_of_steps_is_told_and_not_thrown()
    {
        Assert.Contains("problem", ProblemsOf(""" "address": null, "measure": [null], "setup": {}"""), StringComparison.Ordinal);
        string nulls = """ "address": 68, "measure": [null, {"write": [null]}]""";
        Assert.Contains("problem", ProblemsOf(nulls), StringComparison.Ordinal);
    }
}
