// What one sequence does in one chunk of steps.

namespace EdgeLstm.Training.Data;

/// <summary>Rows that a lane reads in a chunk; it stands still for the rest of the chunk.</summary>
/// <param name="Row">The first row.</param>
/// <param name="Count">Rows; 0 for a lane that has nothing to do.</param>
/// <param name="Reset">Whether the state begins at zero; otherwise it goes on from the chunk before.</param>
/// <param name="Lead">So many of the first rows only warm the state up: nothing is learned from them.</param>
/// <param name="Shift">Added to every standardised input.</param>
public readonly record struct LaneChunk(int Row, int Count, bool Reset, int Lead = 0, float Shift = 0);

/// <summary>Chunks one after the other, of the same lanes.</summary>
/// <param name="Steps">Rows of a chunk at most.</param>
/// <param name="Lanes">Lanes of every chunk.</param>
/// <param name="Chunks">Each has one entry per lane.</param>
public sealed record LanePlan(int Steps, int Lanes, IReadOnlyList<LaneChunk[]> Chunks);
