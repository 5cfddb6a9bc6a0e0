// Cuts stretches of rows into lanes and chunks: with the state carried on, or into windows that begin at zero.

namespace EdgeLstm.Training.Data;

/// <summary>Makes plans; the same arguments give the same plan.</summary>
/// <remarks>Rows of a plan lie in one range and never across a gap: no window reaches over a border. Within a lane rows keep
/// their order; only windows as a whole may come in any order.</remarks>
public static class LanePlanner
{
    /// <summary>Truncated backpropagation through time: each lane reads its share of the rows in order, its state carried from
    /// chunk to chunk, the gradient cut between them (Williams, Peng, 1990).</summary>
    /// <param name="stretches">Rows without gaps.</param>
    /// <param name="range">Only rows of this part.</param>
    /// <param name="lanes">Lanes.</param>
    /// <param name="steps">Rows of a chunk.</param>
    /// <param name="lead">Rows that warm a state up before anything is learned, wherever it begins at zero. They are those
    /// before the lane's own, of the range or of its past, as far as there are any.</param>
    /// <param name="offset">Rows left out at the beginning, so that chunks are cut elsewhere in every epoch.</param>
    public static LanePlan Carried(
        IReadOnlyList<RowRange> stretches, RowRange range, int lanes, int steps, int lead, int offset = 0)
    {
        RowRange wanted = new(Math.Min(range.Begin + offset, range.End), range.End);
        List<Part> parts = Clip(stretches, wanted);
        long total = 0;
        foreach (Part part in parts)
        {
            total += part.Rows.Count;
        }

        List<LaneChunk>[] chunks = new List<LaneChunk>[lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            chunks[lane] = Cut(parts, total * lane / lanes, total * (lane + 1) / lanes, steps, lead);
        }

        return Arrange(chunks, steps);
    }

    /// <summary>Windows of equal length, each from a zero state, in random order.</summary>
    /// <param name="stretches">Rows without gaps.</param>
    /// <param name="range">Only rows of this part.</param>
    /// <param name="lanes">Windows trained side by side.</param>
    /// <param name="length">Rows of a window.</param>
    /// <param name="stride">Rows from the beginning of one to that of the next.</param>
    /// <param name="lead">So many of its first rows teach nothing; length − 1: many to one.</param>
    /// <param name="random">The order; null: that of time.</param>
    internal static LanePlan Windows(
        IReadOnlyList<RowRange> stretches, RowRange range, int lanes, int length, int stride, int lead, RandomStream? random)
    {
        List<int> begins = [];
        foreach (Part part in Clip(stretches, range))
        {
            for (int row = part.Rows.Begin; row + length <= part.Rows.End; row += stride)
            {
                begins.Add(row);
            }
        }

        int[] order = [.. begins];
        random?.Shuffle(order.AsSpan());
        LaneChunk[][] chunks = new LaneChunk[(order.Length + lanes - 1) / lanes][];
        for (int c = 0; c < chunks.Length; c++)
        {
            chunks[c] = new LaneChunk[lanes];
            for (int lane = 0; lane < lanes && (c * lanes) + lane < order.Length; lane++)
            {
                chunks[c][lane] = new LaneChunk(order[(c * lanes) + lane], length, Reset: true, lead);
            }
        }

        return new LanePlan(length, lanes, chunks);
    }

    private static List<Part> Clip(IReadOnlyList<RowRange> stretches, RowRange range)
    {
        List<Part> parts = [];
        foreach (RowRange stretch in stretches)
        {
            Part part = new(stretch.Intersect(range), stretch.Begin);
            if (part.Rows.Count > 0)
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    // The rows from one place to another, counted through all parts.
    private static List<LaneChunk> Cut(List<Part> parts, long from, long to, int steps, int lead)
    {
        List<LaneChunk> chunks = [];
        long passed = 0;
        foreach (Part part in parts)
        {
            int begin = part.Rows.Begin + (int)Math.Clamp(from - passed, 0, part.Rows.Count);
            int end = part.Rows.Begin + (int)Math.Clamp(to - passed, 0, part.Rows.Count);
            int first = Math.Max(part.StretchBegin, begin - lead);
            for (int row = first; row < end && begin < end; row += steps)
            {
                int silent = Math.Clamp(lead - (row - first), 0, steps);
                chunks.Add(new LaneChunk(row, Math.Min(steps, end - row), Reset: row == first, silent));
            }

            passed += part.Rows.Count;
        }

        return chunks;
    }

    private static LanePlan Arrange(List<LaneChunk>[] chunks, int steps)
    {
        int count = 0;
        foreach (List<LaneChunk> lane in chunks)
        {
            count = Math.Max(count, lane.Count);
        }

        LaneChunk[][] arranged = new LaneChunk[count][];
        for (int c = 0; c < count; c++)
        {
            arranged[c] = new LaneChunk[chunks.Length];
            for (int lane = 0; lane < chunks.Length; lane++)
            {
                arranged[c][lane] = c < chunks[lane].Count ? chunks[lane][c] : default;
            }
        }

        return new LanePlan(steps, chunks.Length, arranged);
    }

    /// <summary>Rows wanted of a stretch, and where that begins.</summary>
    private readonly record struct Part(RowRange Rows, int StretchBegin);
}
