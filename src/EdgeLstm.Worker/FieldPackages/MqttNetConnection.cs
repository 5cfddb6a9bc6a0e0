// One connection of MQTTnet's packet client, from TCP to its end: packets in, packets out, on threads of the pool.

using System.Threading.Channels;
using EdgeLstm.Worker.Linux;
using MQTTnet;
using MQTTnet.LowLevelClient;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Connects, greets, and moves packets until the broker goes or <see cref="Dispose"/>.</summary>
/// <remarks>
/// What arrives waits in a queue of fixed length; when it is full nothing more is read, and TCP holds the broker back. What is
/// sent is bounded by whoever sends it: messages under way, one ping.
/// </remarks>
internal sealed class MqttNetConnection : IDisposable
{
    /// <summary>Packets that wait to be taken at most.</summary>
    public const int PacketsWaiting = 256;

    private readonly MqttClientOptions _options;
    private readonly MqttConnectPacket _greeting;
    private readonly WakeSignal _signal;
    private readonly ILowLevelMqttClient _client = new MqttClientFactory().CreateLowLevelMqttClient();
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<MqttPacket> _received = Channel.CreateBounded<MqttPacket>(
        new BoundedChannelOptions(PacketsWaiting) { SingleReader = true, SingleWriter = true });
    private readonly Channel<MqttPacket> _outgoing = Channel.CreateUnbounded<MqttPacket>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Task _sender;
    private readonly Task _receiver;
    private Exception? _failure;
    private volatile bool _isOpen;
    private volatile bool _hasEnded;

    /// <summary>Begins to connect.</summary>
    /// <param name="options">Where to and with what certificates.</param>
    /// <param name="greeting">CONNECT.</param>
    /// <param name="signal">Set whenever there is something to look at.</param>
    public MqttNetConnection(MqttClientOptions options, MqttConnectPacket greeting, WakeSignal signal)
    {
        _options = options;
        _greeting = greeting;
        _signal = signal;
        _receiver = Task.Run(ReceiveAll);
        _sender = Task.Run(SendAll);
    }

    /// <summary>Whether TCP, and TLS where it is used, are through.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Whether the connection is over, or could not be made; <see cref="Failure"/> says why.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>What ended it first; null where it did not fail.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>The next packet that came; false where none waits.</summary>
    public bool TryReceive(out MqttPacket? packet) => _received.Reader.TryRead(out packet);

    /// <summary>Sends a packet after those before it; what does not reach the broker is the sender's to send again.</summary>
    public void Send(MqttPacket packet) => _outgoing.Writer.TryWrite(packet);

    /// <summary>Waits until what was handed over is sent, then ends the connection.</summary>
    /// <param name="limit">How long to wait; a broker that reads nothing is left.</param>
    public void Finish(TimeSpan limit)
    {
        _outgoing.Writer.TryComplete();
        _ = _sender.Wait(limit);
        Dispose();
    }

    /// <summary>Ends the connection at once.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _client.Dispose();
    }

    private async Task ReceiveAll()
    {
        try
        {
            await _client.ConnectAsync(_options, _end.Token).ConfigureAwait(false);
            _isOpen = true;
            await _client.SendAsync(_greeting, _end.Token).ConfigureAwait(false);
            while (true)
            {
                MqttPacket packet = await _client.ReceiveAsync(_end.Token).ConfigureAwait(false);
                if (packet is MqttPublishPacket { QualityOfServiceLevel: MqttQualityOfServiceLevel.AtLeastOnce } message)
                {
                    MqttPubAckPacket answer = new() { PacketIdentifier = message.PacketIdentifier };
                    await _client.SendAsync(answer, _end.Token).ConfigureAwait(false);
                }

                await _received.Writer.WriteAsync(packet, _end.Token).ConfigureAwait(false);
                _signal.Set();
            }
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
        finally
        {
            _hasEnded = true;
            _client.Dispose();
            _outgoing.Writer.TryComplete();
            _signal.Set();
        }
    }

    // Packets are handed over only after CONNACK, so the client is connected when the first one comes.
    private async Task SendAll()
    {
        try
        {
            await foreach (MqttPacket packet in _outgoing.Reader.ReadAllAsync(_end.Token).ConfigureAwait(false))
            {
                await _client.SendAsync(packet, _end.Token).ConfigureAwait(false);
            }
        }
        catch (Exception failure)
        {
            // The receiver sees the same connection end, and says so.
            Fail(failure);
            _client.Dispose();
        }
    }

    // A failed write ends the read after it: what came first is the cause. One that was asked for is none.
    private void Fail(Exception failure)
    {
        if (!_end.IsCancellationRequested && failure is not OperationCanceledException)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
    }
}
