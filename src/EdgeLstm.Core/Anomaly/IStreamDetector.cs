// What scores a stream row by row: the default detector, and the baselines it is held against.

using System.Diagnostics.CodeAnalysis;

namespace EdgeLstm.Core.Anomaly;

/// <summary>What one row told.</summary>
/// <param name="Score">
/// How improbable the latest rows are, 0 or more and without an upper bound; NaN before there is a score. Thresholds and alarms
/// are made of it.
/// </param>
/// <param name="News">
/// The same score where it is higher than those just before it, else 0: what a benchmark takes that counts every row.
/// </param>
public readonly record struct DetectorStep(double Score, double News);

/// <summary>What is known of a stream before its first row.</summary>
/// <param name="ChannelCount">Values of a row, at least 1.</param>
/// <param name="WarmUpRows">Rows before scores count; the detector scales itself by them.</param>
/// <param name="Seed">Of whatever is drawn at random.</param>
public sealed record DetectorSetup(int ChannelCount, int WarmUpRows, int Seed);

/// <summary>Scores one stream. Causal: a score depends on its row and those before it. Not thread-safe.</summary>
public interface IStreamDetector
{
    /// <summary>Takes the next row.</summary>
    /// <param name="values">Physical values, NaN where one is missing [channels].</param>
    [SuppressMessage("Naming", "CA1716", Justification = "The field's word; a keyword in Visual Basic only.")]
    DetectorStep Step(ReadOnlySpan<float> values);
}
