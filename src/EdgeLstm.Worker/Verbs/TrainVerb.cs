// edgelstm train RECORDING.csv -o MODEL: trains a recurrent network on a recording and writes its model file.

using System.CommandLine;
using System.Runtime.InteropServices;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Evaluation.Suites;
using EdgeLstm.Worker.Training;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Trains a model. Ctrl+C ends the training and keeps the best weights so far; a second one ends the program.</summary>
internal static class TrainVerb
{
    // Of a shell: 128 + SIGINT.
    private const int Interrupted = 130;

    public static Command Command()
    {
        TrainCommandLine line = new();
        Command command = line.Command();
        command.SetAction(parsed => Run(line.Read(parsed), parsed.GetValue(line.Json)));
        return command;
    }

    private static int Run(TrainRequest request, bool json)
    {
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return Run(request, json, stop.Token);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    /// <summary>Trains until it is done or somebody stops it.</summary>
    /// <returns>The exit code.</returns>
    internal static int Run(TrainRequest request, bool json, CancellationToken stop)
    {
        if (request.FindProblems() is { Count: > 0 } problems)
        {
            Console.Error.WriteLine($"train: {string.Join("; ", problems)}");
            return ExitCode.Usage;
        }

        EpochProgress progress = new(Console.Error, Console.IsErrorRedirected ? null : TerminalColumns());
        try
        {
            TrainReport report = new TrainRun(request, TimeProvider.System).Run(Begin, progress.Show, stop, Refit);
            progress.End();
            if (report.Page is { } page)
            {
                EvaluateModel.WriteFiles(page, request.Html, request.Report);
            }

            if (json)
            {
                Verb.WriteJson(writer => TrainText.WriteJson(writer, report), ImportText.JsonOptions);
            }
            else
            {
                TrainText.Write(Console.Out, report);
            }

            return ExitCode.Done;
        }
        catch (Exception failure) when (failure is CorpusException or ModelFileException)
        {
            progress.End();
            Console.Error.WriteLine(failure.Message);
            return ExitCode.InputRefused;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            progress.End();
            Console.Error.WriteLine($"train: {failure.Message}");
            return ExitCode.Environment;
        }
        catch (OperationCanceledException)
        {
            progress.End();
            Console.Error.WriteLine("train: stopped before the first epoch was done; nothing was written");
            return Interrupted;
        }

        void Begin(TrainStart start)
        {
            if (!json)
            {
                TrainText.Write(Console.Out, start);
            }

            progress.Begin(start.Settings.MaxEpochs);
        }

        void Refit(TrainStart fold)
        {
            progress.End();
            Console.Error.WriteLine($"fold behind row {InspectText.Count(fold.Problem.Split.Validation.End)}");
            progress.Begin(fold.Settings.MaxEpochs);
        }
    }

    // 0 where the terminal does not say.
    private static int TerminalColumns() => Console.WindowWidth > 0 ? Console.WindowWidth : 80;
}
