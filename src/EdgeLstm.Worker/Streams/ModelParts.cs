// The parts of a stream's pipeline that know its model: what is exchanged when another model file is put in.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;

namespace EdgeLstm.Worker.Streams;

/// <summary>Forecasts and what is learned from them, each owned by the stream's pipeline from its exchange on.</summary>
public sealed record ModelParts(
    IStreamForecaster Forecaster,
    AdaptiveBands Bands,
    LimitOutlooks Limits,
    PeaksOverThreshold Threshold);
