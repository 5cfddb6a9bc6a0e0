// What one step of one stream leaves behind: the sample, the forecasts made from it, its score and the alarm.

namespace EdgeLstm.Worker.Streams;

/// <summary>Where a stream stands between its sensor and its model.</summary>
public enum StreamStatus : byte
{
    /// <summary>Samples are taken, but not yet as many as the model or the first day's learning needs: no score.</summary>
    Warming,

    /// <summary>Samples arrive and are scored.</summary>
    Live,

    /// <summary>This step's sample was missing; the model was fed its own forecast.</summary>
    Filling,

    /// <summary>The gap is longer than the limit: nothing is fed, nothing is forecast.</summary>
    Stale,
}

/// <summary>The latched alarm of a stream.</summary>
public enum AlarmState : byte
{
    Clear,
    Raised,
}

/// <summary>What makes a record an event rather than one more sample.</summary>
public enum StreamEvent : byte
{
    None,
    AlarmRaised,
    AlarmCleared,
    StreamLost,
    StreamBack,
}

/// <summary>When an alarm began, was highest and ended, so far.</summary>
/// <param name="OnsetUnixMs">Its first sample at or above the threshold, in milliseconds since 1970 UTC.</param>
/// <param name="PeakUnixMs">Its highest score.</param>
/// <param name="EndUnixMs">Its last sample that was not quiet.</param>
/// <param name="PeakScore">Its highest score.</param>
public readonly record struct AlarmIncident(long OnsetUnixMs, long PeakUnixMs, long EndUnixMs, float PeakScore);

/// <summary>One step of one stream. Reused: a ring owns a fixed number of them.</summary>
/// <param name="channelCount">Number of input channels of the model.</param>
/// <param name="outputCount">Number of outputs of the model.</param>
public sealed class StreamRecord(int channelCount, int outputCount)
{
    /// <summary>Counts the steps of this stream since the process started, from 1. Gaps never occur in it, only in what is
    /// published.</summary>
    public long Sequence { get; set; }

    /// <summary>When the sample was taken, in milliseconds since 1970 UTC.</summary>
    public long TimestampUnixMs { get; set; }

    /// <summary>True where the system's clock was not synchronised yet, so that the timestamp is right but for a
    /// correction.</summary>
    public bool IsUnsynced { get; set; }

    public StreamStatus Status { get; set; }
    public AlarmState Alarm { get; set; }
    public StreamEvent Event { get; set; }

    /// <summary>How improbable this sample is, −log10 of a probability, or how new; NaN while that cannot be told.</summary>
    public float Score { get; set; }

    /// <summary>The score at which an alarm begins; +∞ while none can be stated.</summary>
    public float Threshold { get; set; }

    /// <summary>The current alarm, or the last one.</summary>
    public AlarmIncident Incident { get; set; }

    // One array for all figures: a ring of thousands of records stays compact and a copy is one block.
    private readonly float[] _figures = new float[(5 * channelCount) + (3 * outputCount)];

    /// <summary>Channel values in physical units [channels]; NaN where the sample had none.</summary>
    public Span<float> Values => _figures.AsSpan(0, channelCount);

    /// <summary>Value minus the forecast made for it [channels]; NaN where there is none.</summary>
    public Span<float> Residuals => _figures.AsSpan(channelCount, channelCount);

    /// <summary>Model outputs in physical units [outputs]; NaN while the stream is stale.</summary>
    public Span<float> Outputs => _figures.AsSpan(2 * channelCount, outputCount);

    /// <summary>Lower edge of each output's band [outputs]; NaN where there is no band yet.</summary>
    public Span<float> Low => _figures.AsSpan((2 * channelCount) + outputCount, outputCount);

    /// <summary>Upper edge of each output's band [outputs]; NaN where there is no band yet.</summary>
    public Span<float> High => _figures.AsSpan((2 * channelCount) + (2 * outputCount), outputCount);

    /// <summary>What each channel contributed to the alarm's peak, together 1 [channels]; NaN while the stream is
    /// stale.</summary>
    public Span<float> Contributions => _figures.AsSpan((2 * channelCount) + (3 * outputCount), channelCount);

    /// <summary>How likely each channel is to leave its operating limits within the longest horizon [channels]; NaN where it
    /// cannot be said, meaningless for a channel without limits.</summary>
    public Span<float> LimitProbabilities => _figures.AsSpan((3 * channelCount) + (3 * outputCount), channelCount);

    /// <summary>The expected time to that, in seconds [channels]; NaN where it cannot be said or is unlikely.</summary>
    public Span<float> LimitSeconds => _figures.AsSpan((4 * channelCount) + (3 * outputCount), channelCount);

    /// <summary>All figures in one row, for a ring to keep.</summary>
    internal Span<float> Figures => _figures;
}
