// A connection to the broker that does nothing but hear the topics of the streams that are checked.

using System.Diagnostics;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Listening;

/// <summary>Subscribes under another client id than the service's, whose connection stays as it is. One thread.</summary>
internal sealed class BrokerTopics : IDisposable
{
    private const int LongestWaitMs = 200;
    private const double ConnectSeconds = 3;

    private readonly TopicRouter _router;
    private readonly BrokerClient _client;
    private readonly Thread _thread;
    private readonly WakeSignal _wake = new();
    private volatile bool _stopping;

    /// <param name="settings">The configuration: its broker.</param>
    /// <param name="router">The topics to hear.</param>
    /// <exception cref="MqttException">libmosquitto is not installed, or a certificate file cannot be read.</exception>
    /// <exception cref="IOException">The password's file cannot be read.</exception>
    public BrokerTopics(Settings settings, TopicRouter router)
    {
        MqttOptions options = settings.Mqtt.ToOptions(settings.Device, BrokerSecrets.FindPassword(settings.Mqtt));
        MqttTopics topics = new(options.TopicPrefix, settings.Device);
        string clientId = $"{options.ClientId ?? MqttOptions.DefaultClientId(settings.Device)}-listen-{Environment.ProcessId}";
        _router = router;

        // The will goes where nobody listens: this client must not declare the service offline.
        _client = BrokerClient.Create(
            options, clientId, topics.Response("check"), new RequestInbox(topics, "none/status"), router);
        _thread = new Thread(Run) { IsBackground = true, Name = "broker" };
    }

    /// <summary>Begins to connect and to hear.</summary>
    public void Start() => _thread.Start();

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (!_thread.IsAlive || _thread.Join(TimeSpan.FromSeconds(1)))
        {
            _client.Dispose();
            _wake.Dispose();
        }
    }

    private void Run()
    {
        if (!TryConnect(ipv6: false) && !TryConnect(ipv6: true))
        {
            _router.LoseBroker();
            return;
        }

        byte[][] filters = _router.Filters;
        for (int i = 0; i < filters.Length; i++)
        {
            _router.Ask(filters, i, _client.Subscribe(filters[i]));
        }

        while (!_stopping && _client.Phase == ConnectionPhase.Connected)
        {
            _client.Advance(Wait(LongestWaitMs));
            _client.Misc();
        }

        if (_client.Phase == ConnectionPhase.Connected)
        {
            _client.Disconnect();
        }
        else
        {
            _router.LoseBroker();
        }
    }

    private bool TryConnect(bool ipv6)
    {
        _client.BeginConnect(ipv6);
        long started = Stopwatch.GetTimestamp();
        while (!_stopping && _client.Phase is not (ConnectionPhase.Idle or ConnectionPhase.Connected))
        {
            if (Stopwatch.GetElapsedTime(started).TotalSeconds > ConnectSeconds)
            {
                _client.Abandon("no answer");
                return false;
            }

            _client.Advance(Wait(LongestWaitMs));
        }

        return _client.Phase == ConnectionPhase.Connected;
    }

    private unsafe short Wait(int timeoutMs)
    {
        LibC.PollFd* fds = stackalloc LibC.PollFd[2];
        fds[0] = new LibC.PollFd { Fd = _client.Socket, Events = _client.WantedEvents };
        fds[1] = new LibC.PollFd { Fd = _wake.Fd, Events = LibC.POLLIN };
        return LibC.Poll(fds, 2, timeoutMs) > 0 ? fds[0].Revents : (short)0;
    }
}
