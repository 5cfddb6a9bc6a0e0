// A configuration that was read with everything it names: profiles and models, checked against each other.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Configuration;

/// <summary>One stream with what its settings name.</summary>
/// <param name="Settings">The settings, file names made absolute.</param>
/// <param name="Profile">The sensor node's profile.</param>
/// <param name="Model">The trained model, golden vectors checked.</param>
public sealed record StreamPlan(StreamSettings Settings, SensorProfile Profile, Model Model)
{
    /// <summary>True where the topic has {device}: no stream itself, but one for each device that speaks.</summary>
    public bool IsForEachDevice => TopicFilter.NamesDevice(Settings.Source.Topic);

    /// <summary>Sample period in milliseconds: the configured one, else the model's.</summary>
    public double SamplePeriodMs => Settings.SamplePeriodMs ?? Model.Manifest.SamplePeriodMs;

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
        PrecisionNames.TryParse(Settings.Precision ?? "", out WeightPrecision asked) ? asked : Model.Precision;

    /// <summary>The profile channel for each model input, in the model's order.</summary>
    public IReadOnlyList<string> ProfileChannels =>
        [.. Model.Manifest.Inputs.Select(input => Settings.Channels?.GetValueOrDefault(input.Name) ?? input.Name)];
}

/// <summary>A whole configuration, ready to run.</summary>
public sealed record DevicePlan(Settings Settings, IReadOnlyList<StreamPlan> Streams)
{
    /// <summary>Where the recurrent state is kept between runs; null for nowhere. systemd names the unit's folder in a
    /// variable.</summary>
    public string? StateDirectory => Settings.StateDirectory ?? Environment.GetEnvironmentVariable("STATE_DIRECTORY");

    /// <summary>Reads a configuration and everything it names; null when anything is wrong, with every problem listed.</summary>
    /// <param name="path">The configuration file; names in it are relative to its folder.</param>
    /// <param name="problems">Receives what was wrong.</param>
    public static DevicePlan? Load(string path, ProblemList problems)
    {
        Settings? settings = JsonFile.Read(path, SettingsJson.Default.Settings, problems);
        if (settings is null)
        {
            return null;
        }

        settings = settings.RelativeTo(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        SettingsRules.Check(settings, problems);
        List<StreamPlan> streams = [];
        for (int i = 0; i < settings.Streams.Count; i++)
        {
            if (LoadStream(settings.Streams[i], $"streams[{i}]", problems) is { } stream)
            {
                streams.Add(stream);
            }
        }

        SharedLineRules.Check(settings, streams, problems);
        return problems.Any ? null : new DevicePlan(settings, streams);
    }

    private static StreamPlan? LoadStream(StreamSettings settings, string path, ProblemList problems)
    {
        SensorProfile? profile = LoadProfile(settings.Source.Profile, $"{path}.source.profile", problems);
        Model? model = LoadModel(settings.Model, $"{path}.model", problems);
        if (profile is null || model is null)
        {
            return null;
        }

        StreamPlan stream = new(settings, profile, model);
        CheckPrecision(stream, $"{path}.precision", problems);
        CheckTransport(stream, $"{path}.source.kind", problems);
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

    private static void CheckPrecision(StreamPlan stream, string path, ProblemList problems)
    {
        WeightPrecision stored = stream.Model.Precision;
        if (stored != WeightPrecision.Float32 && stream.Precision != stored && stream.Precision != WeightPrecision.Float32)
        {
            problems.Add(path, $"the model's file holds {PrecisionNames.Of(stored)} weights; as "
                + $"{PrecisionNames.Of(stream.Precision)} they would lose twice: name the file with float32 weights");
        }
        else if (stream.Model.FindReasonAgainst(stream.Precision) is { } reason)
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

    private static Model? LoadModel(string file, string path, ProblemList problems)
    {
        try
        {
            return ModelFile.Load(file);
        }
        catch (ModelFileException failure)
        {
            problems.Add(path, failure.Message);
            return null;
        }
    }
}
