// edgelstm bench: time and bytes of one step of a network of any size on this CPU, beside what this CPU can do at best.

using System.CommandLine;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Measures the kernel alone: state carried, inputs varying, nothing else in the loop.</summary>
internal static class BenchVerb
{
    public static Command Command()
    {
        BenchCommandLine line = new();
        Option<bool> json = Verb.JsonOption();
        Command command = new("bench", "Measure one step: ns, cycles, bytes of weights, and the time to read those bytes once.")
        {
            line.Cell, line.Input, line.Hidden, line.Layers, line.Precision, line.Streams, line.Width, line.Model, json,
        };
        command.Validators.Add(line.CheckTogether);
        command.SetAction(parsed => Run(line.Read(parsed), parsed.GetValue(json)));
        return command;
    }

    private static int Run(BenchOptions options, bool json)
    {
        try
        {
            Model? model = options.ModelPath is null ? null : ModelFile.Load(options.ModelPath, options.Width);
            if (options.FindProblem(model) is { } problem)
            {
                Console.Error.WriteLine(problem);
                return ExitCode.Usage;
            }

            BenchNetwork network = BenchNetwork.Create(options, model);
            BenchFigures figures = new BenchMeasurement(network).Run();
            if (json)
            {
                Verb.WriteJson(writer => BenchText.WriteJson(writer, network, figures));
            }
            else
            {
                BenchText.Write(Console.Out, network, figures);
            }

            return ExitCode.Done;
        }
        catch (ModelFileException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return ExitCode.InputRefused;
        }
    }
}
