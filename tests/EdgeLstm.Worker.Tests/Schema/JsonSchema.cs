// Validates JSON against the subset of JSON Schema 2020-12 that this project's schema files use. An unknown keyword is an error.

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeLstm.Worker.Tests.Schema;

/// <summary>One schema document; problems are reported as <c>path: what is wrong</c>.</summary>
public sealed class JsonSchema
{
    private static readonly HashSet<string> Annotations =
        ["$schema", "$id", "$defs", "title", "description", "default", "examples"];

    private readonly JsonElement _root;

    /// <exception cref="FormatException">A keyword that this validator does not know, anywhere in the document.</exception>
    public JsonSchema(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        _root = document.RootElement.Clone();
        RequireKnownKeywords(_root, "#");
    }

    /// <summary>Finds a schema file below the root of the repository.</summary>
    public static JsonSchema Load(string pathInRepository)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EdgeLstm.sln")))
        {
            folder = folder.Parent;
        }

        Assert.NotNull(folder);
        return new JsonSchema(File.ReadAllText(Path.Combine(folder.FullName, pathInRepository)));
    }

    /// <summary>All problems of a value against the whole document, or against one of its definitions.</summary>
    public IReadOnlyList<string> Validate(JsonElement value, string? definition = null)
    {
        List<string> problems = [];
        JsonElement schema = definition is null ? _root : _root.GetProperty("$defs").GetProperty(definition);
        Check(schema, value, "$", problems);
        return problems;
    }

    private static void RequireKnownKeywords(JsonElement schema, string path)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return;
        }

        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            string here = $"{path}/{keyword.Name}";
            switch (keyword.Name)
            {
                case "properties" or "$defs" or "patternProperties":
                    foreach (JsonProperty member in keyword.Value.EnumerateObject())
                    {
                        RequireKnownKeywords(member.Value, $"{here}/{member.Name}");
                    }

                    break;
                case "additionalProperties" or "propertyNames" or "items" or "not":
                    RequireKnownKeywords(keyword.Value, here);
                    break;
                case "oneOf" or "anyOf" or "allOf":
                    foreach (JsonElement branch in keyword.Value.EnumerateArray())
                    {
                        RequireKnownKeywords(branch, here);
                    }

                    break;
                case "$ref" or "type" or "enum" or "const" or "required" or "pattern" or "minimum" or "maximum"
                    or "exclusiveMinimum" or "exclusiveMaximum" or "minLength" or "maxLength" or "minItems" or "maxItems"
                    or "minProperties":
                    break;
                default:
                    if (!Annotations.Contains(keyword.Name))
                    {
                        throw new FormatException($"{here}: this validator does not know the keyword '{keyword.Name}'");
                    }

                    break;
            }
        }
    }

    private void Check(JsonElement schema, JsonElement value, string path, List<string> problems)
    {
        if (schema.ValueKind == JsonValueKind.True)
        {
            return;
        }

        if (schema.ValueKind == JsonValueKind.False)
        {
            problems.Add($"{path}: not allowed here");
            return;
        }

        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            CheckKeyword(keyword.Name, keyword.Value, value, path, problems);
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            CheckMembers(schema, value, path, problems);
        }
    }

    private void CheckKeyword(string keyword, JsonElement rule, JsonElement value, string path, List<string> problems)
    {
        bool holds = keyword switch
        {
            "type" => rule.ValueKind == JsonValueKind.String
                ? HasType(value, rule.GetString()!)
                : rule.EnumerateArray().Any(type => HasType(value, type.GetString()!)),
            "enum" => rule.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value)),
            "const" => JsonElement.DeepEquals(rule, value),
            "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, rule.GetString()!),
            "minimum" => !IsNumber(value) || value.GetDouble() >= rule.GetDouble(),
            "maximum" => !IsNumber(value) || value.GetDouble() <= rule.GetDouble(),
            "exclusiveMinimum" => !IsNumber(value) || value.GetDouble() > rule.GetDouble(),
            "exclusiveMaximum" => !IsNumber(value) || value.GetDouble() < rule.GetDouble(),
            "minLength" => value.ValueKind != JsonValueKind.String || Length(value) >= rule.GetInt32(),
            "maxLength" => value.ValueKind != JsonValueKind.String || Length(value) <= rule.GetInt32(),
            "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= rule.GetInt32(),
            "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= rule.GetInt32(),
            "minProperties" => value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Count() >= rule.GetInt32(),
            "oneOf" => rule.EnumerateArray().Count(branch => Holds(branch, value)) == 1,
            "anyOf" => rule.EnumerateArray().Any(branch => Holds(branch, value)),
            "not" => !Holds(rule, value),
            _ => true,
        };
        if (!holds)
        {
            problems.Add($"{path}: {value.GetRawText()} breaks {keyword} {rule.GetRawText()}");
        }

        CheckNested(keyword, rule, value, path, problems);
    }

    private void CheckNested(string keyword, JsonElement rule, JsonElement value, string path, List<string> problems)
    {
        if (keyword == "$ref")
        {
            Check(Resolve(rule.GetString()!), value, path, problems);
        }
        else if (keyword == "allOf")
        {
            foreach (JsonElement branch in rule.EnumerateArray())
            {
                Check(branch, value, path, problems);
            }
        }
        else if (keyword == "items" && value.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in value.EnumerateArray())
            {
                Check(rule, item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), problems);
            }
        }
    }

    private void CheckMembers(JsonElement schema, JsonElement value, string path, List<string> problems)
    {
        if (schema.TryGetProperty("required", out JsonElement required))
        {
            problems.AddRange(required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _))
                .Select(name => $"{path}: misses '{name.GetString()}'"));
        }

        HashSet<string> seen = [];
        foreach (JsonProperty member in value.EnumerateObject())
        {
            string here = $"{path}.{member.Name}";
            if (!seen.Add(member.Name))
            {
                problems.Add($"{here}: appears twice");
            }

            if (schema.TryGetProperty("propertyNames", out JsonElement names))
            {
                Check(names, JsonSerializer.SerializeToElement(member.Name), here, problems);
            }

            CheckMember(schema, member, here, problems);
        }
    }

    private void CheckMember(JsonElement schema, JsonProperty member, string path, List<string> problems)
    {
        bool named = schema.TryGetProperty("properties", out JsonElement properties)
            && properties.TryGetProperty(member.Name, out JsonElement rule)
            && Apply(rule, member.Value, path, problems);
        if (schema.TryGetProperty("patternProperties", out JsonElement patterns))
        {
            foreach (JsonProperty pattern in patterns.EnumerateObject().Where(p => Regex.IsMatch(member.Name, p.Name)))
            {
                named |= Apply(pattern.Value, member.Value, path, problems);
            }
        }

        if (!named && schema.TryGetProperty("additionalProperties", out JsonElement others))
        {
            Check(others, member.Value, path, problems);
        }
    }

    private bool Apply(JsonElement schema, JsonElement value, string path, List<string> problems)
    {
        Check(schema, value, path, problems);
        return true;
    }

    private bool Holds(JsonElement schema, JsonElement value)
    {
        List<string> problems = [];
        Check(schema, value, "$", problems);
        return problems.Count == 0;
    }

    private JsonElement Resolve(string reference)
    {
        JsonElement found = _root;
        foreach (string part in reference.Split('/').Skip(1))
        {
            found = found.GetProperty(part);
        }

        return found;
    }

    private static bool HasType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => IsNumber(value),
        "integer" => IsNumber(value) && value.GetDecimal() % 1 == 0,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new FormatException($"unknown type '{type}'"),
    };

    private static bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number;

    private static int Length(JsonElement value) => new StringInfo(value.GetString()!).LengthInTextElements;
}
