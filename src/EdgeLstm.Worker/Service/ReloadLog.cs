// What the service says when its configuration is taken anew.

using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Service;

internal static partial class ReloadLog
{
    [LoggerMessage(EventId = 211, Level = LogLevel.Information,
        Message = "{File}: taken anew: {Unchanged} stream(s) unchanged, {Changed}")]
    public static partial void Done(ILogger logger, string file, int unchanged, string changed);

    [LoggerMessage(EventId = 212, Level = LogLevel.Error,
        Message = "{File}: not taken, the configuration of before runs on: {Problem}")]
    public static partial void Refused(ILogger logger, string file, string problem);

    [LoggerMessage(EventId = 213, Level = LogLevel.Error, Message = "{Stream}: could not be started")]
    public static partial void NotStarted(ILogger logger, string stream, Exception failure);

    [LoggerMessage(EventId = 214, Level = LogLevel.Information, Message = "the terminal is gone; stopping")]
    public static partial void TerminalGone(ILogger logger);
}
