// What the verbs share: the --json option, reading a configuration, writing one JSON object.

using System.CommandLine;
using System.Text.Json;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Parts that several verbs need in the same way.</summary>
internal static class Verb
{
    public static Option<bool> JsonOption() => new("--json") { Description = "Print one JSON object instead of text." };

    public static Argument<string> ConfigurationArgument() =>
        WithoutOptions(new Argument<string>("CONFIG") { Description = "The configuration (edgelstm.json)." });

    /// <summary>Refuses arguments that look like an option: a mistyped one must not be taken for a file.</summary>
    public static T WithoutOptions<T>(T argument)
        where T : Argument
    {
        argument.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith('-') && !File.Exists(token.Value)) is { } token)
            {
                result.AddError($"Unknown option '{token.Value}'.");
            }
        });
        return argument;
    }

    /// <summary>Reads a configuration; on problems prints them all to standard error and returns null.</summary>
    public static DevicePlan? Load(string path)
    {
        ProblemList problems = new(path);
        DevicePlan? plan = DevicePlan.Load(path, problems);
        if (plan is null)
        {
            Console.Error.WriteLine(problems);
        }

        return plan;
    }

    /// <summary>Writes one JSON object and a line end to standard output.</summary>
    public static void WriteJson(Action<Utf8JsonWriter> members, JsonWriterOptions options = default)
    {
        using Stream output = Console.OpenStandardOutput();
        using (Utf8JsonWriter writer = new(output, options))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
