// A sensor profile: what the firmware of one sensor node sends, and how its bytes become channels in physical units.

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using EdgeLstm.Core.Json;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Framing;

/// <summary>One sensor node, as described by a file of firmware-configs/.</summary>
public sealed record SensorProfile(
    [property: Description("Short name of the node, the file's name without .json.")]
    string Name,
    [property: Description("The quantities of a record; at least one.")]
    IReadOnlyList<ChannelProfile> Channels,
    [property: Description("How the bytes form records; not for the transports that give values by name (iio, hwmon, system).")]
    FramingProfile? Framing = null,
    [property: Description("How the bytes travel; a serial line at 115200 baud unless told.")]
    TransportProfile? Transport = null,
    [property: Description("What the node is, for people.")]
    string Description = "",
    [property: Description("Records per second that the firmware sends, or that are read; 0 when that is not fixed.")]
    [property: Range(0, 1_000_000)]
    double RateHz = 0,
    [property: Description("The schema of this file, for editors.")]
    [property: JsonPropertyName("$schema")]
    string? Schema = null)
{
    /// <summary>The framing, or that of values by name where the profile has none.</summary>
    [JsonIgnore]
    public FramingProfile FramingOrValues => Framing ?? FramingProfile.Values;

    /// <summary>The transport, or the default one.</summary>
    [JsonIgnore]
    public TransportProfile TransportOrSerial => Transport ?? TransportProfile.Serial;

    /// <summary>Reads a profile; null when anything is wrong with it, with every problem listed.</summary>
    /// <param name="file">The profile's JSON file.</param>
    /// <param name="problems">Receives what was wrong.</param>
    public static SensorProfile? Load(string file, ProblemList problems)
    {
        SensorProfile? profile = JsonFile.Read(file, ProfileJson.Default.SensorProfile, problems);
        if (profile is null)
        {
            return null;
        }

        profile.FindProblems(problems);
        return problems.Any ? null : profile;
    }

    /// <summary>Lists what is wrong beyond the kinds and ranges of single values.</summary>
    /// <param name="problems">Receives what was wrong.</param>
    public void FindProblems(ProblemList problems) => ProfileRules.Check(this, problems);

    /// <summary>The profile of a CSV recording of this node: text profiles record what the firmware sends; all others the
    /// channels themselves, in their units, under their names or, without a header, in their order.</summary>
    public SensorProfile OfRecording() => FramingOrValues.IsText
        ? this
        : this with
        {
            Transport = null,
            Framing = new FramingProfile("csv", Header: true, Columns: [.. Channels.Select(channel => channel.Name)]),
            Channels = ChannelsInTheirUnits(),
        };

    /// <summary>The profile of a source that gives the channels themselves, in their units: one float64 number for each channel
    /// asked for.</summary>
    public SensorProfile OfValues() => this with { Framing = FramingProfile.Values, Channels = ChannelsInTheirUnits() };

    /// <summary>Lists the names that are not channels of this profile.</summary>
    /// <param name="channelNames">Channels that a model or configuration asks for.</param>
    /// <param name="path">Where in the asking file they stand.</param>
    /// <param name="problems">Receives one problem for each name.</param>
    public void FindMissingChannels(IEnumerable<string> channelNames, string path, ProblemList problems)
    {
        foreach (string name in channelNames)
        {
            if (!Channels.Any(channel => channel.Name == name))
            {
                string nearest = NearestName.DidYouMean(name, Channels.Select(channel => channel.Name));
                problems.Add(path, $"profile '{Name}' has no channel '{name}'{nearest}");
            }
        }
    }

    private ChannelProfile[] ChannelsInTheirUnits() =>
        [.. Channels.Select(channel => channel with { Field = null, Scale = 1, Offset = 0 })];
}

/// <summary>One quantity of a record: value = raw · scale + offset.</summary>
public sealed record ChannelProfile(
    [property: Description("Name of the channel, as a model asks for it.")]
    string Name,
    [property: Description("Place in the record: a name, a dotted path or a 0-based index; the channel's name unless told.")]
    FieldPath? Field = null,
    [property: Description("Unit of the value after scaling.")]
    string Unit = "",
    [property: Description("Factor from the raw number to the unit.")]
    double Scale = 1,
    [property: Description("Added after scaling, in the unit.")]
    double Offset = 0,
    [property: Description("Smallest possible value, in the unit; a reading below it is missing.")]
    double? Minimum = null,
    [property: Description("Largest possible value, in the unit; a reading above it is missing.")]
    double? Maximum = null,
    [property: Description("Operating limit, in the unit: how likely the value is to fall below it is published.")]
    double? Low = null,
    [property: Description("Operating limit, in the unit: how likely the value is to rise above it is published.")]
    double? High = null)
{
    /// <summary>The field's name, path or index as text.</summary>
    [JsonIgnore]
    public string FieldText => Field?.Text ?? Name;
}

/// <summary>Source-generated reading of <see cref="SensorProfile"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SensorProfile))]
public sealed partial class ProfileJson : JsonSerializerContext;
