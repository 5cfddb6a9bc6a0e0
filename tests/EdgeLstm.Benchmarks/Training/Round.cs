// One training in either program.

namespace EdgeLstm.Benchmarks.Training;

/// <summary>What a training took and how its loss went.</summary>
/// <param name="Seconds">Time of all updates.</param>
/// <param name="Losses">The loss of each update, before it was made.</param>
/// <param name="Growth">Bytes by which resident memory had grown at its peak; here at least those that it allocated.</param>
internal sealed record Round(double Seconds, double[] Losses, long Growth);
