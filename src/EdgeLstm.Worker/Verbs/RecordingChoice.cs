// The stream of a configuration and the recording that `replay` and `evaluate` are given.

using System.CommandLine;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Finds a stream and a recording for it on the command line.</summary>
internal static class RecordingChoice
{
    public static Argument<string?> RecordingArgument() => Verb.WithoutOptions(new Argument<string?>("RECORDING")
    {
        Description = "A CSV recording; default: the stream's own replay file.",
        Arity = ArgumentArity.ZeroOrOne,
    });

    public static Option<string?> StreamOption() =>
        new("--stream") { Description = "The stream; needed where the configuration has several." };

    /// <summary>Finds what the command line names; prints what is wrong with it.</summary>
    /// <param name="path">The configuration.</param>
    /// <param name="recording">The recording; null for the stream's own.</param>
    /// <param name="name">The stream; null for the only one.</param>
    /// <param name="found">Receives both, null unless the exit code is 0.</param>
    /// <returns>The exit code.</returns>
    public static int Find(string path, string? recording, string? name, out RecordedStream? found)
    {
        found = null;
        DevicePlan? plan = Verb.Load(path);
        StreamPlan? stream = plan is null ? null : Choose(plan, path, name);
        string? file = recording ?? stream?.Settings.Source.File;
        if (stream is null)
        {
            return ExitCode.Usage;
        }

        if (file is null)
        {
            Console.Error.WriteLine(
                $"{path}: stream '{stream.Settings.Name}' has no replay file; name a recording after the configuration");
            return ExitCode.Usage;
        }

        if (!File.Exists(file))
        {
            Console.Error.WriteLine($"{file}: is not there; expected a CSV recording");
            return ExitCode.InputRefused;
        }

        found = new RecordedStream(stream, file);
        return ExitCode.Done;
    }

    private static StreamPlan? Choose(DevicePlan plan, string path, string? name)
    {
        if (name is null && plan.Streams.Count == 1)
        {
            return plan.Streams[0];
        }

        StreamPlan? chosen = plan.Streams.FirstOrDefault(stream => stream.Settings.Name == name);
        if (chosen is null)
        {
            string known = string.Join(", ", plan.Streams.Select(stream => stream.Settings.Name));
            Console.Error.WriteLine(name is null
                ? $"{path}: has several streams; choose one with --stream: {known}"
                : $"{path}: has no stream '{name}'; known are {known}");
        }

        return chosen;
    }
}
