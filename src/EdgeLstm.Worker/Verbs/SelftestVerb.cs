// edgelstm selftest MODEL…: each model's golden vectors at every vector width of this CPU.

using System.CommandLine;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Health;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Proves on this CPU that models compute what their maker computed.</summary>
internal static class SelftestVerb
{
    private sealed record Outcome(string File, int WidthBits, string Precision, double Deviation, string? Failure);

    public static Command Command()
    {
        Argument<string[]> files =
            new("MODEL")
            {
                Description = "Models, or folders of models; default: the folder 'models'.",
                Arity = ArgumentArity.ZeroOrMore
            };
        Option<bool> json = Verb.JsonOption();
        Verb.WithoutOptions(files);
        Command command = new("selftest", "Check each model's golden vectors on this CPU at every vector width.") { files, json };
        command.SetAction(parsed => Run(parsed.GetValue(files) ?? [], parsed.GetValue(json)));
        return command;
    }

    private static int Run(string[] named, bool json)
    {
        List<string> files = [.. Expand(named.Length == 0 ? ["models"] : named)];
        if (files.Count == 0)
        {
            Console.Error.WriteLine("selftest: no model found; name .safetensors files or a folder that holds some");
            return ExitCode.Usage;
        }

        List<Outcome> outcomes = [.. files.SelectMany(file => VectorWidths.Supported.ToArray(width => Try(file, width)))];
        if (json)
        {
            WriteJson(outcomes);
        }
        else
        {
            Write(outcomes);
        }

        return outcomes.Exists(outcome => outcome.Failure is not null) ? ExitCode.SelftestFailed : ExitCode.Done;
    }

    private static IEnumerable<string> Expand(IEnumerable<string> named)
    {
        foreach (string name in named)
        {
            if (!Directory.Exists(name))
            {
                yield return name;
                continue;
            }

            foreach (string file in Directory.EnumerateFiles(name, "*.safetensors").Order(StringComparer.Ordinal))
            {
                yield return file;
            }
        }
    }

    private static Outcome Try(string file, VectorWidth width)
    {
        try
        {
            Model model = ModelFile.Load(file, width);
            return new Outcome(file, (int)width, PrecisionNames.Of(model.Precision), model.GoldenDeviation.MaxAbsolute, null);
        }
        catch (ModelFileException failure)
        {
            return new Outcome(file, (int)width, "", double.NaN, failure.Message);
        }
    }

    private static void Write(List<Outcome> outcomes)
    {
        Console.WriteLine($"instruction set: {InstructionSet.Name}");
        foreach (Outcome outcome in outcomes)
        {
            string at = $"at {outcome.WidthBits} bits";
            Console.WriteLine(outcome.Failure is null
                ? FormattableString.Invariant(
                    $"✓ {outcome.File} in {outcome.Precision} {at}: largest deviation {outcome.Deviation:0.0e+0}")
                : $"✗ {outcome.File} {at}: {outcome.Failure}");
        }
    }

    private static void WriteJson(List<Outcome> outcomes) => Verb.WriteJson(writer =>
    {
        writer.WriteString("instructionSet", InstructionSet.Name);
        writer.WriteStartArray("models");
        foreach (Outcome outcome in outcomes)
        {
            writer.WriteStartObject();
            writer.WriteString("file", outcome.File);
            writer.WriteNumber("widthBits", outcome.WidthBits);
            writer.WriteBoolean("passed", outcome.Failure is null);
            if (outcome.Failure is null)
            {
                writer.WriteString("precision", outcome.Precision);
                writer.WriteNumber("maxAbsDeviation", outcome.Deviation);
            }
            else
            {
                writer.WriteString("failure", outcome.Failure);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
