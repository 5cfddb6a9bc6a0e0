// edgelstm replay CONFIG [RECORDING]: the same pipeline over a recording, as fast as it goes, one JSON line per record.

using System.CommandLine;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Service;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Shows what the service would publish for a recording: the same bytes in give the same lines out.</summary>
internal static class ReplayVerb
{
    /// <summary>Stands for the boot id, so that two replays of one recording are equal to the byte.</summary>
    private const string Boot = "00000000";

    private const int BufferBytes = 64 * 1024;

    public static Command Command()
    {
        Argument<string> configuration = Verb.ConfigurationArgument();
        Argument<string?> recording = RecordingChoice.RecordingArgument();
        Option<string?> stream = RecordingChoice.StreamOption();
        Command command = new("replay", "Run a recording through a stream and print one JSON line per record.") { configuration,
            recording, stream };
        command.SetAction(parsed => Run(parsed.GetValue(configuration)!, parsed.GetValue(recording), parsed.GetValue(stream)));
        return command;
    }

    private static int Run(string path, string? recording, string? name)
    {
        int code = RecordingChoice.Find(path, recording, name, out RecordedStream? recorded);
        return recorded is null ? code : Replay(recorded);
    }

    private static int Replay(RecordedStream recorded)
    {
        using Stream output = new BufferedStream(Console.OpenStandardOutput(), BufferBytes);
        ModelManifest manifest = recorded.Stream.Manifest;
        RecordPayload payload = new(
            Boot, OutletNames.Channels(recorded.Stream), ForecastLayout.Group(OutletNames.Outputs(manifest)));
        PayloadBuffer line = new();
        string? problem = recorded.Play(record =>
        {
            output.Write(payload.WriteState(line, record));
            output.WriteByte((byte)'\n');
        });
        if (problem is null)
        {
            return ExitCode.Done;
        }

        Console.Error.WriteLine(problem);
        return ExitCode.InputRefused;
    }
}
