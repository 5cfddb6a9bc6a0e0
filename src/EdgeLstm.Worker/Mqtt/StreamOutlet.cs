// What the link must know of one stream: its names and units, and the ring its records come out of.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>One input channel of a stream's model.</summary>
/// <param name="Name">Key of the channel in payloads.</param>
/// <param name="Unit">Physical unit as the manifest writes it.</param>
/// <param name="HasLimits">True where records say how likely it is to leave its operating limits.</param>
public sealed record ChannelInfo(string Name, string Unit, bool HasLimits = false);

/// <summary>One output of a stream's model.</summary>
/// <param name="Name">The channel forecast, or the name of the figure or class.</param>
/// <param name="Unit">Physical unit as the manifest writes it.</param>
/// <param name="Horizon">Sample periods ahead; 0 for regression and classification.</param>
/// <param name="Quantile">Null for a point forecast; otherwise above 0 and below 1.</param>
public sealed record OutputInfo(string Name, string Unit, int Horizon, double? Quantile);

/// <summary>One stream as the broker sees it.</summary>
/// <param name="Name">One topic level.</param>
/// <param name="Model">Name of the model, shown by Home Assistant.</param>
/// <param name="SamplePeriodMs">Time between two samples.</param>
/// <param name="Channels">Input channels, in the order of the records.</param>
/// <param name="Outputs">Model outputs, in the order of the records.</param>
/// <param name="BandCoverage">Probability that a value lies between low and high, 0 to 1.</param>
/// <param name="Live">Records to publish; the pipeline writes it, the link reads it. At least 64 slots and two seconds of
/// records: so long may a broker pause before they move to the backlog.</param>
/// <param name="BacklogRecords">Records kept while the broker is away; when full the oldest go first, counted.</param>
/// <param name="PublishPeriodMs">The longest time the publishing policy leaves between two records; null: one sample
/// period.</param>
public sealed record StreamOutlet(
    string Name,
    string Model,
    double SamplePeriodMs,
    IReadOnlyList<ChannelInfo> Channels,
    IReadOnlyList<OutputInfo> Outputs,
    double BandCoverage,
    RecordRing Live,
    int BacklogRecords,
    double? PublishPeriodMs = null);
