// Every line that the service logs, with its level, in one place; none carries a secret.

using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker;

/// <summary>Source-generated log messages.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Information, "{Stream}: {Source} is lost: {Problem}; waiting for it")]
    public static partial void SourceLost(ILogger logger, string stream, string source, string? problem);

    [LoggerMessage(2, LogLevel.Information, "{Stream}: {Source} is back")]
    public static partial void SourceBack(ILogger logger, string stream, string source);

    [LoggerMessage(3, LogLevel.Information, "{Stream}: {Source} has ended after {Steps} steps")]
    public static partial void SourceEnded(ILogger logger, string stream, string source, long steps);

    [LoggerMessage(4, LogLevel.Critical, "{Stream}: the stream has failed")]
    public static partial void StreamFailed(ILogger logger, string stream, Exception failure);

    [LoggerMessage(5, LogLevel.Error, "{Stream}: the thread did not stop within {Seconds} s; its state is not saved")]
    public static partial void StreamStuck(ILogger logger, string stream, double seconds);

    [LoggerMessage(6, LogLevel.Information, "{Stream}: state restored from {File}; {How}")]
    public static partial void StateRestored(ILogger logger, string stream, string file, string how);

    [LoggerMessage(7, LogLevel.Warning, "{Stream}: saved state {File} not used: {Verdict}; starting from a zero state")]
    public static partial void StateRefused(ILogger logger, string stream, string file, StateVerdict verdict);

    [LoggerMessage(8, LogLevel.Error, "{Stream}: state not saved to {File}: {Reason}")]
    public static partial void StateNotSaved(ILogger logger, string stream, string file, string reason);

    [LoggerMessage(9, LogLevel.Information, "edgelstm {Version} on {Device}: {Streams} stream(s), {InstructionSet}")]
    public static partial void Starting(ILogger logger, string version, string device, int streams, string instructionSet);

    [LoggerMessage(10, LogLevel.Information, "stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(11, LogLevel.Information, "every stream's source has ended; stopping")]
    public static partial void AllEnded(ILogger logger);

    [LoggerMessage(12, LogLevel.Information, "{Stream}: reads {Source}")]
    public static partial void SourceRead(ILogger logger, string stream, string source);

    [LoggerMessage(13, LogLevel.Warning, "{Stream}: is started again in {Seconds:0.0} s")]
    public static partial void StreamRests(ILogger logger, string stream, double seconds);

    [LoggerMessage(14, LogLevel.Warning,
        "{Stream}: {Source} floods: of more than {Limit} bytes a second the rest is dropped and counted")]
    public static partial void Flooded(ILogger logger, string stream, string source, long limit);

    [LoggerMessage(15, LogLevel.Information, "{Stream}: goes on with model {Model}, SHA-256 {Sha256}")]
    public static partial void ModelExchanged(ILogger logger, string stream, string model, string sha256);

    [LoggerMessage(EventId = 16, Message = "{Line} … {More} more in the last minute")]
    public static partial void HeldBack(ILogger logger, LogLevel level, string line, long more);

    [LoggerMessage(17, LogLevel.Information, "metrics: http://localhost:{Port}/metrics")]
    public static partial void MetricsServed(ILogger logger, int port);

    [LoggerMessage(18, LogLevel.Error, "metrics: port {Port} of 127.0.0.1 cannot be opened: {Problem}; it is tried every minute")]
    public static partial void MetricsNotServed(ILogger logger, int port, string problem);

    [LoggerMessage(19, LogLevel.Error, "metrics: a request could not be answered")]
    public static partial void MetricsFailed(ILogger logger, Exception failure);
}
