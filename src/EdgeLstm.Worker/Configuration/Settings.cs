// The configuration file `edgelstm.json`: the device, its broker and its streams.

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Configuration;

/// <summary>The whole configuration of one device.</summary>
public sealed record Settings(
    [property: Description("Name of this device: part of every topic; letters, digits, '-' and '_'.")]
    string Device,
    [property: Description("The broker that messages go to.")]
    MqttSettings Mqtt,
    [property: Description("One entry for each sensor stream with its model.")]
    IReadOnlyList<StreamSettings> Streams,
    [property: Description("Where the recurrent state is kept between runs; default: $STATE_DIRECTORY, else none is kept.")]
    string? StateDirectory = null,
    [property: Description("Of a saved state older than this many sample periods of its stream only what was learned is "
        + "restored: residuals, bands, threshold.")]
    [property: Range(1, 1_000_000)]
    int StateMaxAgePeriods = 1000,
    [property: Description("Seconds between two states of a running stream on disk: what kill -9 or a power cut costs at most.")]
    [property: Range(1, 86_400)]
    int StateSaveSeconds = 60,
    [property: Description("Seconds after the start for which a system clock that is not synchronised is waited for: records say "
        + "timeSynced: false meanwhile. Then it is taken as it is; 0: at once.")]
    [property: Range(0, 31_536_000)]
    int TimeSyncWaitSeconds = 120,
    [property: Description("What is kept on disk until the broker has acknowledged it.")]
    OutboxSettings? Outbox = null,
    [property: Description("TCP port of 127.0.0.1 and ::1 on which GET /metrics gives the counters of health as Prometheus text; "
        + "left out: none.")]
    [property: Range(1, 65535)]
    int? MetricsPort = null,
    [property: Description("The schema of this file, for editors.")]
    [property: JsonPropertyName("$schema")]
    string? Schema = null);

/// <summary>The outbox on disk.</summary>
public sealed record OutboxSettings(
    [property: Description("The file; default outbox.db in the state directory, without one nothing is kept on disk.")]
    string? Path = null,
    [property: Description("What the broker has not acknowledged within this time is written to the disk, in milliseconds.")]
    [property: Range(100, 600_000)]
    int FlushIntervalMs = 1000,
    [property: Description("Size of the file at most, in bytes; then the oldest samples are dropped, then the oldest events, "
        + "counted.")]
    [property: Range(262_144, 1e12)]
    long MaxBytes = 268_435_456,
    [property: Description("Days after which a record is not worth sending any more.")]
    [property: Range(0, 3650, MinimumIsExclusive = true)]
    double MaxAgeDays = 7,
    [property: Description("normal: published at once, written when the acknowledgement is late; strict: written before it is "
        + "published.")]
    [property: AllowedValues("normal", "strict")]
    string? Durability = null);

/// <summary>How to reach the broker.</summary>
public sealed record MqttSettings(
    [property: Description("Name or address of the broker.")]
    string Host,
    [property: Description("TCP port; 1883, or 8883 with tls.")]
    [property: Range(1, 65535)]
    int? Port = null,
    [property: Description("MQTT client id; default edgelstm-<device>.")]
    string? ClientId = null,
    [property: Description("User name; also from environment EDGELSTM_MQTT_USERNAME.")]
    string? Username = null,
    [property: Description("Password in plain text; better: passwordFile, EDGELSTM_MQTT_PASSWORD or credential mqtt-password.")]
    string? Password = null,
    [property: Description("File whose first line is the password.")]
    string? PasswordFile = null,
    [property: Description("TLS settings; leave out for a plain connection.")]
    TlsSettings? Tls = null,
    [property: Description("Seconds between keep-alive packets; a silent broker is noticed within twice this time.")]
    [property: Range(5, 3600)]
    int KeepAliveSeconds = 15,
    [property: Description("First level of every topic.")]
    string TopicPrefix = "edgelstm",
    [property: Description("QoS 1 messages under way at most before their acknowledgements come back.")]
    [property: Range(1, 1000)]
    int InFlight = 64,
    [property: Description("Records per stream kept while the broker is away; then the oldest are dropped and counted.")]
    [property: Range(1, 1_000_000)]
    int BacklogRecords = 4096,
    [property: Description("Records per second sent to the history topic after the broker is back.")]
    [property: Range(1, 100_000)]
    int HistoryRecordsPerSecond = 200,
    [property: Description("Announce the streams to Home Assistant.")]
    bool HomeAssistant = false,
    [property: Description("Home Assistant's discovery prefix.")]
    string HomeAssistantPrefix = "homeassistant",
    [property: Description("Answer edgelstm/<device>/request/<verb>.")]
    bool Requests = false,
    [property: Description("Seconds between two health messages.")]
    [property: Range(1, 86_400)]
    int HealthSeconds = 60,
    [property: Description("What speaks to the broker; mqttnet in builds with -p:FieldPackages=true only. Default: "
        + "libmosquitto.")]
    [property: AllowedValues("libmosquitto", "mqttnet")]
    string? Driver = null);

/// <summary>TLS of the broker connection; the broker's certificate is always verified.</summary>
public sealed record TlsSettings(
    [property: Description("File with the certificate authority; default: the system's.")]
    string? CaFile = null,
    [property: Description("This client's certificate (PEM).")]
    string? CertificateFile = null,
    [property: Description("This client's private key (PEM).")]
    string? KeyFile = null);

/// <summary>One sensor stream: where its bytes come from, the model they feed, what is said about them.</summary>
public sealed record StreamSettings(
    [property: Description("Name of the stream: part of its topics; letters, digits, '-' and '_'.")]
    string Name,
    [property: Description("Where the bytes come from.")]
    SourceSettings Source,
    [property: Description("The trained model (.safetensors); without one the stream learns to forecast from its own "
        + "samples.")]
    string? Model = null,
    [property: Description("Model input → profile channel, where the names differ. Without a model: the channels to use, by the "
        + "name they get; default: all of the profile.")]
    IReadOnlyDictionary<string, string>? Channels = null,
    [property: Description("Sample period in milliseconds, where the stream runs at another pace than the model was trained at, "
        + "or without a model than the profile's rate.")]
    [property: Range(0.01, 86_400_000)]
    double? SamplePeriodMs = null,
    [property: Description("How readings become the model's evenly spaced samples.")]
    ClockSettings? Clock = null,
    [property: Description("When an alarm is raised and cleared.")]
    AlarmSettings? Alarm = null,
    [property: Description("Which samples are published.")]
    PublishSettings? Publish = null,
    [property: Description("How the weights of recurrent layers are held; default: as the model file says. bfloat16 and int8 are "
        + "smaller and faster; `edgelstm evaluate` says what they cost in accuracy.")]
    [property: AllowedValues("float32", "bfloat16", "int8")]
    string? Precision = null,
    [property: Description("Without a model: samples that are learned from before the first forecast and score; a sixtieth of "
        + "them is what a forecast step is long. Default 600.")]
    [property: Range(60, 100_000)]
    int? WarmUpSamples = null,
    [property: Description("Samples ahead that a model is run on to, fed with its own forecasts: 2 to 1000, at most 8 of "
        + "them. For a model that forecasts the next sample.")]
    IReadOnlyList<int>? RollOut = null,
    [property: Description("Samples that the model's last layer, a linear dense one, remembers while it goes on learning from "
        + "the stream's normal samples; beside it stays the one that was shipped, and the better of the two is published. 2000 "
        + "serves most; left out: it does not learn. For a model with point forecasts.")]
    [property: Range(AdaptiveHead.LeastMemory, AdaptiveHead.MostMemory)]
    int? AdaptSamples = null,
    [property: Description("SHA-256 that the model's file must have, 64 hexadecimal digits; another file is refused.")]
    string? ModelSha256 = null)
{
    /// <summary>Horizons of a roll-out at most: each is one more forecast with its band.</summary>
    public const int MaxRollOuts = 8;
}

/// <summary>Where the bytes of a stream come from.</summary>
public sealed record SourceSettings(
    [property: Description("serial: a port; i2c: a sensor on a bus; iio, hwmon: a kernel driver's sensor; system: the Pi itself; "
        + "modbus: RTU slaves on a port; mqtt: messages of the broker; replay: a CSV recording; stdin: standard input.")]
    [property: AllowedValues("serial", "i2c", "iio", "hwmon", "system", "modbus", "mqtt", "replay", "stdin")]
    string Kind,
    [property: Description("The sensor node's profile (firmware-configs/**/*.json).")]
    string Profile,
    [property: Description("serial, modbus: the port, best by /dev/serial/by-id/…; i2c: the bus, such as /dev/i2c-1.")]
    string? Port = null,
    [property: Description("serial, modbus: baud rate, where it differs from the profile's.")]
    [property: Range(50, 10_000_000)]
    int? Baud = null,
    [property: Description("i2c: address, where it differs from the profile's; modbus: the slave's.")]
    HexNumber? Address = null,
    [property: Description("i2c, iio, hwmon, system, modbus: readings per second, where they differ from the profile's.")]
    [property: Range(0, 100_000, MinimumIsExclusive = true)]
    double? RateHz = null,
    [property: Description("iio, hwmon: which device of several with that name: iio:device1, hwmon2.")]
    string? Device = null,
    [property: Description("iio, hwmon, system: folder that stands for / in /sys, /proc and /dev; for tests.")]
    string? Root = null,
    [property: Description("mqtt: the topic; + stands for one level, # for the rest. {device} in place of one level makes one "
        + "stream for each device that it names: <stream>-<device>.")]
    string? Topic = null,
    [property: Description("mqtt: streams that {device} makes at most; messages of further devices are counted and dropped.")]
    [property: Range(1, 64)]
    int MaxDevices = 16,
    [property: Description("replay: the recording.")]
    string? File = null,
    [property: Description("replay: 1 in real time, N times faster, 0 as fast as possible.")]
    [property: Range(0, 1e9)]
    double Speed = 1,
    [property: Description("What reads it. serial: termios or system-io-ports, default termios; i2c: i2c-dev or device-bindings, "
        + "default i2c-dev. The second of each in builds with -p:FieldPackages=true only.")]
    [property: AllowedValues("termios", "system-io-ports", "i2c-dev", "device-bindings")]
    string? Driver = null);

/// <summary>How readings become evenly spaced samples.</summary>
public sealed record ClockSettings(
    [property: Description("each: every reading is one sample; hold: the first reading of each period, at once; "
        + "mean: the mean of each period. Default: each where the profile's rate is the model's, else hold.")]
    [property: AllowedValues("each", "hold", "mean")]
    string? Resample = null,
    [property: Description("Missing samples in a row that are filled with the model's own forecast before the stream is stale.")]
    [property: Range(0, 100_000)]
    int FillSamples = 10,
    [property: Description("hold: periods for which an old reading still stands for a missing one.")]
    [property: Range(0, 100_000)]
    int HoldPeriods = 0);

/// <summary>When an alarm is raised and cleared.</summary>
public sealed record AlarmSettings(
    [property: Description("False alarms a day that are acceptable on normal data; the score at which an alarm is raised is "
        + "learned from it.")]
    [property: Range(0, 1000, MinimumIsExclusive = true)]
    double FalseAlarmsPerDay = 1,
    [property: Description("Samples that an alarm must have lasted before it is raised; more than 1 gives fewer alarms than "
        + "asked for.")]
    [property: Range(1, 100_000)]
    int RaiseSamples = 1,
    [property: Description("Quiet samples in a row that clear the alarm; alarms closer than this are one. Default: a minute's "
        + "samples, at least 5.")]
    [property: Range(1, 1_000_000)]
    int? ClearSamples = null);

/// <summary>Which samples are published; a change of the alarm always is.</summary>
public sealed record PublishSettings(
    [property: Description("Publish every N-th sample.")]
    [property: Range(1, 1_000_000)]
    int EverySamples = 1,
    [property: Description("Seconds between two published samples at least; 0 for no limit.")]
    [property: Range(0, 86_400)]
    double AtMostEverySeconds = 0);

/// <summary>Source-generated reading of <see cref="Settings"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Settings))]
public sealed partial class SettingsJson : JsonSerializerContext;
