// Keeps one connection to the broker alive: attempts with backoff, over IPv4 and IPv6, and one log line per change.

using System.Diagnostics;
using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>The state machine between "wants a broker" and "has one". Used by the I/O thread only.</summary>
/// <remarks>
/// <code>
/// wait (backoff) → TCP over IPv4 → TLS, CONNECT → CONNACK → connected
///                  TCP over IPv6 ↗       any failure → the other family, then wait
/// </code>
/// </remarks>
internal sealed class BrokerConnection(BrokerClient client, string broker, string clientId, ILogger logger)
{
    /// <summary>Time for TCP, TLS and CONNACK together.</summary>
    public const int AttemptLimitMs = 10_000;

    private const int StableMs = 10_000;

    private readonly RandomBackoff _backoff = new(new Random(), StableMs);
    private bool _connected;
    private bool _attempting;
    private bool _ipv6;
    private long _attemptAt;
    private long _connectedAt;
    private string _firstFailure = "";
    private ConnectionFailure _reported;

    /// <summary>Connections made after the first one.</summary>
    public long Reconnects { get; private set; } = -1;

    /// <summary>Whether nothing is under way and the next attempt has still to wait.</summary>
    public bool IsWaiting => !_connected && !_attempting && Stopwatch.GetTimestamp() < _attemptAt;

    /// <summary>Moves on as far as it goes; true when the connection is new and everything must be announced.</summary>
    /// <param name="now">Stopwatch ticks.</param>
    public bool Update(long now)
    {
        if (_connected && client.Phase != ConnectionPhase.Connected)
        {
            Lose(now);
        }

        if (!_connected && !_attempting && now >= _attemptAt)
        {
            Begin(now, ipv6: false);
        }

        if (_attempting && client.Phase is not (ConnectionPhase.Idle or ConnectionPhase.Connected) && now >= _attemptAt)
        {
            client.Abandon($"no answer within {AttemptLimitMs / 1000} s");
        }

        if (_attempting && client.Phase == ConnectionPhase.Idle)
        {
            Failed(now);
        }

        return _attempting && client.Phase == ConnectionPhase.Connected && Succeed(now);
    }

    /// <summary>Says that the broker does not let this client subscribe.</summary>
    public void ReportRefusal(string filter) => MqttLog.SubscriptionRefused(logger, broker, filter);

    /// <summary>Milliseconds until <see cref="Update"/> has something to do by itself.</summary>
    public int WaitMs(long now) =>
        _connected ? int.MaxValue : Math.Max(0, (int)Math.Min(int.MaxValue, Math.Ceiling(Milliseconds(_attemptAt - now))));

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;

    private static long Ticks(int ms) => ms * Stopwatch.Frequency / 1000;

    private void Begin(long now, bool ipv6)
    {
        _attempting = true;
        _ipv6 = ipv6;
        _attemptAt = now + Ticks(AttemptLimitMs);
        client.BeginConnect(ipv6);
    }

    private void Failed(long now)
    {
        // Refused by the broker itself, or by its certificate: the other family would hear the same.
        if (!_ipv6 && client.Failure == ConnectionFailure.Unreachable)
        {
            _firstFailure = client.FailureText;
            Begin(now, ipv6: true);
            if (client.Phase != ConnectionPhase.Idle)
            {
                return;
            }
        }

        _attempting = false;
        _attemptAt = now + Ticks(_backoff.NextMs());
        Report(_ipv6 ? _firstFailure : client.FailureText);
    }

    private bool Succeed(long now)
    {
        _attempting = false;
        _connected = true;
        _connectedAt = now;
        _reported = ConnectionFailure.None;
        Reconnects++;
        MqttLog.Connected(logger, broker, clientId);
        return true;
    }

    private void Lose(long now)
    {
        _connected = false;
        _attemptAt = now + Ticks(_backoff.NextMs(Milliseconds(now - _connectedAt)));
        _reported = ConnectionFailure.Lost;
        MqttLog.Lost(logger, broker, client.FailureText);
    }

    private void Report(string reason)
    {
        // After "lost" the attempts that follow are no news until something else is wrong.
        ConnectionFailure kind = client.Failure;
        if (kind == _reported || (kind == ConnectionFailure.Unreachable && _reported == ConnectionFailure.Lost))
        {
            return;
        }

        _reported = kind;
        switch (kind)
        {
            case ConnectionFailure.Refused:
                MqttLog.Refused(logger, broker, reason);
                break;
            case ConnectionFailure.Tls:
                MqttLog.TlsFailed(logger, broker, reason);
                break;
            default:
                MqttLog.Unreachable(logger, broker, reason);
                break;
        }
    }
}
