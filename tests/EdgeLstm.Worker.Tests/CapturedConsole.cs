// What a verb prints while it runs in the test's own process. Tests that use it run alone: the console is one for all.

namespace EdgeLstm.Worker.Tests;

internal static class CapturedConsole
{
    /// <summary>Runs a verb; its exit code, what it wrote to standard output and what to standard error.</summary>
    public static (int Code, string Output, string Log) Run(Func<int> verb)
    {
        (TextWriter oldOutput, TextWriter oldLog) = (Console.Out, Console.Error);
        using StringWriter output = new();
        using StringWriter log = new();
        Console.SetOut(output);
        Console.SetError(log);
        try
        {
            return (verb(), output.ToString(), log.ToString());
        }
        finally
        {
            Console.SetOut(oldOutput);
            Console.SetError(oldLog);
        }
    }
}
