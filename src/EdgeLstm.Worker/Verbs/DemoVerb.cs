// edgelstm demo: the whole line on one machine, from a recording played into a serial line to what a subscriber sees.

using System.CommandLine;
using System.Runtime.InteropServices;
using EdgeLstm.Worker.Demo;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Starts a private broker, plays recordings into pseudo-terminals, runs the worker on their other ends, shows what it
/// says.</summary>
internal static class DemoVerb
{
    private const int FrameMs = 250;
    private const int PlainFrameMs = 1000;

    public static Command Command()
    {
        Option<int?> seconds = new("--seconds") { Description = "End by itself after this time; default: at Ctrl+C." };
        Command command = new("demo",
            "Show it at work: recorded sensors, a private broker, live forecasts and alarms.") { seconds };
        command.SetAction(parsed => Run(parsed.GetValue(seconds)));
        return command;
    }

    private static int Run(int? seconds)
    {
        using ManualResetEventSlim stopped = new();
        // Cancel: the default action would end the process before the broker and the worker were stopped.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            using DemoStage stage = new(DemoStream.Shipped());
            return Show(stage, stopped, seconds is int limit ? TimeSpan.FromSeconds(limit) : Timeout.InfiniteTimeSpan);
        }
        catch (Exception failure) when (failure is DemoException or LinuxException or IOException)
        {
            Console.Error.WriteLine($"demo: {failure.Message}");
            return ExitCode.Environment;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopped.Set();
        }
    }

    private static int Show(DemoStage stage, ManualResetEventSlim stopped, TimeSpan limit)
    {
        DemoView view = new(stage, isPlain: Console.IsOutputRedirected);
        stage.Start(view.Take);
        view.Open();
        long started = Environment.TickCount64;
        int frameMs = view.IsPlain ? PlainFrameMs : FrameMs;
        while (!stopped.Wait(frameMs)
            && (limit == Timeout.InfiniteTimeSpan || Environment.TickCount64 - started < limit.TotalMilliseconds))
        {
            view.Draw();
        }

        int workerCode = stage.Stop();
        view.Close();
        return workerCode == 0 && view.HeardEveryStream ? ExitCode.Done : ExitCode.Environment;
    }
}
