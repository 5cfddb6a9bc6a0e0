// Plans: every row once and in order, nothing across a border or a gap, windows whole.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Tests.Data;

public class LanePlannerTests
{
    private static readonly RowRange[] Stretches = [new(0, 37), new(37, 40), new(45, 200)];

    [Theory]
    [InlineData(1, 7, 0)]
    [InlineData(3, 16, 0)]
    [InlineData(5, 8, 0)]
    [InlineData(40, 4, 0)]
    [InlineData(3, 16, 11)]
    public void Carried_lanes_learn_every_row_of_the_range_once_and_in_order(int lanes, int steps, int offset)
    {
        RowRange range = new(10, 150);
        LanePlan plan = LanePlanner.Carried(Stretches, range, lanes, steps, lead: 0, offset);

        List<int> learned = [];
        for (int lane = 0; lane < lanes; lane++)
        {
            int before = -1;
            foreach (LaneChunk[] chunk in plan.Chunks)
            {
                foreach (int row in Learned(chunk[lane]))
                {
                    Assert.True(row > before);
                    before = row;
                    learned.Add(row);
                }
            }
        }

        learned.Sort();
        Assert.Equal(Enumerable.Range(10 + offset, 140 - offset).Where(row => row is < 40 or >= 45), learned);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(24)]
    public void Carried_chunks_reach_neither_over_a_gap_nor_over_the_end_of_their_range(int lead)
    {
        RowRange range = new(50, 150);
        foreach (LaneChunk[] chunk in LanePlanner.Carried(Stretches, range, 6, 10, lead).Chunks)
        {
            foreach (LaneChunk lane in chunk.Where(lane => lane.Count > 0))
            {
                RowRange rows = new(lane.Row, lane.Row + lane.Count);
                Assert.Contains(Stretches, stretch => stretch.Begin <= rows.Begin && rows.End <= stretch.End);
                Assert.True(rows.End <= range.End);
                Assert.All(Learned(lane), row => Assert.InRange(row, range.Begin, range.End - 1));
            }
        }
    }

    [Fact]
    public void A_state_begins_at_zero_behind_every_gap_and_is_carried_within_a_stretch()
    {
        LanePlan plan = LanePlanner.Carried(Stretches, new RowRange(0, 200), 1, 20, lead: 0);

        LaneChunk[] lane = [.. plan.Chunks.Select(chunk => chunk[0])];
        Assert.All(lane.Where(chunk => chunk.Row is 0 or 37 or 45), chunk => Assert.True(chunk.Reset));
        Assert.All(lane.Where(chunk => chunk.Row is not (0 or 37 or 45)), chunk => Assert.False(chunk.Reset));
        Assert.Equal(3, lane.Count(chunk => chunk.Reset));
    }

    [Fact]
    public void The_lead_of_a_state_that_begins_at_zero_teaches_nothing()
    {
        const int lead = 12;
        LanePlan plan = LanePlanner.Carried(Stretches, new RowRange(60, 200), 4, 5, lead);

        for (int lane = 0; lane < 4; lane++)
        {
            int seen = 0;
            foreach (LaneChunk[] chunk in plan.Chunks)
            {
                seen = chunk[lane].Reset ? 0 : seen;
                Assert.True(seen + chunk[lane].Lead >= Math.Min(lead, seen + chunk[lane].Count));
                seen += chunk[lane].Count;
            }
        }

        // Rows before the range warm it up: all of it is learned.
        Assert.Equal(Enumerable.Range(60, 140), plan.Chunks.SelectMany(chunk => chunk).SelectMany(Learned).Order());
    }

    [Fact]
    public void Windows_lie_whole_in_one_stretch_of_the_range()
    {
        RowRange range = new(3, 120);
        LanePlan plan = LanePlanner.Windows(Stretches, range, 8, 9, 2, lead: 8, random: null);

        LaneChunk[] windows = [.. plan.Chunks.SelectMany(chunk => chunk).Where(lane => lane.Count > 0)];
        Assert.All(windows, window =>
        {
            Assert.Equal((9, true, 8), (window.Count, window.Reset, window.Lead));
            Assert.InRange(window.Row, range.Begin, range.End - 9);
            Assert.Contains(Stretches, stretch => stretch.Begin <= window.Row && window.Row + 9 <= stretch.End);
        });
        int[] expected =
        [
            .. Enumerable.Range(0, 13).Select(k => 3 + (2 * k)), .. Enumerable.Range(0, 34).Select(k => 45 + (2 * k)),
        ];
        Assert.Equal(expected, windows.Select(window => window.Row));
    }

    [Fact]
    public void Windows_come_in_another_order_for_another_seed_but_are_the_same_ones()
    {
        int[] Begins(long seed) => [.. LanePlanner.Windows(Stretches, new RowRange(0, 200), 16, 9, 1, 0, new RandomStream(seed))
            .Chunks.SelectMany(chunk => chunk).Where(lane => lane.Count > 0).Select(lane => lane.Row)];

        Assert.Equal(Begins(1), Begins(1));
        Assert.NotEqual(Begins(1), Begins(2));
        Assert.Equal(Begins(1).Order(), Begins(2).Order());
    }

    [Fact]
    public void A_stretch_shorter_than_a_window_has_none() =>
        Assert.Empty(LanePlanner.Windows([new(0, 8), new(8, 15)], new RowRange(0, 15), 4, 9, 1, 0, null).Chunks);

    private static IEnumerable<int> Learned(LaneChunk lane) =>
        Enumerable.Range(lane.Row + Math.Min(lane.Lead, lane.Count), Math.Max(0, lane.Count - lane.Lead));
}
