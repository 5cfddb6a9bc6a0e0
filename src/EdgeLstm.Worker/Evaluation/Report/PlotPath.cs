// Path data of SVG in few bytes:  M x y l dx dy dx dy …  with whole pixels across and tenths down.

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>Writes the points of lines and areas. Steps are taken from rounded points, so that roundings do not add up.</summary>
/// <param name="html">The page, within the attribute d of a path.</param>
internal sealed class PlotPath(HtmlWriter html)
{
    private int _x;
    private int _tenths;
    private bool _isAfterMove;

    /// <summary>A line through both extremes of every column, broken where values are missing.</summary>
    public void Line(ColumnExtremes values, ValueAxis axis)
    {
        bool isDown = false;
        for (int column = 0; column < values.Count; column++)
        {
            isDown &= !values.IsInterrupted(column);
            if (!values.HasValue(column))
            {
                continue;
            }

            (double first, double second) = values.InOrder(column);
            int x = column * values.ColumnWidthPx;
            Go(isDown, x, axis.TenthsOf(first));
            // A step of nothing after a move makes a dot of a value that stands alone.
            if (!isDown || second != first)
            {
                Go(true, x, axis.TenthsOf(second));
            }

            isDown = true;
        }
    }

    /// <summary>The area between the largest values of one series and the smallest of another.</summary>
    public void Band(ColumnExtremes low, ColumnExtremes high, ValueAxis axis)
    {
        for (int column = 0; column < low.Count; column++)
        {
            if (!low.HasValue(column) || !high.HasValue(column))
            {
                continue;
            }

            int end = EndOfStretch(low, high, column);
            Edge(column, end, low, high, axis);
            column = end;
        }
    }

    /// <summary>The area between the largest values and the panel's lower edge.</summary>
    public void Area(ColumnExtremes values, Func<double, int> tenthsOf, int heightPx)
    {
        for (int column = 0; column < values.Count; column++)
        {
            if (!values.HasValue(column))
            {
                continue;
            }

            int end = EndOfStretch(values, values, column);
            Go(false, column * values.ColumnWidthPx, heightPx * 10);
            for (; column <= end; column++)
            {
                if (values.HasValue(column))
                {
                    Go(true, column * values.ColumnWidthPx, tenthsOf(values.HighOf(column)));
                }
            }

            // One pixel wide at least, so that a value that stands alone is seen.
            Go(true, (end * values.ColumnWidthPx) + 1, _tenths);
            Go(true, _x, heightPx * 10);
            html.Raw('z');
            column = end;
        }
    }

    /// <summary>A box over some columns.</summary>
    public void Box(int first, int last, int heightPx)
    {
        html.Raw('M');
        html.Number(first);
        html.Raw(" 0h");
        html.Number(Math.Max(last - first, 1));
        html.Raw('v');
        html.Number(heightPx);
        html.Raw('H');
        html.Number(first);
        html.Raw('z');
    }

    private void Edge(int first, int last, ColumnExtremes low, ColumnExtremes high, ValueAxis axis)
    {
        bool isDown = false;
        for (int column = first; column <= last; column++)
        {
            if (high.HasValue(column))
            {
                Go(isDown, column * high.ColumnWidthPx, axis.TenthsOf(high.HighOf(column)));
                isDown = true;
            }
        }

        for (int column = last; column >= first; column--)
        {
            if (low.HasValue(column))
            {
                Go(true, column * low.ColumnWidthPx, axis.TenthsOf(low.LowOf(column)));
            }
        }

        html.Raw('z');
    }

    /// <summary>The last column with a value that is joined to a first one.</summary>
    private static int EndOfStretch(ColumnExtremes low, ColumnExtremes high, int first)
    {
        int end = first;
        for (int column = first + 1; column < low.Count; column++)
        {
            if (low.IsInterrupted(column) || high.IsInterrupted(column))
            {
                break;
            }

            end = low.HasValue(column) && high.HasValue(column) ? column : end;
        }

        return end;
    }

    private void Go(bool isDown, int x, int tenths)
    {
        if (!isDown)
        {
            html.Raw('M');
            html.Number(x);
            Number(tenths);
            _isAfterMove = true;
        }
        else
        {
            if (_isAfterMove)
            {
                html.Raw('l');
            }
            else if (x >= _x)
            {
                html.Raw(' ');
            }

            html.Number(x - _x);
            Number(tenths - _tenths);
            _isAfterMove = false;
        }

        (_x, _tenths) = (x, tenths);
    }

    /// <summary>A number of tenths behind another number, whose sign divides the two where there is one.</summary>
    private void Number(int tenths)
    {
        html.Raw(tenths < 0 ? '-' : ' ');
        (int whole, int tenth) = Math.DivRem(Math.Abs(tenths), 10);
        if (whole > 0 || tenth == 0)
        {
            html.Number(whole);
        }

        if (tenth > 0)
        {
            html.Raw('.');
            html.Number(tenth);
        }
    }
}
