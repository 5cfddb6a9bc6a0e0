// Profiles of Modbus slaves: what is accepted, and how each mistake is told.

using System.Text;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class ModbusRulesTests
{
    [Fact]
    public void Blocks_and_fields_that_fit_are_accepted() => Assert.Equal("", ProblemsOf(
        """[{"start": 0, "count": 2, "function": 4}, {"start": 65535, "count": 1, "slave": 247}]""",
        """{"name": "a", "type": "float32"}, {"name": "b", "type": "int16"}"""));

    [Theory]
    [InlineData("[]", """{"name": "a", "type": "int16"}""", "transport.modbus.blocks: must have 1 to 64 entries; got 0")]
    [InlineData("""[{"start": 65535, "count": 2}]""", """{"name": "a", "type": "int16"}""",
        "transport.modbus.blocks[0].count: reaches beyond register 65535: at most 1 from 65535; got 2")]
    [InlineData("""[{"start": 0, "count": 126}]""", """{"name": "a", "type": "int16"}""",
        "blocks[0].count: must be at least 1 and at most 125; got 126")]
    [InlineData("""[{"start": 0, "count": 1, "function": 6}]""", """{"name": "a", "type": "int16"}""",
        "blocks[0].function: must be at least 3 and at most 4; got 6")]
    [InlineData("""[{"start": 0, "count": 2}]""", """{"name": "b", "type": "int16"}, {"name": "a", "type": "float32"}""",
        "framing.fields[1]: ends at byte 6 of a record of 4: 2 for each register of transport.modbus.blocks")]
    [InlineData("""[{"start": 0, "count": 2}]""", """{"name": "a", "type": "int16", "at": 3}""",
        "framing.fields[0]: ends at byte 5 of a record of 4")]
    [InlineData("""[{"start": 0, "count": 1}]""", """{"name": "a", "type": "int16", "byteOrder": "little"}""",
        "framing.fields[0].byteOrder: must be big, cdab or badc where a register is a field (a)")]
    public void Each_mistake_is_told_with_its_place(string blocks, string fields, string expected) =>
        Assert.Contains(expected, ProblemsOf(blocks, fields), StringComparison.Ordinal);

    [Fact]
    public void More_registers_than_a_record_may_have_are_refused()
    {
        string blocks = string.Join(',', Enumerable.Repeat("""{"start": 0, "count": 125}""", 17));
        Assert.Contains("must be 2000 registers at most together; got 2125",
            ProblemsOf($"[{blocks}]", """{"name": "a", "type": "int16"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_that_forgets_the_byte_order_is_told_so() => Assert.Contains(
        "framing.byteOrder: must be big, cdab or badc",
        ProblemsOf("""[{"start": 0, "count": 1}]""", """{"name": "a", "type": "uint16"}""", byteOrder: "little"),
        StringComparison.Ordinal);

    private static string ProblemsOf(string blocks, string fields, string byteOrder = "big")
    {
        ProblemList problems = new("node.json");
        string json = $$"""
            {"name": "n", "transport": {"kind": "modbus", "modbus": {"blocks": {{blocks}} } },
             "framing": {"kind": "binary", "byteOrder": "{{byteOrder}}", "fields": [{{fields}}]}, "channels": [{"name": "a"}]}
            """;
        JsonFile.Parse(Encoding.UTF8.GetBytes(json), ProfileJson.Default.SensorProfile, problems)?.FindProblems(problems);
        return problems.Any ? problems.ToString() : "";
    }
}
