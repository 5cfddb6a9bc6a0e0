// Where MQTTnet connects to and with what certificates; what its exceptions say, in the words of the log.

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeLstm.Worker.Mqtt;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>The broker's address and the certificates, read once.</summary>
internal sealed class MqttNetTarget
{
    private const int SocketBufferBytes = 65536;

    private readonly MqttOptions _options;
    private readonly MqttClientTlsOptions _tls;
    private volatile string? _untrusted;   // why the broker's certificate was refused in the last attempt

    /// <param name="options">Broker, certificates.</param>
    /// <exception cref="MqttException">A certificate file cannot be read, or does not hold what it should.</exception>
    public MqttNetTarget(MqttOptions options)
    {
        _options = options;
        _tls = options.Tls is { } tls ? Read(tls) : new MqttClientTlsOptions();
    }

    /// <summary>Options of MQTTnet for one attempt.</summary>
    /// <param name="ipv6">Over IPv6; else over IPv4.</param>
    public MqttClientOptions OverFamily(bool ipv6)
    {
        _untrusted = null;
        return new MqttClientOptions
        {
            ProtocolVersion = MqttProtocolVersion.V311,
            ChannelOptions = new MqttClientTcpOptions
            {
                RemoteEndpoint = new DnsEndPoint(_options.Host, _options.Port),
                AddressFamily = ipv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork,
                BufferSize = SocketBufferBytes,
                // Its default resets the connection when it is closed: the last messages, and DISCONNECT, would be lost.
                LingerState = new LingerOption(false, 0),
                TlsOptions = _tls,
            },
        };
    }

    /// <summary>Whether a failure before CONNACK is one of certificates. A broker that dislikes ours may reset the connection or
    /// close it without a word.</summary>
    /// <param name="failure">What ended the attempt.</param>
    /// <param name="isOpen">Whether TCP and TLS were through.</param>
    public static bool IsTlsSuspect(Exception? failure, bool isOpen) => isOpen
        || Find<AuthenticationException>(failure) is not null
        || Find<SocketException>(failure) is null or { SocketErrorCode: SocketError.ConnectionReset };

    /// <summary>A failure in words.</summary>
    /// <param name="failure">What ended the connection.</param>
    /// <param name="isOpen">Whether TCP and TLS were through.</param>
    public string Explain(Exception? failure, bool isOpen)
    {
        if (_untrusted is { } untrusted)
        {
            return untrusted;
        }

        if (Find<AuthenticationException>(failure) is { } refused)
        {
            Exception cause = refused.GetBaseException();
            return cause == refused ? refused.Message : $"{refused.Message} ({cause.Message})";
        }

        return Find<SocketException>(failure) is { } socket ? socket.Message
            : isOpen || failure is null ? "The connection was lost"
            : failure.GetBaseException().Message;
    }

    /// <summary>A refused CONNACK in the words that libmosquitto has for it.</summary>
    public static string Explain(MqttConnectReturnCode answer) => "Connection Refused: " + answer switch
    {
        MqttConnectReturnCode.ConnectionRefusedUnacceptableProtocolVersion => "unacceptable protocol version",
        MqttConnectReturnCode.ConnectionRefusedIdentifierRejected => "identifier rejected",
        MqttConnectReturnCode.ConnectionRefusedServerUnavailable => "broker unavailable",
        MqttConnectReturnCode.ConnectionRefusedBadUsernameOrPassword => "bad user name or password",
        MqttConnectReturnCode.ConnectionRefusedNotAuthorized => "not authorised",
        _ => "unknown reason",
    };

    private MqttClientTlsOptions Read(TlsOptions tls)
    {
        tls.RequireReadable();
        MqttClientTlsOptions options = new()
        {
            UseTls = true,
            CertificateValidationHandler = Judge,
            // A device may have no way to the server that lists revoked certificates; libmosquitto does not ask it either.
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (tls.CaFile is not null)
        {
            options.TrustChain = [];
            Load(tls.CaFile, () => options.TrustChain.ImportFromPemFile(tls.CaFile));
            if (options.TrustChain.Count == 0)
            {
                throw new MqttException($"{tls.CaFile}: holds no certificate; expected PEM: -----BEGIN CERTIFICATE-----");
            }
        }

        if (tls.CertificateFile is not null)
        {
            X509Certificate2Collection own = [];
            Load($"{tls.CertificateFile} with {tls.KeyFile}",
                () => own.Add(X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile)));
            options.ClientCertificatesProvider = new DefaultMqttCertificatesProvider(own);
        }

        return options;
    }

    // The verdict of the system stands; here is the only place where its reasons are told.
    private bool Judge(MqttClientCertificateValidationEventArgs certificate)
    {
        if (certificate.SslPolicyErrors == SslPolicyErrors.None)
        {
            return true;
        }

        IEnumerable<string> reasons = certificate.Chain.ChainStatus.Select(status => status.StatusInformation.TrimEnd());
        _untrusted = $"certificate verify failed: {string.Join(", ", reasons.Prepend(certificate.SslPolicyErrors.ToString()))}";
        return false;
    }

    private static void Load(string file, Action load)
    {
        try
        {
            load();
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException)
        {
            throw new MqttException($"{file}: cannot be used for TLS: {problem.Message}", problem);
        }
    }

    private static T? Find<T>(Exception? failure) where T : Exception
    {
        while (failure is not (null or T))
        {
            failure = failure.InnerException;
        }

        return (T?)failure;
    }
}
