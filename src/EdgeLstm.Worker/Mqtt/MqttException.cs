// What makes the link impossible from the start, in words a user can act on.

namespace EdgeLstm.Worker.Mqtt;

/// <summary>The link cannot be built: the library is missing, or a certificate file cannot be read. Never thrown
/// once started.</summary>
public sealed class MqttException : Exception
{
    /// <param name="message">What is wrong, with the file or package, and what to do.</param>
    public MqttException(string message) : base(message)
    {
    }

    /// <param name="message">What is wrong, with the file or package, and what to do.</param>
    /// <param name="inner">What the system said.</param>
    public MqttException(string message, Exception inner) : base(message, inner)
    {
    }
}
