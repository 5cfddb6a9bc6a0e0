// The manifest as JSON: camelCase keys and enum values, optional keys left out where empty, strict when read.

using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>Reads and writes the manifest's JSON text.</summary>
/// <remarks>Limit: 4 MiB of text; a longer manifest is refused.</remarks>
public static class ManifestJson
{
    /// <summary>The key of <c>__metadata__</c> that holds the manifest.</summary>
    public const string MetadataKey = "edgelstm";

    private const int MaxBytes = 4 * 1024 * 1024;
    private const int MaxShownProblems = 20;

    /// <summary>The manifest as JSON text.</summary>
    public static string Write(ModelManifest manifest) =>
        JsonSerializer.Serialize(manifest, ManifestJsonContext.Default.ModelManifest);

    /// <summary>Reads a manifest and checks every rule it must keep.</summary>
    /// <param name="file">The file it stands in, for the message.</param>
    /// <param name="text">The JSON text.</param>
    /// <exception cref="ModelFileException">Some rule is broken; the message lists all that are.</exception>
    public static ModelManifest Read(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] json = Encoding.UTF8.GetBytes(text);
        if (json.Length > MaxBytes)
        {
            throw ModelFileException.In(file, $"the manifest has {json.Length} bytes; the limit is {MaxBytes}");
        }

        RequireVersion(file, json);
        JsonTypeInfo<ModelManifest> type = ManifestJsonContext.Default.ModelManifest;
        ModelManifest? manifest = StrictJson.Read(json, type, out IReadOnlyList<string> problems);
        problems = manifest?.FindProblems() ?? problems;
        return problems.Count == 0 ? manifest! : throw ModelFileException.In(file, Describe(problems));
    }

    /// <summary>A file of another version may have any keys, so its version is the only thing worth saying.</summary>
    private static void RequireVersion(string file, byte[] json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (JsonDocument.TryParseValue(ref reader, out JsonDocument? document))
            {
                using (document)
                {
                    JsonElement root = document.RootElement;
                    if (root.ValueKind == JsonValueKind.Object
                        && root.TryGetProperty("formatVersion", out JsonElement version)
                        && version.ValueKind == JsonValueKind.Number
                        && !(version.TryGetInt32(out int number) && number == ModelManifest.CurrentFormatVersion))
                    {
                        string found = QuotedText.Of(version.GetRawText());
                        throw ModelFileException.In(file, $"has format version {found}; this program reads version "
                            + $"{ModelManifest.CurrentFormatVersion}. Use the edgelstm that wrote the file, or a newer one.");
                    }
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // The strict reading that follows says where the text breaks.
        }
    }

    private static string Describe(IReadOnlyList<string> problems)
    {
        string count = problems.Count == 1 ? "1 problem" : $"{problems.Count} problems";
        string more = problems.Count > MaxShownProblems ? $"\n  and {problems.Count - MaxShownProblems} more" : "";
        return $"{count} in the manifest\n  {string.Join("\n  ", problems.Take(MaxShownProblems))}{more}";
    }
}

/// <summary>Source-generated reading and writing of the manifest's records.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    Converters = [
        typeof(CamelCaseEnum<ModelTask>), typeof(CamelCaseEnum<LayerKind>), typeof(CamelCaseEnum<ErrorMetric>),
        typeof(CamelCaseEnum<GruReset>), typeof(ActivationJson), typeof(LowerCaseEnum<WeightPrecision>)])]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ManifestJsonContext : JsonSerializerContext;

/// <summary>An enum as its camelCase name, never as a number.</summary>
internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>An enum as its name in lower case, never as a number: <c>bfloat16</c>.</summary>
internal sealed class LowerCaseEnum<T>() : JsonStringEnumConverter<T>(new LowerCaseNaming(), allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>Names in lower case; in camelCase BFloat16 would be bFloat16.</summary>
internal sealed class LowerCaseNaming : JsonNamingPolicy
{
    public override string ConvertName(string name) => name.ToLowerInvariant();
}
