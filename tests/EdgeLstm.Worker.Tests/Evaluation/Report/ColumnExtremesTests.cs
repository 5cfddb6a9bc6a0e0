// Decimation to columns: extremes stay, their order too, and gaps stay gaps.

using EdgeLstm.Worker.Evaluation.Report;

namespace EdgeLstm.Worker.Tests.Evaluation.Report;

public class ColumnExtremesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Every_columns_extremes_are_those_of_its_rows(int columnWidthPx)
    {
        Random random = new(3);
        double[] values = [.. Enumerable.Range(0, 12_345).Select(_ => random.NextDouble())];
        TimeAxis axis = Even(values.Length);
        ColumnExtremes extremes = ColumnExtremes.Of(axis, columnWidthPx, row => values[row]);
        for (int column = 0; column < extremes.Count; column++)
        {
            int[] rows = [.. Enumerable.Range(0, values.Length).Where(row => axis.ColumnOf(row) / columnWidthPx == column)];
            int lowest = rows.MinBy(row => values[row]);
            int highest = rows.MaxBy(row => values[row]);
            Assert.Equal((values[lowest], values[highest]), (extremes.LowOf(column), extremes.HighOf(column)));
            Assert.Equal((values[Math.Min(lowest, highest)], values[Math.Max(lowest, highest)]), extremes.InOrder(column));
        }

        Assert.Equal((values.Min(), values.Max()), (extremes.Lowest, extremes.Highest));
    }

    [Fact]
    public void Few_rows_stay_what_they_are()
    {
        double[] values = [3, 1, 2];
        ColumnExtremes extremes = ColumnExtremes.Of(Even(3), 1, row => values[row]);
        Assert.Equal([0, 500, 999], Enumerable.Range(0, extremes.Count).Where(extremes.HasValue));
        Assert.Equal((1, 1), extremes.InOrder(500));
        Assert.DoesNotContain(true, Enumerable.Range(0, extremes.Count).Select(extremes.IsInterrupted));
    }

    [Fact]
    public void A_missing_row_breaks_the_line_only_where_its_column_has_no_other()
    {
        double[] sparse = [1, 2, double.NaN, 3];
        ColumnExtremes few = ColumnExtremes.Of(Even(4), 1, row => sparse[row]);
        Assert.Equal([666], Enumerable.Range(0, few.Count).Where(few.IsInterrupted));
        ColumnExtremes many = ColumnExtremes.Of(Even(10_000), 1, row => row % 2 == 0 ? double.NaN : row);
        Assert.DoesNotContain(true, Enumerable.Range(0, many.Count).Select(many.IsInterrupted));
    }

    [Fact]
    public void A_gap_of_time_breaks_the_line()
    {
        double[] times = [0, 1, 2, 3, 50, 51, 52];
        TimeAxis axis = new(times, 1);
        ColumnExtremes extremes = ColumnExtremes.Of(axis, 1, row => row);
        Assert.Equal([axis.ColumnOf(4)], Enumerable.Range(0, extremes.Count).Where(extremes.IsInterrupted));
    }

    [Fact]
    public void Infinities_count_as_missing()
    {
        double[] values = [1, double.PositiveInfinity, 2, double.NegativeInfinity];
        ColumnExtremes extremes = ColumnExtremes.Of(Even(4), 1, row => values[row]);
        Assert.Equal((1, 2), (extremes.Lowest, extremes.Highest));
    }

    private static TimeAxis Even(int rows) => new([.. Enumerable.Range(0, rows).Select(row => 1e9 + (60.0 * row))], 60);
}
