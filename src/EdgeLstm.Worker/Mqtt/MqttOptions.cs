// Where the broker is and how to speak to it, with the rules that the values must keep.

using System.Text;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Certificates of the connection, all PEM files.</summary>
/// <param name="CaFile">Certificate authorities to trust; null: those of the system, in /etc/ssl/certs.</param>
/// <param name="CertificateFile">This client's certificate; null when the broker asks for none.</param>
/// <param name="KeyFile">The key of <paramref name="CertificateFile"/>, without a passphrase.</param>
public sealed record TlsOptions(string? CaFile, string? CertificateFile, string? KeyFile)
{
    /// <summary>Opens every file, as what a library says of one that it cannot read names none.</summary>
    /// <exception cref="MqttException">A file is missing or may not be read.</exception>
    public void RequireReadable()
    {
        foreach (string? file in new[] { CaFile, CertificateFile, KeyFile })
        {
            try
            {
                using FileStream? opened = file is null ? null : File.OpenRead(file);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new MqttException($"{file}: cannot be read for TLS: {problem.Message}", problem);
            }
        }
    }
}

/// <summary>The broker and the link to it.</summary>
/// <param name="Host">Name or address of the broker; with TLS it must be the name in its certificate.</param>
/// <param name="Port">TCP port, usually 1883, with TLS 8883.</param>
/// <param name="ClientId">Null: <c>edgelstm-</c> and the device name. Two clients of one id throw each other out.</param>
/// <param name="Username">Null: none.</param>
/// <param name="Password">Null: none. Needs a user name. Never appears in logs or in <see cref="ToString"/>.</param>
/// <param name="Tls">Null: plain TCP.</param>
/// <param name="KeepAliveSeconds">0 (never ask) or 5 to 65535. A silent broker is noticed within twice this time.</param>
/// <param name="TopicPrefix">First level of all topics, usually <c>edgelstm</c>.</param>
/// <param name="HomeAssistant">Whether the device announces itself to Home Assistant.</param>
/// <param name="HomeAssistantPrefix">Home Assistant's discovery prefix, usually <c>homeassistant</c>.</param>
/// <param name="InFlight">Messages sent and not yet acknowledged at most, 1 to 1000.</param>
/// <param name="HistoryRecordsPerSecond">Rate at which the backlog is sent, all streams together, 1 to 100000.</param>
/// <param name="Requests">Whether <c>request/ping</c> and <c>request/health</c> are answered.</param>
/// <param name="HealthPeriodSeconds">Seconds between two health messages, 1 to 86400.</param>
/// <param name="Driver">What speaks to the broker; null: libmosquitto.</param>
public sealed record MqttOptions(
    string Host,
    int Port,
    string? ClientId,
    string? Username,
    string? Password,
    TlsOptions? Tls,
    int KeepAliveSeconds,
    string TopicPrefix,
    bool HomeAssistant,
    string HomeAssistantPrefix,
    int InFlight,
    int HistoryRecordsPerSecond,
    bool Requests = false,
    int HealthPeriodSeconds = 60,
    string? Driver = null)
{
    /// <summary>The client id of a device whose configuration names none.</summary>
    public static string DefaultClientId(string device) => $"edgelstm-{device}";

    /// <summary>Every rule that is broken, as <c>key: what is expected; got what is there</c>; empty when all is well.</summary>
    public IEnumerable<string> FindProblems()
    {
        if (Host.Length == 0)
        {
            yield return "host: must be a name or an address; got nothing";
        }

        if (Port is < 1 or > 65535)
        {
            yield return $"port: must be 1 to 65535; got {Port}";
        }

        if (KeepAliveSeconds is not 0 and (< 5 or > 65535))
        {
            yield return $"keepAliveSeconds: must be 0 or 5 to 65535; got {KeepAliveSeconds}";
        }

        if (InFlight is < 1 or > 1000)
        {
            yield return $"inFlight: must be 1 to 1000; got {InFlight}";
        }

        if (HistoryRecordsPerSecond is < 1 or > 100_000)
        {
            yield return $"historyRecordsPerSecond: must be 1 to 100000; got {HistoryRecordsPerSecond}";
        }

        if (HealthPeriodSeconds is < 1 or > 86_400)
        {
            yield return $"healthSeconds: must be 1 to 86400; got {HealthPeriodSeconds}";
        }

        if (Password is not null && Username is null)
        {
            yield return "password: needs a username beside it; got none";
        }

        if (Tls is not null && (Tls.CertificateFile is null) != (Tls.KeyFile is null))
        {
            yield return "tls: certificateFile and keyFile go together; got one of them";
        }

        (string, string)[] prefixes = [("topicPrefix", TopicPrefix), ("homeAssistantPrefix", HomeAssistantPrefix)];
        foreach ((string key, string value) in prefixes)
        {
            if (!MqttTopics.IsPrefix(value))
            {
                yield return $"{key}: must be topic levels without '+', '#', empty levels or control characters; got '{value}'";
            }
        }
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(null, $"Host = {Host}, Port = {Port}, ClientId = {ClientId}, Username = {Username}, ");
        text.Append(null, $"Password = {(Password is null ? "none" : "***")}, Tls = {Tls}, ");
        text.Append(null, $"KeepAliveSeconds = {KeepAliveSeconds}, TopicPrefix = {TopicPrefix}, InFlight = {InFlight}");
        return true;
    }
}
