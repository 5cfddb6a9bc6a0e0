// One connection to the broker and nothing more: what `edgelstm check` does to see whether the service would get in, and what a
// service that runs has left there.

using System.Diagnostics;
using System.Text;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>What the broker said.</summary>
/// <param name="Problem">Why it did not accept this device; null when it did.</param>
/// <param name="Status">The device's retained status, online or offline; null for none.</param>
/// <param name="Health">The device's retained health; null for none.</param>
internal sealed record BrokerAnswer(string? Problem, string? Status = null, byte[]? Health = null);

/// <summary>Tries to connect as the service would, under another client id so that a running service is not thrown out.</summary>
internal static class BrokerProbe
{
    /// <summary>Time for name look-up, TCP, TLS and CONNACK.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Time for retained messages; there may be none to come.</summary>
    private static readonly TimeSpan RetainedLimit = TimeSpan.FromSeconds(0.7);

    /// <summary>Connects, asks for what is retained, and disconnects.</summary>
    /// <param name="options">Broker, user, certificates.</param>
    /// <param name="device">The device's name.</param>
    /// <exception cref="MqttException">libmosquitto is not installed, or a certificate file cannot be read.</exception>
    public static BrokerAnswer Ask(MqttOptions options, string device)
    {
        MqttTopics topics = new(options.TopicPrefix, device);
        string clientId = $"{options.ClientId ?? MqttOptions.DefaultClientId(device)}-check-{Environment.ProcessId}";
        RetainedMessages retained = new(topics.Status, topics.Health);

        // The will goes where nobody listens: this client must not declare the service offline.
        using BrokerClient client = BrokerClient.Create(
            options, clientId, topics.Response("check"), new RequestInbox(topics, "none/status"));
        client.Retained = retained;
        string? problem = TryConnect(client, ipv6: false);
        if (problem is not null && client.Failure == ConnectionFailure.Unreachable && TryConnect(client, ipv6: true) is null)
        {
            problem = null;
        }

        if (problem is not null)
        {
            return new BrokerAnswer(problem);
        }

        Read(client, retained);
        return new BrokerAnswer(null, retained.Of(0) is { } status ? Encoding.UTF8.GetString(status) : null, retained.Of(1));
    }

    private static string? TryConnect(BrokerClient client, bool ipv6)
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

        return client.Phase == ConnectionPhase.Connected ? null : client.FailureText;
    }

    // A broker that refuses the subscription, or goes away now, is no fault: the service has its own rights.
    private static void Read(BrokerClient client, RetainedMessages retained)
    {
        foreach (byte[] topic in retained.Topics)
        {
            client.Subscribe(topic);
        }

        long started = Stopwatch.GetTimestamp();
        while (!retained.AreAll && client.Phase == ConnectionPhase.Connected)
        {
            TimeSpan left = RetainedLimit - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            client.Advance(Wait(client, (int)Math.Ceiling(left.TotalMilliseconds)));
        }

        client.Disconnect();
    }

    private static unsafe short Wait(BrokerClient client, int timeoutMs)
    {
        LibC.PollFd descriptor = new() { Fd = client.Socket, Events = client.WantedEvents };
        return LibC.Poll(&descriptor, 1, timeoutMs) > 0 ? descriptor.Revents : (short)0;
    }
}
