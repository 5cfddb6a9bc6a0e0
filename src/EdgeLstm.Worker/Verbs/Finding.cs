// One thing that edgelstm check has looked at.

namespace EdgeLstm.Worker.Verbs;

/// <summary>What was found.</summary>
/// <param name="Item">What was looked at: "oven: source".</param>
/// <param name="Message">What was found and, if it is wrong, what to do.</param>
/// <param name="Code">The exit code it asks for; 0 where it passed.</param>
/// <param name="IsWarning">True where it passed but should be looked at.</param>
internal sealed record Finding(string Item, string Message, int Code, bool IsWarning = false)
{
    /// <summary>True unless it is a fault.</summary>
    public bool Passed => Code == ExitCode.Done;

    /// <summary>Nothing is wrong.</summary>
    public static Finding Good(string item, string message) => new(item, message, ExitCode.Done);

    /// <summary>Probably something is wrong, but the service would run.</summary>
    public static Finding Warning(string item, string message) => new(item, message, ExitCode.Done, true);
}
