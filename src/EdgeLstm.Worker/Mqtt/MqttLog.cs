// What the link says in the log: one line per change of the connection, and one at the end. No credentials.

using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Mqtt;

internal static partial class MqttLog
{
    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "MQTT: connected to {Broker} as {ClientId}.")]
    public static partial void Connected(ILogger logger, string broker, string clientId);

    [LoggerMessage(EventId = 102, Level = LogLevel.Warning,
        Message = "MQTT: lost {Broker}: {Reason}; records are kept until it is back, tried every 0.5 to 60 s.")]
    public static partial void Lost(ILogger logger, string broker, string reason);

    [LoggerMessage(EventId = 103, Level = LogLevel.Warning,
        Message = "MQTT: {Broker} cannot be reached: {Reason}; records are kept until it can, tried every 0.5 to 60 s.")]
    public static partial void Unreachable(ILogger logger, string broker, string reason);

    [LoggerMessage(EventId = 104, Level = LogLevel.Error,
        Message = "MQTT: {Broker} refuses: {Reason}; check its username, password and clientId; tried every 0.5 to 60 s.")]
    public static partial void Refused(ILogger logger, string broker, string reason);

    [LoggerMessage(EventId = 105, Level = LogLevel.Error,
        Message = "MQTT: TLS with {Broker} fails: {Reason}; check mqtt.tls, and that mqtt.host is the name in its certificate.")]
    public static partial void TlsFailed(ILogger logger, string broker, string reason);

    [LoggerMessage(EventId = 106, Level = LogLevel.Information,
        Message = "MQTT: stopped; {Published} messages handed over, {Acknowledged} acknowledged, {Left} records not delivered.")]
    public static partial void Stopped(ILogger logger, long published, long acknowledged, long left);

    [LoggerMessage(EventId = 107, Level = LogLevel.Warning,
        Message = "MQTT: the I/O thread did not end within {LimitMs} ms and was left behind.")]
    public static partial void LeftBehind(ILogger logger, long limitMs);

    [LoggerMessage(EventId = 108, Level = LogLevel.Error,
        Message = "MQTT: {Broker} refuses subscription to '{Filter}'; check its access rules for this user.")]
    public static partial void SubscriptionRefused(ILogger logger, string broker, string filter);

    [LoggerMessage(EventId = 109, Level = LogLevel.Error,
        Message = "outbox: {Problem}; records are kept in memory meanwhile, the disk is tried again every 1 to 60 s.")]
    public static partial void OutboxFails(ILogger logger, string problem);

    [LoggerMessage(EventId = 110, Level = LogLevel.Information, Message = "outbox: {Path} serves again.")]
    public static partial void OutboxServes(ILogger logger, string path);

    [LoggerMessage(EventId = 111, Level = LogLevel.Error,
        Message = "outbox: {Path} was damaged: {Reason}; {Saved} records were saved, {Lost} are lost; the file is {File} now.")]
    public static partial void OutboxDamaged(ILogger logger, string path, string reason, long saved, string lost, string file);

    [LoggerMessage(EventId = 112, Level = LogLevel.Warning,
        Message = "outbox: the disk did not take all; {Left} records that wait in memory are lost.")]
    public static partial void OutboxLeftBehind(ILogger logger, long left);
}
