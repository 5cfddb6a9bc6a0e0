// The inputs of a stream's model that no sensor gives: from the time of each sample.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Streams;

/// <summary>The last inputs of a sample, computed from its time. Allocates nothing per sample.</summary>
public sealed class ClockInputs
{
    private readonly ClockInput[] _inputs;

    /// <param name="stream">The stream.</param>
    public ClockInputs(StreamPlan stream) =>
        _inputs = stream.ClockInputs.ToArray(input => ClockInput.Find(input.Name)!);

    /// <summary>Writes them behind the channels that were read.</summary>
    /// <param name="sample">A sample [channels, these inputs].</param>
    /// <param name="timeline">Tells the time of day.</param>
    /// <param name="timeNs">The sample's steady time.</param>
    public void Write(Span<float> sample, StreamTimeline timeline, long timeNs)
    {
        if (_inputs.Length == 0)
        {
            return;
        }

        double unixSeconds = timeline.UnixMsAt(timeNs) / 1000.0;
        Span<float> own = sample[^_inputs.Length..];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = _inputs[i].At(unixSeconds);
        }
    }
}
