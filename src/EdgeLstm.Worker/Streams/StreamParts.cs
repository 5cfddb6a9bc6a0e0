// The parts that a stream's pipeline is put together from.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Streams;

/// <summary>The parts of one stream, each owned by its pipeline from here on.</summary>
public sealed record StreamParts(
    FrameDecoder Frames,
    ProfileReader Profile,
    SampleClock Clock,
    ClockInputs ClockInputs,
    IStreamForecaster Forecaster,
    AdaptiveBands Bands,
    LimitOutlooks Limits,
    PeaksOverThreshold Threshold,
    AlarmEvents Alarm,
    PublishPolicy Policy,
    StreamTimeline Timeline);
