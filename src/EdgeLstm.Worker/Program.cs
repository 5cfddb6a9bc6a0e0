// The command line: verbs only.  Exit codes: 0 done, 2 usage or configuration, 3 input refused, 4 environment, 5 self-test
// failed.

using System.CommandLine;
using EdgeLstm.Worker;
using EdgeLstm.Worker.Verbs;

RootCommand root = new("Runs a trained recurrent network on sensor streams and publishes forecasts and alarms over MQTT.")
{
    RunVerb.Command(),
    CheckVerb.Command(),
    ScanVerb.Command(),
    ReplayVerb.Command(),
    TrainVerb.Command(),
    ImportVerb.Command(),
    InspectVerb.Command(),
    QuantizeVerb.Command(),
    EvaluateVerb.Command(),
    SelftestVerb.Command(),
    BenchVerb.Command(),
    DemoVerb.Command(),
};
ParseResult parsed = root.Parse(args);
int code = parsed.Invoke();
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
