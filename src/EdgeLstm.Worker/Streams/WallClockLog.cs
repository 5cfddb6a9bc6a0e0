// The lines about the system clock.

using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Streams;

/// <summary>Messages with fixed texts, compiled ahead of time; each at most once in a process's life.</summary>
internal static partial class WallClockLog
{
    [LoggerMessage(EventId = 221, Level = LogLevel.Warning,
        Message = "the system clock is not synchronised yet: records say timeSynced: false "
        + "until it is, for {Seconds} s at most")]
    public static partial void NotSynchronised(ILogger logger, double seconds);

    [LoggerMessage(EventId = 222, Level = LogLevel.Information,
        Message = "the system clock is synchronised: records with timeSynced: false were "
        + "made at ts + {OffsetMs} ms")]
    public static partial void Synchronised(ILogger logger, long offsetMs);

    [LoggerMessage(EventId = 223, Level = LogLevel.Warning,
        Message = "the system clock is still not synchronised: it is taken as it is from "
        + "now on")]
    public static partial void TakenAsItIs(ILogger logger);
}
