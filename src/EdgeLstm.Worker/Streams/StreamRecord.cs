// What one step of one stream leaves behind: the sample, the forecasts made from it, its score and the alarm.

namespace EdgeLstm.Worker.Streams;

/// <summary>Where a stream stands between its sensor and its model.</summary>
public enum StreamStatus : byte
{
    /// <summary>The model steps, but its state has not yet seen as many samples as the manifest asks for: no score.</summary>
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

/// <summary>One step of one stream. Reused: a ring owns a fixed number of them.</summary>
/// <param name="channelCount">Number of input channels of the model.</param>
/// <param name="outputCount">Number of outputs of the model.</param>
public sealed class StreamRecord(int channelCount, int outputCount)
{
    /// <summary>Counts the steps of this stream since the process started, from 1. Gaps never occur in it, only in what is published.</summary>
    public long Sequence;

    /// <summary>When the sample was taken, in milliseconds since 1970 UTC.</summary>
    public long TimestampUnixMs;

    public StreamStatus Status;
    public AlarmState Alarm;
    public StreamEvent Event;

    /// <summary>−log10 of the tail probability of this sample's residual; NaN while there is none.</summary>
    public float Score;

    /// <summary>Channel values in physical units [channels]; NaN where the sample had none.</summary>
    public readonly float[] Values = new float[channelCount];

    /// <summary>Value minus the forecast made for it [channels]; NaN where there is none.</summary>
    public readonly float[] Residuals = new float[channelCount];

    /// <summary>Model outputs in physical units [outputs]; NaN while the stream is stale.</summary>
    public readonly float[] Outputs = new float[outputCount];

    /// <summary>Lower edge of each output's band [outputs]; NaN where the model has no calibration.</summary>
    public readonly float[] Low = new float[outputCount];

    /// <summary>Upper edge of each output's band [outputs]; NaN where the model has no calibration.</summary>
    public readonly float[] High = new float[outputCount];

    /// <summary>Copies every field of <paramref name="source"/>, which must have the same channel and output counts.</summary>
    public void CopyFrom(StreamRecord source)
    {
        Sequence = source.Sequence;
        TimestampUnixMs = source.TimestampUnixMs;
        Status = source.Status;
        Alarm = source.Alarm;
        Event = source.Event;
        Score = source.Score;
        source.Values.CopyTo(Values, 0);
        source.Residuals.CopyTo(Residuals, 0);
        source.Outputs.CopyTo(Outputs, 0);
        source.Low.CopyTo(Low, 0);
        source.High.CopyTo(High, 0);
    }
}
