// edgelstm import FILE -o MODEL: makes a model file of what another program has trained, and says what it found.

using System.CommandLine;
using EdgeLstm.Core.Models;
using EdgeLstm.Import;
using EdgeLstm.Import.Assembly;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Imports a trained network. A refusal writes nothing and says in one message what was found and what to do.</summary>
internal static class ImportVerb
{
    public static Command Command() => Command(ModelImporter.Read, TimeProvider.System);

    /// <summary>The verb with another reader of files.</summary>
    internal static Command Command(Func<SourceFile, ImportOptions, ImportedModel> read, TimeProvider time)
    {
        ImportCommandLine line = new();
        Command command = line.Command();
        command.SetAction(parsed => Run(new FileImport(read, time), line.Read(parsed), parsed.GetValue(line.Json)));
        return command;
    }

    private static int Run(FileImport import, ImportRequest request, bool json)
    {
        try
        {
            ImportReport report = import.Run(request);
            if (json)
            {
                Verb.WriteJson(writer => ImportText.WriteJson(writer, report), ImportText.JsonOptions);
            }
            else
            {
                ImportText.Write(Console.Out, report);
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
