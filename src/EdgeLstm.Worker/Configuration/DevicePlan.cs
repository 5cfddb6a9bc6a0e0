// A configuration that was read with everything it names: profiles and models, checked against each other.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Configuration;

/// <summary>One stream with what its settings name.</summary>
/// <param name="Settings">The settings, file names made absolute.</param>
/// <param name="Profile">The sensor node's profile.</param>
/// <param name="Model">The trained model, golden vectors checked; null where the stream learns by itself.</param>
public sealed record StreamPlan(StreamSettings Settings, SensorProfile Profile, Model? Model)
{
    /// <summary>Samples that a stream without a model learns from first, unless told.</summary>
    public const int DefaultWarmUpSamples = 600;

    /// <summary>The model's manifest, with the outputs that it is run on to; without a model what the stream's own linear head
    /// forecasts.</summary>
    public ModelManifest Manifest => Model is null
        ? OnlineManifest.Create(
            OwnChannels(), SamplePeriodMs, Settings.WarmUpSamples ?? DefaultWarmUpSamples, DetectorSettings.Default)
        : RollOut.Extend(Model.Manifest, Settings.RollOut ?? []);

    /// <summary>True where the topic has {device}: no stream itself, but one for each device that speaks.</summary>
    public bool IsForEachDevice => TopicFilter.NamesDevice(Settings.Source.Topic);

    /// <summary>Samples for which a score stands: a bucket's without a model, else one.</summary>
    public int SamplesPerScore => Model is null ? DetectorSettings.Default.BucketRows(Manifest.WarmUpSamples) : 1;

    /// <summary>Sample period in milliseconds: the configured one, else the model's, else that of the readings; +∞ where nothing
    /// says it.</summary>
    public double SamplePeriodMs =>
        Settings.SamplePeriodMs ?? Model?.Manifest.SamplePeriodMs ?? 1000 / (Settings.Source.RateHz ?? Profile.RateHz);

    /// <summary>Readings per second of a source that asks its sensor: as configured, else the profile's, else one a
    /// sample.</summary>
    public double ReadRateHz =>
        Settings.Source.RateHz ?? (Profile.RateHz > 0 ? Profile.RateHz : 1000 / SamplePeriodMs);

    /// <summary>Readings per second, as far as known: those of a source that asks, else what the profile says; 0 when that is not
    /// fixed.</summary>
    public double ReadingsHz =>
        Settings.Source.Kind is "i2c" or "iio" or "hwmon" or "system" or "modbus" ? ReadRateHz : Profile.RateHz;

    /// <summary>How the port is set, of a serial or Modbus source: the source's rate goes before the profile's.</summary>
    public SerialSettings SerialSettings => Profile.TransportOrSerial.SerialSettingsAt(Settings.Source.Baud);

    /// <summary>How the weights of recurrent layers are held: as configured, else as the model file says.</summary>
    public WeightPrecision Precision =>
        PrecisionNames.TryParse(Settings.Precision ?? "", out WeightPrecision asked)
            ? asked
            : Model?.Precision ?? WeightPrecision.Float32;

    /// <summary>The profile channel for each input but <see cref="ClockInputs"/>, in the manifest's order.</summary>
    public IReadOnlyList<string> ProfileChannels =>
    [
        .. Manifest.Inputs.Take(SensorInputs).Select(input => Settings.Channels?.GetValueOrDefault(input.Name) ?? input.Name),
    ];

    /// <summary>The last inputs of the model that are computed from the time of a sample, as no channel has their
    /// names.</summary>
    public IReadOnlyList<InputManifest> ClockInputs => [.. Manifest.Inputs.Skip(SensorInputs)];

    /// <summary>The profile that the records of this stream's source are read by.</summary>
    /// <param name="source">The stream's source: the sensor, a recording of it, or one that computes the channels
    /// itself.</param>
    public SensorProfile ProfileOf(ByteSource source) =>
        source.HasRecordedTime ? Profile.OfRecording() : source.GivesPhysicalValues ? Profile.OfValues() : Profile;

    private int SensorInputs
    {
        get
        {
            int count = Manifest.Inputs.Count;
            while (count > 1 && ClockInput.Find(Manifest.Inputs[count - 1].Name) is { Name: var name }
                && Settings.Channels?.ContainsKey(name) != true && !Profile.Channels.Any(channel => channel.Name == name))
            {
                count--;
            }

            return count;
        }
    }

    // Without a model: the channels that the settings name, else all of the profile, as they are.
    private InputManifest[] OwnChannels()
    {
        return Settings.Channels?.ToArray(pair => Own(pair.Key, pair.Value))
            ?? Profile.Channels.ToArray(channel => Own(channel.Name, channel.Name));

        InputManifest Own(string name, string channel) => new(name, UnitOf(channel), Offset: 0, Scale: 1);
    }

    private string UnitOf(string channel)
    {
        string? unit = Profile.Channels.FirstOrDefault(known => known.Name == channel)?.Unit;
        return string.IsNullOrEmpty(unit) ? "1" : unit;
    }
}

/// <summary>A whole configuration, ready to run.</summary>
public sealed record DevicePlan(Settings Settings, IReadOnlyList<StreamPlan> Streams)
{
    /// <summary>The configuration file it was read from; empty for none.</summary>
    public string Path { get; init; } = "";

    /// <summary>Where the recurrent state is kept between runs; null for nowhere. systemd names the unit's folder in a
    /// variable.</summary>
    public string? StateDirectory => Settings.StateDirectory ?? Environment.GetEnvironmentVariable("STATE_DIRECTORY");

    /// <summary>The outbox on disk; null where nothing is kept there.</summary>
    internal OutboxPlan? Outbox
    {
        get
        {
            OutboxSettings settings = Settings.Outbox ?? new OutboxSettings();
            string? path = settings.Path ?? (StateDirectory is null ? null : System.IO.Path.Combine(StateDirectory, "outbox.db"));
            return path is null
                ? null
                : new OutboxPlan(
                    path, new OutboxLimits(settings.MaxBytes, TimeSpan.FromDays(settings.MaxAgeDays)),
                    TimeSpan.FromMilliseconds(settings.FlushIntervalMs), settings.Durability == "strict");
        }
    }

    /// <summary>Reads a configuration and everything it names; null when anything is wrong, with every problem listed.</summary>
    /// <param name="path">The configuration file; names in it are relative to its folder.</param>
    /// <param name="problems">Receives what was wrong.</param>
    /// <param name="former">The configuration before it, whose models are used again where their files have not changed.</param>
    public static DevicePlan? Load(string path, ProblemList problems, DevicePlan? former = null)
    {
        Settings? settings = JsonFile.Read(path, SettingsJson.Default.Settings, problems);
        if (settings is null)
        {
            return null;
        }

        settings = settings.RelativeTo(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        SettingsRules.Check(settings, problems);
        ModelShelf models = new((former?.Streams ?? []).Select(stream => stream.Model).OfType<Model>());
        List<StreamPlan> streams = [];
        for (int i = 0; i < settings.Streams.Count; i++)
        {
            if (LoadStream(settings.Streams[i], models, $"streams[{i}]", problems) is { } stream)
            {
                streams.Add(stream);
            }
        }

        SharedLineRules.Check(settings, streams, problems);
        return problems.Any ? null : new DevicePlan(settings, streams) { Path = path };
    }

    /// <summary>The same configuration with one stream's settings replaced; null when anything is wrong with them.</summary>
    /// <param name="settings">The stream's new settings, file names made absolute.</param>
    /// <param name="sha256">The hash that the model's file must have this once.</param>
    /// <param name="problems">Receives what was wrong.</param>
    internal DevicePlan? With(StreamSettings settings, string sha256, ProblemList problems)
    {
        ModelShelf models = new(Streams.Select(stream => stream.Model).OfType<Model>());
        StreamPlan? changed = LoadStream(settings with { ModelSha256 = sha256 }, models, settings.Name, problems);
        if (changed is null || problems.Any)
        {
            return null;
        }

        changed = changed with { Settings = settings };

        bool IsThis(StreamSettings other) => other.Name == settings.Name;
        return this with
        {
            Settings = Settings with { Streams = [.. Settings.Streams.Select(other => IsThis(other) ? settings : other)] },
            Streams = [.. Streams.Select(stream => IsThis(stream.Settings) ? changed : stream)],
        };
    }

    private static StreamPlan? LoadStream(StreamSettings settings, ModelShelf models, string path, ProblemList problems)
    {
        SensorProfile? profile = LoadProfile(settings.Source.Profile, $"{path}.source.profile", problems);
        Model? model = settings.Model is null ? null : LoadModel(settings, models, $"{path}.model", problems);
        if (profile is null || (model is null && settings.Model is not null))
        {
            return null;
        }

        CheckAdapting(settings, model, $"{path}.adaptSamples", problems);
        if (!CheckRollOut(settings.RollOut, model, $"{path}.rollOut", problems))
        {
            return null;
        }

        StreamPlan stream = new(settings, profile, model);
        CheckTransport(stream, $"{path}.source.kind", problems);
        CheckDriver(stream, $"{path}.source", problems);
        if (model is null)
        {
            return CheckWithoutModel(stream, path, problems) ? stream : null;
        }

        CheckPrecision(stream, model, $"{path}.precision", problems);
        if (settings.WarmUpSamples is not null)
        {
            problems.Add($"{path}.warmUpSamples", $"is for a stream without a model; '{model.Manifest.Name}' says its own");
        }

        profile.FindMissingChannels(stream.ProfileChannels, $"{path}.channels", problems);
        foreach (string input in settings.Channels?.Keys ?? [])
        {
            if (model.Manifest.IndexOfInput(input) < 0)
            {
                string nearest = NearestName.DidYouMean(input, model.Manifest.Inputs.Select(known => known.Name));
                problems.Add($"{path}.channels.{input}", $"model '{model.Manifest.Name}' has no input '{input}'{nearest}");
            }
        }

        return stream;
    }

    private static bool CheckWithoutModel(StreamPlan stream, string path, ProblemList problems)
    {
        if (stream.Settings.Precision is not null)
        {
            problems.Add($"{path}.precision", "is for the weights of a model; there is none");
        }

        if (!double.IsFinite(stream.SamplePeriodMs))
        {
            problems.Add($"{path}.samplePeriodMs", $"is needed: there is no model, and profile '{stream.Profile.Name}' has no "
                + "rateHz that says how often a sample comes");
            return false;
        }

        stream.Profile.FindMissingChannels(stream.ProfileChannels, $"{path}.channels", problems);
        int channels = stream.ProfileChannels.Count;
        if (channels is 0 or > OnlineManifest.MaxChannels)
        {
            problems.Add($"{path}.channels", $"must name 1 to {OnlineManifest.MaxChannels} channels where there is no model; "
                + $"got {channels}");
        }

        return channels > 0;
    }

    private static bool CheckRollOut(IReadOnlyList<int>? horizons, Model? model, string path, ProblemList problems)
    {
        if (horizons is null)
        {
            return true;
        }

        string? problem = model is null
            ? "is for a model; without one several horizons are forecast anyway"
            : RollOut.FindReasonAgainst(model.Manifest);
        if (horizons.Any(horizon => horizon is < 2 or > RollOut.MaxSteps) || new HashSet<int>(horizons).Count < horizons.Count
            || horizons.Count > StreamSettings.MaxRollOuts)
        {
            problem = $"must be at most {StreamSettings.MaxRollOuts} different numbers of samples from 2 to {RollOut.MaxSteps}; "
                + $"got {string.Join(", ", horizons)}";
        }

        if (problem is not null)
        {
            problems.Add(path, problem);
        }

        return problem is null;
    }

    private static void CheckAdapting(StreamSettings settings, Model? model, string path, ProblemList problems)
    {
        string? problem = settings.AdaptSamples is null ? null
            : model is null ? "is for a model; without one the stream learns from its own samples anyway"
            : AdaptiveHead.FindReasonAgainst(model.Manifest);
        if (problem is not null)
        {
            problems.Add(path, problem);
        }
    }

    private static void CheckPrecision(StreamPlan stream, Model model, string path, ProblemList problems)
    {
        WeightPrecision stored = model.Precision;
        if (stored != WeightPrecision.Float32 && stream.Precision != stored && stream.Precision != WeightPrecision.Float32)
        {
            problems.Add(path, $"the model's file holds {PrecisionNames.Of(stored)} weights; as "
                + $"{PrecisionNames.Of(stream.Precision)} they would lose twice: name the file with float32 weights");
        }
        else if (model.FindReasonAgainst(stream.Precision) is { } reason)
        {
            problems.Add(path, reason);
        }
    }

    // A recording or a pipe stands for any sensor; else the profile says what it is reached by.
    private static void CheckTransport(StreamPlan stream, string path, ProblemList problems)
    {
        string kind = stream.Settings.Source.Kind;
        string expected = stream.Profile.TransportOrSerial.Kind;
        if (kind is not ("replay" or "stdin") && kind != expected)
        {
            problems.Add(path, $"must be '{expected}', which profile '{stream.Profile.Name}' is for; got '{kind}'");
        }
        else if (kind == "stdin" && expected != "serial")
        {
            problems.Add(path, $"cannot be 'stdin': profile '{stream.Profile.Name}' is for '{expected}', whose records have no "
                + "ends of their own");
        }
    }

    private static void CheckDriver(StreamPlan stream, string path, ProblemList problems)
    {
        bool isNamed = Drivers.I2c.IsNamed(stream.Settings.Source.Driver);
        if (stream.Profile.TransportOrSerial.I2c is { NeedsBinding: true } && stream.Settings.Source.Kind == "i2c" && !isNamed)
        {
            problems.Add($"{path}.driver", $"must be '{Drivers.I2c.Named}': profile '{stream.Profile.Name}' has no "
                + "transport.i2c.measure");
        }
#if FIELD_PACKAGES

        if (isNamed && stream.Profile.TransportOrSerial.I2c is not null)
        {
            FieldPackages.DeviceBindings.Check(stream, path, problems);
        }
#endif
    }

    private static SensorProfile? LoadProfile(string file, string path, ProblemList problems)
    {
        ProblemList inProfile = new(file);
        SensorProfile? profile = SensorProfile.Load(file, inProfile);
        foreach ((string where, string message) in inProfile.Problems)
        {
            problems.Add(path, where.Length == 0 ? $"{file} {message}" : $"{file}: {where}: {message}");
        }

        return profile;
    }

    private static Model? LoadModel(StreamSettings stream, ModelShelf models, string path, ProblemList problems)
    {
        try
        {
            return models.Load(stream.Model!, stream.ModelSha256);
        }
        catch (ModelFileException failure)
        {
            problems.Add(path, failure.Message);
            return null;
        }
    }
}
