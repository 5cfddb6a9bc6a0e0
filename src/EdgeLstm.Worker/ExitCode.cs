// What the process says to its caller.

namespace EdgeLstm.Worker;

/// <summary>Exit codes of every verb.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>An input file was refused.</summary>
    public const int InputRefused = 3;

    /// <summary>Port, broker, rights or a missing library.</summary>
    public const int Environment = 4;

    /// <summary>A self-test failed.</summary>
    public const int SelftestFailed = 5;
}
