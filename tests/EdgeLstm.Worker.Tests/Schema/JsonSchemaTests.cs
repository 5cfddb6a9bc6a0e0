// The schema validator finds what is wrong and refuses schemas it does not understand.

using System.Text.Json;

namespace EdgeLstm.Worker.Tests.Schema;

public sealed class JsonSchemaTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "1.5")]
    [InlineData("""{"type":["number","null"]}""", "\"1\"")]
    [InlineData("""{"enum":["a","b"]}""", "\"c\"")]
    [InlineData("""{"const":1}""", "2")]
    [InlineData("""{"pattern":"^a$"}""", "\"ab\"")]
    [InlineData("""{"minimum":3}""", "2")]
    [InlineData("""{"exclusiveMinimum":3}""", "3")]
    [InlineData("""{"maxLength":2}""", "\"abc\"")]
    [InlineData("""{"required":["a"]}""", "{}")]
    [InlineData("""{"minProperties":1}""", "{}")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"a":1}""")]
    [InlineData("""{"properties":{"a":true},"additionalProperties":false}""", """{"b":1}""")]
    [InlineData("""{"additionalProperties":{"type":"null"}}""", """{"b":1}""")]
    [InlineData("""{"propertyNames":{"pattern":"^a"}}""", """{"b":1}""")]
    [InlineData("""{"items":{"type":"string"}}""", "[\"a\",1]")]
    [InlineData("""{"oneOf":[{"type":"number"},{"type":"integer"}]}""", "1")]
    [InlineData("""{"$ref":"#/$defs/x","$defs":{"x":{"type":"null"}}}""", "1")]
    [InlineData("""{"properties":{"a":true}}""", """{"a":1,"a":2}""")]
    public void A_value_that_breaks_a_rule_is_reported_once(string schema, string value)
    {
        Assert.Single(new JsonSchema(schema).Validate(JsonDocument.Parse(value).RootElement));
    }

    [Fact]
    public void A_value_that_keeps_all_rules_has_no_problems()
    {
        JsonSchema schema = new("""
            {"type":"object","required":["a"],"additionalProperties":false,
             "properties":{"a":{"type":"array","items":{"type":["integer","null"],"minimum":0}}}}
            """);
        Assert.Empty(schema.Validate(JsonDocument.Parse("""{"a":[1,null,0]}""").RootElement));
    }

    [Fact]
    public void An_unknown_keyword_is_an_error_at_any_depth()
    {
        const string Schema = """{"properties":{"a":{"typ":"string"}}}""";
        FormatException problem = Assert.Throws<FormatException>(() => new JsonSchema(Schema));
        Assert.Contains("#/properties/a/typ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_problem_names_the_path()
    {
        JsonSchema schema = new("""{"properties":{"a":{"items":{"properties":{"b":{"type":"null"}}}}}}""");
        string problem = Assert.Single(schema.Validate(JsonDocument.Parse("""{"a":[{},{"b":1}]}""").RootElement));
        Assert.StartsWith("$.a[1].b:", problem, StringComparison.Ordinal);
    }
}
