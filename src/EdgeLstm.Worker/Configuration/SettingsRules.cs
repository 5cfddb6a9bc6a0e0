// What a configuration must obey beyond the kinds and ranges of its single values: names, pairs of keys, limits.

using System.Buffers;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Configuration;

/// <summary>The rules between the keys of <see cref="Settings"/>.</summary>
public static class SettingsRules
{
    /// <summary>Streams of one process at most: one thread each.</summary>
    public const int StreamLimit = 64;

    /// <summary>Characters of a name at most.</summary>
    public const int NameLimit = 64;

    /// <summary>Characters of the name of a stream with {device} at most, so that the device's name has room beside it.</summary>
    public const int DeviceStreamNameLimit = 40;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Adds every broken rule to <paramref name="problems"/>.</summary>
    public static void Check(Settings settings, ProblemList problems)
    {
        CheckName(settings.Device, "device", problems);
        CheckMqtt(settings.Mqtt, problems);
        if (settings.Streams.Count is 0 or > StreamLimit)
        {
            problems.Add("streams", $"must have 1 to {StreamLimit} entries; got {settings.Streams.Count}");
        }

        HashSet<string> names = [];
        int readers = 0;
        for (int i = 0; i < settings.Streams.Count; i++)
        {
            StreamSettings stream = settings.Streams[i];
            CheckName(stream.Name, $"streams[{i}].name", problems);
            if (stream.Name is "status" or "health" or "request" or "response")
            {
                problems.Add($"streams[{i}].name", $"'{stream.Name}' is a topic of the device itself; choose another name");
            }

            if (!names.Add(stream.Name))
            {
                problems.Add($"streams[{i}].name", $"'{stream.Name}' is used by an earlier stream; names must differ");
            }

            readers += stream.Source.Kind == "stdin" ? 1 : 0;
            CheckHash(stream, $"streams[{i}].modelSha256", problems);
            CheckSource(stream.Source, $"streams[{i}].source", problems);
            CheckTopic(settings, stream, $"streams[{i}]", problems);
        }

        CheckDevices(settings, problems);
        if (readers > 1)
        {
            problems.Add("streams", $"only one stream can read standard input; got {readers}");
        }
    }

    private static void CheckMqtt(MqttSettings mqtt, ProblemList problems)
    {
        foreach (string problem in mqtt.ToOptions("").FindProblems())
        {
            problems.Add("", $"mqtt.{problem}");
        }

        if (mqtt.Password is not null && mqtt.PasswordFile is not null)
        {
            problems.Add("mqtt.passwordFile", "is given beside password; keep one of them");
        }

        CheckDriver(Drivers.Mqtt, mqtt.Driver, "mqtt.driver", problems);
    }

    private static void CheckDriver(DriverChoice seam, string? driver, string path, ProblemList problems)
    {
        if (seam.FindProblem(driver) is { } problem)
        {
            problems.Add(path, problem);
        }
    }

    private static void CheckHash(StreamSettings stream, string path, ProblemList problems)
    {
        if (stream.ModelSha256 is { } hash && !ModelHash.IsHash(hash))
        {
            problems.Add(path, $"must be 64 hexadecimal digits, as sha256sum prints them; got {hash.Length} characters");
        }
        else if (stream.ModelSha256 is not null && stream.Model is null)
        {
            problems.Add(path, "is for the model's file; there is no model");
        }
    }

    private static void CheckSource(SourceSettings source, string path, ProblemList problems)
    {
        CheckNeeded(source, path, problems);
        CheckUnused(source, path, problems);
        if (Drivers.OfSource(source.Kind) is { } seam)
        {
            CheckDriver(seam, source.Driver, $"{path}.driver", problems);
        }

        if (source.Kind == "replay" && source.File is not null && !File.Exists(source.File))
        {
            problems.Add($"{path}.file", $"'{source.File}' is not there; expected a CSV recording");
        }

        if (source.Address is { } address && address.Value is < 1 or > 247)
        {
            problems.Add($"{path}.address", "must be a number such as \"0x76\" or 118: 3 to 119 on I2C, 1 to 247 for Modbus");
        }
    }

    private static void CheckTopic(Settings settings, StreamSettings stream, string path, ProblemList problems)
    {
        if (stream.Source.Kind != "mqtt" || string.IsNullOrEmpty(stream.Source.Topic))
        {
            return;
        }

        string topic = stream.Source.Topic;
        if (TopicFilter.FindProblem(topic) is { } problem)
        {
            problems.Add($"{path}.source.topic", problem);
            return;
        }

        TopicFilter filter = new(topic);
        foreach (string own in OwnTopics(settings).Where(own => filter.Overlaps(new TopicFilter(own))))
        {
            problems.Add($"{path}.source.topic", $"'{topic}' matches what this device publishes itself, {own}: a loop");
        }

        if (TopicFilter.NamesDevice(topic) && stream.Name.Length > DeviceStreamNameLimit)
        {
            problems.Add($"{path}.name", $"may have {DeviceStreamNameLimit} characters beside {TopicFilter.DevicePlace}, as the "
                + $"device's name follows it; got {stream.Name.Length}");
        }
    }

    private static IEnumerable<string> OwnTopics(Settings settings)
    {
        yield return $"{settings.Mqtt.TopicPrefix}/{settings.Device}/#";
        if (settings.Mqtt.HomeAssistant)
        {
            yield return $"{settings.Mqtt.HomeAssistantPrefix}/device/#";
        }
    }

    private static void CheckDevices(Settings settings, ProblemList problems)
    {
        int streams = settings.Streams.Sum(s => TopicFilter.NamesDevice(s.Source.Topic) ? s.Source.MaxDevices : 1);
        if (streams > StreamLimit && settings.Streams.Count <= StreamLimit)
        {
            problems.Add("streams", $"may become {StreamLimit} at most; with the maxDevices of topics with "
                + $"{TopicFilter.DevicePlace} they may become {streams}");
        }
    }

    private static void CheckNeeded(SourceSettings source, string path, ProblemList problems)
    {
        (string key, string? value, string what) = source.Kind switch
        {
            "serial" or "modbus" => ("port", source.Port, $"a {source.Kind} source, such as /dev/serial/by-id/…"),
            "i2c" => ("port", source.Port, "an i2c source, such as /dev/i2c-1"),
            "mqtt" => ("topic", source.Topic, "an mqtt source, such as zigbee2mqtt/freezer"),
            "replay" => ("file", source.File, "a replay source: a CSV recording"),
            _ => ("", "none", ""),
        };
        if (string.IsNullOrEmpty(value))
        {
            problems.Add($"{path}.{key}", $"is required for {what}");
        }
    }

    private static void CheckUnused(SourceSettings source, string path, ProblemList problems)
    {
        Unused(source.Topic is not null, "topic", "mqtt");
        Unused(source.Address is not null, "address", "i2c", "modbus");
        Unused(source.RateHz is not null, "rateHz", "i2c", "iio", "hwmon", "system", "modbus");
        Unused(source.Device is not null, "device", "iio", "hwmon");
        Unused(source.Root is not null, "root", "iio", "hwmon", "system");
        Unused(source.Driver is not null, "driver", "serial", "i2c");

        void Unused(bool given, string key, params string[] kinds)
        {
            if (given && !kinds.Contains(source.Kind))
            {
                problems.Add($"{path}.{key}", $"is for {string.Join(", ", kinds)} only; leave it out");
            }
        }
    }

    private static void CheckName(string name, string path, ProblemList problems)
    {
        if (!IsName(name))
        {
            problems.Add(path,
                $"must be 1 to {NameLimit} letters, digits, '-' or '_', as it becomes part of a topic; got '{name}'");
        }
    }

    // Home Assistant's ids allow no more than this, and a topic needs no more.
    private static bool IsName(string name) =>
        name.Length is > 0 and <= NameLimit && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>The same settings with every file name made absolute against <paramref name="folder"/>.</summary>
    public static Settings RelativeTo(this Settings settings, string folder)
    {
        // What cannot be a file name stays as it is, for the message about it.
        string At(string name) => name.Length == 0 || name.Contains('\0') ? name : Path.GetFullPath(name, folder);
        string? AtOrNull(string? name) => name is null ? null : At(name);
        return settings with
        {
            StateDirectory = AtOrNull(settings.StateDirectory),
            Outbox = settings.Outbox is { } outbox ? outbox with { Path = AtOrNull(outbox.Path) } : null,
            Mqtt = settings.Mqtt with
            {
                PasswordFile = AtOrNull(settings.Mqtt.PasswordFile),
                Tls = settings.Mqtt.Tls is { } tls
                    ? new TlsSettings(AtOrNull(tls.CaFile), AtOrNull(tls.CertificateFile), AtOrNull(tls.KeyFile))
                    : null,
            },
            Streams = [.. settings.Streams.Select(stream => stream with
            {
                Model = AtOrNull(stream.Model),
                Source = stream.Source with
                {
                    Profile = At(stream.Source.Profile),
                    File = AtOrNull(stream.Source.File),
                    Port = AtOrNull(stream.Source.Port),
                    Root = AtOrNull(stream.Source.Root),
                },
            })],
        };
    }
}
