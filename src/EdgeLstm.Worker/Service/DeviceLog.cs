// What the service says of devices that it finds in topics: one line for each, once.

using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Service;

internal static partial class DeviceLog
{
    [LoggerMessage(EventId = 201, Level = LogLevel.Information,
        Message = "{Stream}: device '{Device}' has spoken; its stream is {Name}")]
    public static partial void Found(ILogger logger, string stream, string device, string name);

    [LoggerMessage(EventId = 202, Level = LogLevel.Warning,
        Message = "{Stream}: device '{Device}' gets no stream: {Reason}")]
    public static partial void Refused(ILogger logger, string stream, string device, string reason);

    [LoggerMessage(EventId = 203, Level = LogLevel.Error,
        Message = "{Stream}: the stream of device '{Device}' could not be started")]
    public static partial void NotStarted(ILogger logger, string stream, string device, Exception failure);

    [LoggerMessage(EventId = 204, Level = LogLevel.Error, Message = "{Stream}: profile {Profile} has failed on a message")]
    public static partial void Unreadable(ILogger logger, string stream, string profile, Exception failure);
}
