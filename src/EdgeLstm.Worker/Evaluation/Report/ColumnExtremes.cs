// A long series on a narrow plot:  per column the smallest and the largest of its rows, and which came first.

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>A series decimated to columns such that no extreme is lost.</summary>
/// <remarks>
/// Memory is that of the columns, whatever the number of rows. Values that are not finite count as missing. With at most one row
/// per column it is the series itself. Source: the min/max part of M4 (Jugel et al. 2014, "M4: A Visualization-Oriented Time
/// Series Data Aggregation").
/// </remarks>
internal sealed class ColumnExtremes
{
    private readonly double[] _low;
    private readonly double[] _high;
    private readonly bool[] _lowIsFirst;
    private readonly bool[] _isInterrupted;

    private ColumnExtremes(int columnWidthPx)
    {
        ColumnWidthPx = columnWidthPx;
        int count = (TimeAxis.Columns + columnWidthPx - 1) / columnWidthPx;
        _low = new double[count];
        _high = new double[count];
        _lowIsFirst = new bool[count];
        _isInterrupted = new bool[count];
        _low.AsSpan().Fill(double.NaN);
        _high.AsSpan().Fill(double.NaN);
    }

    /// <summary>Decimates a series.</summary>
    /// <param name="axis">Where its rows stand.</param>
    /// <param name="columnWidthPx">Columns of the axis that are taken together; 1 keeps the most detail.</param>
    /// <param name="valueOfRow">Value of a row by its index.</param>
    public static ColumnExtremes Of(TimeAxis axis, int columnWidthPx, Func<int, double> valueOfRow)
    {
        ColumnExtremes extremes = new(columnWidthPx);
        for (int row = 0; row < axis.RowCount; row++)
        {
            extremes.Take(axis, row, valueOfRow(row));
        }

        return extremes;
    }

    /// <summary>Number of columns.</summary>
    public int Count => _low.Length;

    /// <summary>Columns of the axis in one of these.</summary>
    public int ColumnWidthPx { get; }

    /// <summary>Smallest value of all; NaN where there is none.</summary>
    public double Lowest { get; private set; } = double.NaN;

    /// <summary>Largest value of all; NaN where there is none.</summary>
    public double Highest { get; private set; } = double.NaN;

    /// <summary>Whether a column holds a value.</summary>
    public bool HasValue(int column) => !double.IsNaN(_low[column]);

    /// <summary>Smallest value of a column; NaN where it holds none.</summary>
    public double LowOf(int column) => _low[column];

    /// <summary>Largest value of a column; NaN where it holds none.</summary>
    public double HighOf(int column) => _high[column];

    /// <summary>A column's extremes in the order in which they came.</summary>
    public (double First, double Second) InOrder(int column) =>
        _lowIsFirst[column] ? (_low[column], _high[column]) : (_high[column], _low[column]);

    /// <summary>Whether a line must not come into a column from the left: values are missing, or time is.</summary>
    public bool IsInterrupted(int column) => _isInterrupted[column];

    private void Take(TimeAxis axis, int row, double value)
    {
        int column = axis.ColumnOf(row) / ColumnWidthPx;
        if (!double.IsFinite(value))
        {
            // One row missing among many of a column breaks no line; a column without any does.
            _isInterrupted[column] |= !HasValue(column);
        }
        else if (!HasValue(column))
        {
            (_low[column], _high[column]) = (value, value);
            _isInterrupted[column] = axis.IsAfterGap(row) && column - (axis.ColumnOf(row - 1) / ColumnWidthPx) > 1;
            Widen(value);
        }
        else if (value < _low[column])
        {
            _low[column] = value;
            _lowIsFirst[column] = false;
            Widen(value);
        }
        else if (value > _high[column])
        {
            _high[column] = value;
            _lowIsFirst[column] = true;
            Widen(value);
        }
    }

    private void Widen(double value)
    {
        Lowest = double.IsNaN(Lowest) ? value : Math.Min(Lowest, value);
        Highest = double.IsNaN(Highest) ? value : Math.Max(Highest, value);
    }
}
