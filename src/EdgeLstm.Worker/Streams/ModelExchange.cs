// Another model file for a stream that runs: made ready by one thread, taken up by the stream's own between two samples.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Streams;

/// <summary>What changes with the model.</summary>
/// <param name="Stream">The stream with the other model, whose golden vectors were checked.</param>
/// <param name="Parts">The parts of its pipeline that know the model.</param>
/// <param name="StateFile">Where its state is kept from now on; null for nowhere.</param>
public sealed record ModelExchange(StreamPlan Stream, ModelParts Parts, StateFile? StateFile);
