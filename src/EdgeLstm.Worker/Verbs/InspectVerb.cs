// edgelstm inspect FILE: what a model file holds.

using System.CommandLine;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Prints a model's manifest, sizes and checks.</summary>
internal static class InspectVerb
{
    public static Command Command()
    {
        Argument<string> file = new("FILE") { Description = "The model (.safetensors)." };
        Option<bool> json = Verb.JsonOption();
        Verb.WithoutOptions(file);
        Command command = new("inspect",
            "Print what a model file holds: channels, layers, outputs, calibration, provenance.") { file, json };
        command.SetAction(parsed => Run(parsed.GetValue(file)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string file, bool json)
    {
        try
        {
            Model model = ModelFile.Load(file);
            if (json)
            {
                using Stream output = Console.OpenStandardOutput();
                InspectText.WriteJson(output, model);
                output.Write("\n"u8);
            }
            else
            {
                InspectText.Write(Console.Out, model);
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
