// The JSON schema files for editors say exactly what the strict reader accepts: both come from the same records.
// After a change of a record run with EDGELSTM_WRITE_SCHEMAS=1 to write the files anew.

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Configuration;

public class SchemaFileTests
{
    [Fact]
    public void The_schema_of_the_configuration_is_that_of_its_records() =>
        Check("src/EdgeLstm.Worker/Configuration/edgelstm.schema.json", SettingsJson.Default.Settings,
            "Configuration of edgelstm");

    [Fact]
    public void The_schema_of_profiles_is_that_of_their_records() =>
        Check("src/EdgeLstm.Worker/Framing/profile.schema.json", ProfileJson.Default.SensorProfile, "Profile of a sensor node");

    private static void Check(string file, JsonTypeInfo type, string title)
    {
        JsonSchemaExporterOptions options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };
        JsonObject schema = type.GetJsonSchemaAsNode(options).AsObject();
        schema.Insert(0, "title", title);
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        string text = schema.ToJsonString(new JsonSerializerOptions
        {
            WriteIndented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }) + "\n";

        string path = Path.Combine(RepositoryRoot.Path, file);
        if (Environment.GetEnvironmentVariable("EDGELSTM_WRITE_SCHEMAS") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.True(File.Exists(path), $"{file} is missing; run these tests with EDGELSTM_WRITE_SCHEMAS=1");
        Assert.Equal(text, File.ReadAllText(path));
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            return node;
        }

        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object && schema.ContainsKey("properties"))
        {
            schema["additionalProperties"] = false;
        }

        foreach (object rule in context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(true) ?? [])
        {
            Apply(rule, schema);
        }

        return schema;
    }

    private static void Apply(object rule, JsonObject schema)
    {
        switch (rule)
        {
            case DescriptionAttribute description:
                schema["description"] = description.Description;
                break;
            case AllowedValuesAttribute allowed:
                schema["enum"] = new JsonArray([.. allowed.Values.Select(value => JsonValue.Create((string?)value))]);
                break;
            case RangeAttribute range:
                schema[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = Convert.ToDouble(range.Minimum);
                schema["maximum"] = Convert.ToDouble(range.Maximum);
                break;
        }
    }
}
