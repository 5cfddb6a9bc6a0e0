// edgelstm check CONFIG: everything the service needs, tried one by one; a tick or a fault with what to do for each.

using System.CommandLine;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Looks at configuration, models, ports, rights and broker without disturbing a running service.</summary>
internal static class CheckVerb
{
    private sealed record Finding(string Item, string Message, int Code);

    public static Command Command()
    {
        Argument<string> configuration = Verb.ConfigurationArgument();
        Option<bool> json = Verb.JsonOption();
        Command command = new("check", "Check configuration, models, ports, rights and broker.") { configuration, json };
        command.SetAction(parsed => Run(parsed.GetValue(configuration)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string path, bool json)
    {
        List<Finding> findings = [];
        ProblemList problems = new(path);
        if (DevicePlan.Load(path, problems) is { } plan)
        {
            findings.Add(Good("configuration", $"{path}: device '{plan.Settings.Device}', {plan.Streams.Count} stream(s)"));
            plan.Streams.ToList().ForEach(stream => CheckStream(stream, findings));
            CheckState(plan, findings);
            CheckBroker(plan.Settings, findings);
        }
        else
        {
            findings.AddRange(problems.Problems.Select(problem =>
                new Finding("configuration", problem.Path.Length == 0 ? problem.Message : $"{problem.Path}: {problem.Message}",
                    ExitCode.Usage)));
        }

        Write(findings, json);
        return findings.Select(finding => finding.Code).FirstOrDefault(code => code != ExitCode.Done);
    }

    private static Finding Good(string item, string message) => new(item, message, ExitCode.Done);

    private static void CheckStream(StreamPlan stream, List<Finding> findings)
    {
        string name = stream.Settings.Name;
        Model model = stream.Model;
        findings.Add(Good($"{name}: model", FormattableString.Invariant(
            $"{model.Manifest.Name}, golden within {model.GoldenDeviation.MaxAbsolute:0.0e+0} on {InstructionSet.Name}")
            + Narrowed(stream)));
        string pace = FormattableString.Invariant(
            $"every {stream.SamplePeriodMs:0.###} ms, resampling '{StreamBuilder.ResamplingOf(stream)}'");
        if (stream.SamplePeriodMs != model.Manifest.SamplePeriodMs)
        {
            pace += FormattableString.Invariant(
                $"; the model was trained at {model.Manifest.SamplePeriodMs:0.###} ms: the signal must be as much faster");
        }

        findings.Add(Good($"{name}: samples", pace));
        string? problem = stream.Settings.Source.Kind == "serial"
            ? SerialPortAdvice.FindProblem(stream.Settings.Source.Port!)
            : null;
        findings.Add(problem is null
            ? Good($"{name}: source", stream.Settings.Source.Port ?? stream.Settings.Source.File ?? "standard input")
            : new Finding($"{name}: source", problem, ExitCode.Environment));
    }

    // Golden vectors are checked at the file's own precision; how far a narrower one is off is no fault, but worth knowing.
    private static string Narrowed(StreamPlan stream)
    {
        Model model = stream.Model;
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
            findings.Add(Good("state",
                "none is kept between runs: set stateDirectory, or run under systemd with StateDirectory="));
            return;
        }

        try
        {
            string probe = Path.Combine(folder, $".check-{Environment.ProcessId}");
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
            findings.Add(Good("state", folder));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            findings.Add(new Finding("state", $"{folder} cannot be written: {failure.Message}", ExitCode.Environment));
        }
    }

    private static void CheckBroker(Settings settings, List<Finding> findings)
    {
        MqttSettings mqtt = settings.Mqtt;
        string? problem;
        string broker = $"{mqtt.Host}:{mqtt.ToOptions("").Port}";
        try
        {
            problem = BrokerProbe.FindProblem(mqtt.ToOptions(settings.Device, BrokerSecrets.FindPassword(mqtt)), settings.Device);
        }
        catch (Exception failure) when (failure is MqttException or IOException or UnauthorizedAccessException)
        {
            problem = failure.Message;
        }

        findings.Add(problem is null
            ? Good("broker", $"{broker} accepts this device")
            : new Finding("broker", $"{broker}: {problem}", ExitCode.Environment));
    }

    private static void Write(List<Finding> findings, bool json)
    {
        if (!json)
        {
            findings.ForEach(finding => Console.WriteLine(
                $"{(finding.Code == ExitCode.Done ? '✓' : '✗')} {finding.Item}: {finding.Message}"));
            return;
        }

        Verb.WriteJson(writer =>
        {
            writer.WriteBoolean("passed", findings.TrueForAll(finding => finding.Code == ExitCode.Done));
            writer.WriteStartArray("findings");
            foreach (Finding finding in findings)
            {
                writer.WriteStartObject();
                writer.WriteString("item", finding.Item);
                writer.WriteBoolean("passed", finding.Code == ExitCode.Done);
                writer.WriteString("message", finding.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }
}
