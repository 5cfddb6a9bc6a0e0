// One connection to the broker and nothing more: what `edgelstm check` does to see whether the service would get in.

using System.Diagnostics;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Tries to connect as the service would, under another client id so that a running service is not thrown out.</summary>
internal static class BrokerProbe
{
    /// <summary>Time for name look-up, TCP, TLS and CONNACK.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Connects and disconnects; null when the broker accepted, else why not.</summary>
    /// <param name="options">Broker, user, certificates.</param>
    /// <param name="device">The device's name.</param>
    /// <exception cref="MqttException">libmosquitto is not installed, or a certificate file cannot be read.</exception>
    public static string? FindProblem(MqttOptions options, string device)
    {
        MqttTopics topics = new(options.TopicPrefix, device);
        string clientId = $"{options.ClientId ?? MqttOptions.DefaultClientId(device)}-check-{Environment.ProcessId}";

        // The will goes where nobody listens: this client must not declare the service offline.
        using MosquittoClient client = new(options, clientId, topics.Response("check"), new RequestInbox(topics, "none/status"));
        string? overIpv4 = TryConnect(client, ipv6: false);
        return overIpv4 is null || client.Failure != ConnectionFailure.Unreachable || TryConnect(client, ipv6: true) is not null
            ? overIpv4
            : null;
    }

    private static string? TryConnect(MosquittoClient client, bool ipv6)
    {
        client.BeginConnect(ipv6);
        long started = Stopwatch.GetTimestamp();
        while (client.Phase is not (ConnectionPhase.Idle or ConnectionPhase.Connected))
        {
            TimeSpan left = Limit - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                client.Abandon($"no answer within {Limit.TotalSeconds:0} s");
                break;
            }

            client.Advance(Wait(client, (int)Math.Ceiling(left.TotalMilliseconds)));
        }

        if (client.Phase != ConnectionPhase.Connected)
        {
            return client.FailureText;
        }

        client.Disconnect();
        return null;
    }

    private static unsafe short Wait(MosquittoClient client, int timeoutMs)
    {
        LibC.PollFd descriptor = new() { Fd = client.Socket, Events = client.WantedEvents };
        return LibC.Poll(&descriptor, 1, timeoutMs) > 0 ? descriptor.Revents : (short)0;
    }
}
