// A whole CSV recording in memory:  [time,]value[,value…]  per line, separated by commas, semicolons or tabs, header or not.

using System.Text;
using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Times and values of a recording, read as a replay reads them; see <see cref="RecordingFormat"/>.</summary>
/// <param name="Path">Where it was read from.</param>
/// <param name="UnixSeconds">When each row was measured, UTC; a second apart from 0 where the file holds no times [rows].</param>
/// <param name="Columns">Names from the header, else "value1", "value2"… [columns].</param>
/// <param name="Rows">Values, NaN where one is missing [rows][columns].</param>
internal sealed record Recording(string Path, double[] UnixSeconds, string[] Columns, float[][] Rows)
{
    /// <summary>Most rows of a file; each takes some 40 bytes and 4 more per column.</summary>
    public const int LimitRows = 10_000_000;

    private const double NsPerSecond = 1e9;

    /// <summary>Reads a recording.</summary>
    /// <exception cref="CorpusException">It is not there, has no rows, or a line is not like the others.</exception>
    public static Recording Read(string path)
    {
        try
        {
            return ReadLines(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{path}: cannot be read: {failure.Message}");
        }
    }

    /// <summary>Index of a column by its name in any case, −1 without one.</summary>
    public int IndexOf(string column) =>
        Array.FindIndex(Columns, name => name.Equals(column, StringComparison.OrdinalIgnoreCase));

    /// <summary>The recording without some of its columns, such as its labels.</summary>
    public Recording Without(params int[] columns)
    {
        int[] kept = Array.FindAll(ArrayProjection.Indexes(Columns.Length), column => Array.IndexOf(columns, column) < 0);
        string[] names = new string[kept.Length];
        float[][] rows = new float[Rows.Length][];
        for (int k = 0; k < kept.Length; k++)
        {
            names[k] = Columns[kept[k]];
        }

        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new float[kept.Length];
            for (int k = 0; k < kept.Length; k++)
            {
                rows[i][k] = Rows[i][kept[k]];
            }
        }

        return this with { Columns = names, Rows = rows };
    }

    /// <summary>Median time between two of the first rows, in seconds; 1 where it cannot be said.</summary>
    /// <param name="rows">Rows to look at: a stream's period is known before it runs, what comes later is not.</param>
    public double PeriodSeconds(int rows)
    {
        double[] steps = new double[Math.Clamp(rows - 1, 0, Math.Max(UnixSeconds.Length - 1, 0))];
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = UnixSeconds[i + 1] - UnixSeconds[i];
        }

        Array.Sort(steps);
        return steps.Length > 0 && steps[steps.Length / 2] > 0 ? steps[steps.Length / 2] : 1;
    }

    private static Recording ReadLines(string path)
    {
        using LineReader lines = new(path);
        if (!lines.TryRead(out ReadOnlySpan<byte> line))
        {
            throw new CorpusException($"{path}: is empty; expected one record per line");
        }

        byte[] first = line.ToArray();
        byte[] second = lines.TryRead(out line) ? line.ToArray() : [];
        RecordingFormat format = RecordingFormat.Guess(first, second);
        RowReader rows = new(path, format, first);
        if (!format.HasHeader)
        {
            rows.Take(first);
        }

        if (second.Length > 0)
        {
            rows.Take(second);
        }

        while (lines.TryRead(out line))
        {
            rows.Take(line);
        }

        return lines.OverLong > 0
            ? throw new CorpusException($"{path}: a line is longer than {LineReader.LimitBytes} bytes")
            : rows.Finish();
    }

    // Cuts lines into times and values.
    private sealed class RowReader
    {
        private readonly string _path;
        private readonly RecordingFormat _format;
        private readonly string[] _columns;
        private readonly List<double> _times = [];
        private readonly List<float[]> _rows = [];

        public RowReader(string path, RecordingFormat format, ReadOnlySpan<byte> first)
        {
            (_path, _format) = (path, format);
            int timeFields = format.HasTimestamps ? 1 : 0;
            _columns = new string[first.Count(format.Separator) + 1 - timeFields];
            for (int field = 0; field < _columns.Length + timeFields; field++)
            {
                ReadOnlySpan<byte> name = CutField(ref first);
                if (field >= timeFields)
                {
                    int column = field - timeFields;
                    _columns[column] = format.HasHeader ? Encoding.UTF8.GetString(name) : $"value{column + 1}";
                }
            }
        }

        private string Line => $"{_path}, row {_rows.Count + 1}";

        public void Take(ReadOnlySpan<byte> line)
        {
            int fields = line.Count(_format.Separator) + 1;
            int expected = _columns.Length + (_format.HasTimestamps ? 1 : 0);
            if (fields != expected)
            {
                throw new CorpusException($"{Line}: has {fields} fields; expected {expected} as in the first line");
            }

            if (_rows.Count == LimitRows)
            {
                throw new CorpusException($"{_path}: has more than {LimitRows} rows");
            }

            _times.Add(_format.HasTimestamps ? ReadTime(CutField(ref line)) : _rows.Count);
            float[] values = new float[_columns.Length];
            for (int column = 0; column < values.Length; column++)
            {
                values[column] = ReadValue(CutField(ref line), column);
            }

            _rows.Add(values);
        }

        public Recording Finish() => _rows.Count == 0
            ? throw new CorpusException($"{_path}: has no rows; expected one record per line")
            : new Recording(_path, [.. _times], _columns, [.. _rows]);

        private ReadOnlySpan<byte> CutField(scoped ref ReadOnlySpan<byte> line)
        {
            ReadOnlySpan<byte> field = RecordingFormat.FirstField(line, _format.Separator);
            int length = line.IndexOf(_format.Separator);
            line = length < 0 ? [] : line[(length + 1)..];
            return field;
        }

        private double ReadTime(ReadOnlySpan<byte> field) => RecordingTime.TryParse(field, out long unixNs)
            ? unixNs / NsPerSecond
            : throw new CorpusException($"{Line}: '{Encoding.UTF8.GetString(field)}' is no time; expected one such as "
                + "2014-02-14 14:27:00 or a Unix time");

        private float ReadValue(ReadOnlySpan<byte> field, int column) => ChannelNumber.TryParse(field, out double value)
            ? (float)value
            : throw new CorpusException($"{Line}: {_columns[column]} '{Encoding.UTF8.GetString(field)}' is no number");
    }
}
