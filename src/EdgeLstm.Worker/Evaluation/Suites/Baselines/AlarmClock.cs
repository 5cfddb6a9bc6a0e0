// Alarms by the clock alone:  score of row i = number of times that 2 divides i,  so that a threshold k is an alarm every 2^k
// rows.

using System.Numerics;
using EdgeLstm.Core.Anomaly;

namespace EdgeLstm.Worker.Evaluation.Suites.Baselines;

/// <summary>Looks at no value. Whoever does not beat it shows nothing.</summary>
internal sealed class AlarmClock : IStreamDetector
{
    private long _row;

    /// <inheritdoc/>
    public DetectorStep Step(ReadOnlySpan<float> values)
    {
        double score = BitOperations.TrailingZeroCount(_row++);
        return new DetectorStep(score, score);
    }
}
