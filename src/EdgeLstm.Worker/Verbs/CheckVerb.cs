// edgelstm check CONFIG: everything the service needs, tried one by one; a tick or a fault with what to do for each.

using System.CommandLine;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Listening;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Looks at configuration, models, ports, rights and broker without disturbing a running service.</summary>
internal static class CheckVerb
{
    private const double MostSeconds = 86_400;

    public static Command Command()
    {
        Argument<string> configuration = Verb.ConfigurationArgument();
        Option<bool> json = Verb.JsonOption();
        Option<double?> listen = new("--listen")
        {
            Description = "Seconds to listen to the streams; 0 for not at all. Default: 3, or up to 10 for a few readings.",
        };
        listen.Validators.Add(result =>
        {
            double? asked = result.GetValueOrDefault<double?>();
            if (!(asked is null or (>= 0 and <= MostSeconds)))
            {
                result.AddError(FormattableString.Invariant($"--listen must be 0 to {MostSeconds}; got {asked}"));
            }
        });
        Command command = new("check", "Check configuration, models, ports, rights and broker, and what the sensors send.")
        {
            configuration, json, listen,
        };
        command.SetAction(parsed => Run(parsed.GetValue(configuration)!, parsed.GetValue(json), parsed.GetValue(listen)));
        return command;
    }

    private static int Run(string path, bool json, double? listenSeconds)
    {
        List<Finding> findings = [];
        IReadOnlyList<StreamHearing> hearings = [];
        ProblemList problems = new(path);
        if (DevicePlan.Load(path, problems) is { } plan)
        {
            findings.Add(Finding.Good(
                "configuration", $"{path}: device '{plan.Settings.Device}', {plan.Streams.Count} stream(s)"));
            findings.Add(Finding.Good("drivers", $"in this build: {Drivers.Describe()}"));
            plan.Streams.ToList().ForEach(stream => CheckStream(stream, findings));
            if (listenSeconds != 0)
            {
                hearings = DeviceListening.Run(plan, listenSeconds, stream => FindSourceProblem(stream) is not null);
                hearings.ToList().ForEach(hearing => HearingFindings.Add(hearing, findings));
            }

            CheckState(plan, findings);
            OutboxFindings.Add(plan, findings);
            CheckBroker(plan.Settings, findings);
        }
        else
        {
            findings.AddRange(problems.Problems.ToArray(problem =>
                new Finding("configuration", problem.Path.Length == 0 ? problem.Message : $"{problem.Path}: {problem.Message}",
                    ExitCode.Usage)));
        }

        Write(findings, hearings, json);
        return findings.Find(finding => finding.Code != ExitCode.Done)?.Code ?? ExitCode.Done;
    }

    private static void CheckStream(StreamPlan stream, List<Finding> findings)
    {
        string name = stream.Settings.Name;
        ModelManifest manifest = stream.Manifest;
        findings.Add(Finding.Good($"{name}: model", stream.Model is { } model
            ? FormattableString.Invariant(
                $"{manifest.Name}, golden within {model.GoldenDeviation.MaxAbsolute:0.0e+0} on {InstructionSet.Name}")
                + Narrowed(stream, model) + RolledOut(stream) + Adapting(stream)
            : $"none: forecasts and alarms are learned from the stream itself, after {manifest.WarmUpSamples} samples"));
        string pace = FormattableString.Invariant(
            $"every {stream.SamplePeriodMs:0.###} ms, resampling '{StreamBuilder.ResamplingOf(stream)}'");
        if (stream.SamplePeriodMs != manifest.SamplePeriodMs)
        {
            pace += FormattableString.Invariant(
                $"; the model was trained at {manifest.SamplePeriodMs:0.###} ms: the signal must be as much faster");
        }

        findings.Add(Finding.Good($"{name}: samples", pace));
        findings.Add(Finding.Good($"{name}: alarms", Alarms(stream)));
        SourceSettings source = stream.Settings.Source;
        findings.Add(FindSourceProblem(stream) is { } problem
            ? new Finding($"{name}: source", problem, ExitCode.Environment)
            : Finding.Good($"{name}: source", source.Port ?? source.File ?? source.Topic
                ?? stream.Profile.TransportOrSerial.Device?.Name ?? (source.Kind == "stdin" ? "standard input" : source.Kind)));
    }

    private static string RolledOut(StreamPlan stream) => stream.Settings.RollOut is { Count: > 0 } horizons
        ? $", run on to {string.Join(", ", horizons)} samples ahead: {horizons.Max() - 1} further steps for each"
        : "";

    private static string Adapting(StreamPlan stream) => stream.Settings.AdaptSamples is int memory
        ? FormattableString.Invariant($", its head learns on from the latest {memory} samples")
        : "";

    // What an alarm will cost, and from when on there can be one.
    private static string Alarms(StreamPlan stream)
    {
        double asked = (stream.Settings.Alarm ?? new AlarmSettings()).FalseAlarmsPerDay;
        double samples = stream.Manifest.WarmUpSamples + StreamBuilder.CreateThreshold(stream).WarmUpScores;
        string first = InspectText.Duration(samples * stream.SamplePeriodMs);
        string text = FormattableString.Invariant($"{asked:0.####} false a day accepted; none in the first {first}");
        double most = StreamBuilder.MostAlarmsPerDay(stream);
        return asked <= most ? text
            : text + FormattableString.Invariant($"; scores change too seldom for more than about {most:0.##} a day");
    }

    private static string? FindSourceProblem(StreamPlan stream) => stream.Settings.Source.Kind is "serial" or "modbus"
        ? SerialPortAdvice.FindProblem(stream.Settings.Source.Port!)
        : null;

    // Golden vectors are checked at the file's own precision; how far a narrower one is off is no fault, but worth knowing.
    private static string Narrowed(StreamPlan stream, Model model)
    {
        if (stream.Precision == model.Precision)
        {
            return $", {PrecisionNames.Of(stream.Precision)}";
        }

        GoldenDeviation loss = model.Golden.Measure(model.CreateNetwork(model.GoldenWidth, stream.Precision));
        return FormattableString.Invariant(
            $"; run in {PrecisionNames.Of(stream.Precision)}, which is off by {loss.MaxAbsolute:0.0e+0}");
    }

    private static void CheckState(DevicePlan plan, List<Finding> findings)
    {
        string? folder = plan.StateDirectory;
        if (folder is null)
        {
            findings.Add(Finding.Good("state",
                "none is kept between runs: set stateDirectory, or run under systemd with StateDirectory="));
            return;
        }

        try
        {
            string probe = Path.Combine(folder, $".check-{Environment.ProcessId}");
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
            findings.Add(Finding.Good("state", folder));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            findings.Add(new Finding("state", $"{folder} cannot be written: {failure.Message}", ExitCode.Environment));
        }
    }

    private static void CheckBroker(Settings settings, List<Finding> findings)
    {
        MqttSettings mqtt = settings.Mqtt;
        BrokerAnswer answer;
        string broker = $"{mqtt.Host}:{mqtt.ToOptions("").Port}";
        try
        {
            answer = BrokerProbe.Ask(mqtt.ToOptions(settings.Device, BrokerSecrets.FindPassword(mqtt)), settings.Device);
        }
        catch (Exception failure) when (failure is MqttException or IOException or UnauthorizedAccessException)
        {
            answer = new BrokerAnswer(failure.Message);
        }

        findings.Add(answer.Problem is null
            ? Finding.Good("broker", $"{broker} accepts this device")
            : new Finding("broker", $"{broker}: {answer.Problem}", ExitCode.Environment));
        ServiceFindings.Add(answer, settings, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), findings);
    }

    private static void Write(List<Finding> findings, IReadOnlyList<StreamHearing> hearings, bool json)
    {
        if (!json)
        {
            findings.ForEach(finding => Console.WriteLine(
                $"{(!finding.Passed ? '✗' : finding.IsWarning ? '!' : '✓')} {finding.Item}: {finding.Message}"));
            return;
        }

        Verb.WriteJson(writer =>
        {
            writer.WriteBoolean("passed", findings.TrueForAll(finding => finding.Passed));
            writer.WriteStartArray("findings");
            foreach (Finding finding in findings)
            {
                writer.WriteStartObject();
                writer.WriteString("item", finding.Item);
                writer.WriteBoolean("passed", finding.Passed);
                writer.WriteBoolean("warning", finding.IsWarning);
                writer.WriteString("message", finding.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("streams");
            foreach (StreamHearing hearing in hearings)
            {
                HearingFindings.Write(writer, hearing);
            }

            writer.WriteEndArray();
        });
    }
}
