// Listens to topics without the service: what `edgelstm check` does to hear what would arrive. Publishes nothing.

using System.Diagnostics;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>A connection under another client id, so that a running service is not thrown out; one thread, from
/// <see cref="Start"/> until <see cref="Dispose"/>.</summary>
internal sealed class TopicListener : IDisposable
{
    private const int LongestWaitMs = 1000;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    private readonly BrokerClient _client;
    private readonly BrokerConnection _connection;
    private readonly TopicRouter _topics;
    private readonly WakeSignal _wake = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private bool _started;
    private long _lastMiscAt;

    /// <param name="options">Broker, user, certificates.</param>
    /// <param name="device">The device's name.</param>
    /// <param name="topics">The topics, all opened.</param>
    /// <exception cref="MqttException">libmosquitto is not installed, or a certificate file cannot be read.</exception>
    public TopicListener(MqttOptions options, string device, TopicRouter topics)
    {
        _topics = topics;
        MqttTopics own = new(options.TopicPrefix, device);
        string clientId = $"{options.ClientId ?? MqttOptions.DefaultClientId(device)}-listen-{Environment.ProcessId}";

        // The will goes where nobody listens: this client must not declare the service offline.
        _client = BrokerClient.Create(options, clientId, own.Response("listen"), new RequestInbox(own, "none/status"), topics);
        _connection = new BrokerConnection(_client, $"{options.Host}:{options.Port}", clientId, NullLogger.Instance);
        _thread = new Thread(Run) { IsBackground = true, Name = "mqtt listener" };
    }

    /// <summary>Starts the thread, which connects and keeps trying.</summary>
    public void Start()
    {
        _started = true;
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (!_started || _thread.Join(StopLimit))
        {
            // A thread that hangs in a name lookup keeps what it uses until the process ends.
            _client.Dispose();
            _wake.Dispose();
        }
    }

    private void Run()
    {
        while (!_stopping)
        {
            long now = Stopwatch.GetTimestamp();
            if (_connection.Update(now))
            {
                Subscribe();
            }

            if (_connection.IsWaiting)
            {
                _topics.LoseBroker();
            }

            Wait(Math.Min(_connection.WaitMs(now), LongestWaitMs));
        }

        _client.Disconnect();
    }

    private void Subscribe()
    {
        byte[][] filters = _topics.Filters;
        for (int i = 0; i < filters.Length; i++)
        {
            _topics.Ask(filters, i, _client.Subscribe(filters[i]));
        }
    }

    private unsafe void Wait(int timeoutMs)
    {
        LibC.PollFd* polled = stackalloc LibC.PollFd[2];
        polled[0] = new LibC.PollFd { Fd = _wake.Fd, Events = LibC.POLLIN };
        polled[1] = new LibC.PollFd { Fd = _client.Socket, Events = _client.WantedEvents };
        if (LibC.Poll(polled, 2, timeoutMs) > 0)
        {
            _client.Advance(polled[1].Revents);
        }

        if (Stopwatch.GetElapsedTime(_lastMiscAt) >= TimeSpan.FromMilliseconds(LongestWaitMs))
        {
            _lastMiscAt = Stopwatch.GetTimestamp();
            _client.Misc();
        }
    }
}
