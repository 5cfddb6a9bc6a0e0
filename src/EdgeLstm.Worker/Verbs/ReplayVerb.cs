// edgelstm replay CONFIG [RECORDING]: the same pipeline over a recording, as fast as it goes, one JSON line per record.

using System.CommandLine;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
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
        Argument<string?> recording = new("RECORDING")
        {
            Description = "A CSV recording; default: the stream's own replay file.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> stream = new("--stream") { Description = "The stream; needed where the configuration has several." };
        Verb.WithoutOptions(recording);
        Command command = new("replay", "Run a recording through a stream and print one JSON line per record.") { configuration,
            recording, stream };
        command.SetAction(parsed => Run(parsed.GetValue(configuration)!, parsed.GetValue(recording), parsed.GetValue(stream)));
        return command;
    }

    private static int Run(string path, string? recording, string? name)
    {
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

        using ByteSource source = new ReplaySource(file, 0, stream.SamplePeriodMs);
        using Stream output = new BufferedStream(Console.OpenStandardOutput(), BufferBytes);
        return Replay(stream, source, output, file);
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

    private static int Replay(StreamPlan stream, ByteSource source, Stream output, string file)
    {
        RecordPayload payload = new(
            Boot, OutletNames.Channels(stream.Model.Manifest), ForecastLayout.Group(OutletNames.Outputs(stream.Model.Manifest)));
        PayloadBuffer line = new();
        StreamPipeline pipeline = StreamBuilder.CreatePipeline(stream, source, TimeProvider.System, record =>
        {
            output.Write(payload.WriteState(line, record));
            output.WriteByte((byte)'\n');
        });

        byte[] buffer = new byte[BufferBytes];
        SourceRead found;
        while ((found = source.Read(buffer, 1000, out int count, out long timeNs)) != SourceRead.End)
        {
            if (found == SourceRead.Data)
            {
                pipeline.Process(buffer.AsSpan(0, count), timeNs);
            }
            else if (found == SourceRead.Lost)
            {
                Console.Error.WriteLine($"{file}: {source.Problem}");
                return ExitCode.InputRefused;
            }
        }

        if (pipeline.Counters.Steps > 0)
        {
            return ExitCode.Done;
        }

        Console.Error.WriteLine(
            $"{file}: none of its {pipeline.Frames.Frames} lines is a record of profile '{stream.Profile.Name}' "
            + $"({pipeline.Profile.Rejected} rejected, {pipeline.Counters.Unusable} unusable); "
            + "check the profile's framing and fields");
        return ExitCode.InputRefused;
    }
}
