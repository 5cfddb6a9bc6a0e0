// Lets a score through where it is higher than all of the last n; repeats of the same event become 0.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Keeps the maximum of the last scores. Constant time per row on average.</summary>
/// <remarks>
/// A ring of those scores that may still become the maximum, each lower than the one before it (Lemire 2006, "Streaming maximum–
/// minimum filter").
/// </remarks>
public sealed class NewsFilter
{
    private readonly int _rows;
    private readonly double[] _scores;
    private readonly long[] _places;
    private long _first;
    private long _end;
    private long _row;

    /// <param name="rows">How many rows a score is remembered, 1 or more.</param>
    public NewsFilter(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        _rows = rows;
        _scores = new double[rows];
        _places = new long[rows];
    }

    /// <summary>The score where it is news, else 0; NaN is 0 and is not remembered.</summary>
    public double Pass(double score)
    {
        long row = _row++;
        while (_first < _end && _places[_first % _rows] < row - _rows)
        {
            _first++;
        }

        bool isNews = score > (_first < _end ? _scores[_first % _rows] : 0);
        if (double.IsNaN(score))
        {
            return 0;
        }

        while (_first < _end && _scores[(_end - 1) % _rows] <= score)
        {
            _end--;
        }

        if (_end - _first == _rows)
        {
            _first++;
        }

        _scores[_end % _rows] = score;
        _places[_end++ % _rows] = row;
        return isNews ? score : 0;
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(_row);
        writer.Write(_end - _first);
        for (long k = _first; k < _end; k++)
        {
            writer.Write(_scores[k % _rows]);
            writer.Write(_places[k % _rows]);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for more rows.</exception>
    public void Restore(ref StateReader reader)
    {
        _row = reader.ReadInt64();
        long count = reader.ReadInt64();
        if (count < 0 || count > _rows)
        {
            throw new FormatException($"the saved filter holds {count} scores; expected {_rows} at most");
        }

        (_first, _end) = (0, count);
        for (int k = 0; k < count; k++)
        {
            _scores[k] = reader.ReadDouble();
            _places[k] = reader.ReadInt64();
        }
    }
}
