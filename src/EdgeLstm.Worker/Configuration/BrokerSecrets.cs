// User name and password of the broker: from the configuration, else the environment, else a systemd credential.

using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Configuration;

/// <summary>Turns the broker's settings into the link's options, secrets included.</summary>
public static class BrokerSecrets
{
    /// <summary>Environment variable with the user name.</summary>
    public const string UsernameVariable = "EDGELSTM_MQTT_USERNAME";

    /// <summary>Environment variable with the password.</summary>
    public const string PasswordVariable = "EDGELSTM_MQTT_PASSWORD";

    /// <summary>Name of the systemd credential with the password (LoadCredential=).</summary>
    public const string CredentialName = "mqtt-password";

    /// <summary>Options for the link without a secret that was not looked up.</summary>
    /// <param name="mqtt">The settings.</param>
    /// <param name="device">The device's name, part of the default client id.</param>
    /// <param name="password">The password; null for none.</param>
    public static MqttOptions ToOptions(this MqttSettings mqtt, string device, string? password = null) => new(
        mqtt.Host,
        mqtt.Port ?? (mqtt.Tls is null ? 1883 : 8883),
        mqtt.ClientId ?? MqttOptions.DefaultClientId(device),
        mqtt.Username ?? Environment.GetEnvironmentVariable(UsernameVariable),
        password,
        mqtt.Tls is { } tls ? new TlsOptions(tls.CaFile, tls.CertificateFile, tls.KeyFile) : null,
        mqtt.KeepAliveSeconds,
        mqtt.TopicPrefix,
        mqtt.HomeAssistant,
        mqtt.HomeAssistantPrefix,
        mqtt.InFlight,
        mqtt.HistoryRecordsPerSecond,
        mqtt.Requests,
        mqtt.HealthSeconds,
        mqtt.Driver);

    /// <summary>Finds the password: configuration, file, environment, credential, in this order; null where there is
    /// none.</summary>
    /// <exception cref="IOException">The file or credential cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or credential may not be read by this user.</exception>
    public static string? FindPassword(MqttSettings mqtt)
    {
        if (mqtt.Password is not null)
        {
            return mqtt.Password;
        }

        if (mqtt.PasswordFile is not null)
        {
            return FirstLine(mqtt.PasswordFile);
        }

        string? credentials = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY");
        string? credential = credentials is null ? null : Path.Combine(credentials, CredentialName);
        string? variable = Environment.GetEnvironmentVariable(PasswordVariable);
        return !string.IsNullOrEmpty(variable) ? variable : File.Exists(credential) ? FirstLine(credential) : null;
    }

    // An empty file stands for "no password": the service unit sets an empty credential where none was given.
    private static string? FirstLine(string path)
    {
        using StreamReader reader = new(path);
        string? line = reader.ReadLine();
        return string.IsNullOrEmpty(line) ? null : line;
    }
}
