// Lines of separated values: every line has the same number of fields, and the same ones of them are numbers.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Scores CSV with each usual separator.</summary>
internal sealed class CsvGuess
{
    private const string Separators = ",;\t |";
    private const int ColumnLimit = 64;
    private const double NumericShare = 0.8;      // of a column's fields, for it to be one of numbers
    private const double TextColumnStrength = 0.9;
    private const double WordsStrength = 0.4;     // words between spaces: a log rather than a table

    private readonly FrameCuts _lines;
    private readonly byte _separator;
    private readonly int _columns;
    private readonly int[] _numbers;              // [columns] lines whose field is a number
    private readonly bool[] _isNumeric;           // [columns]

    private CsvGuess(FrameCuts lines, byte separator, int columns)
    {
        _lines = lines;
        _separator = separator;
        _columns = columns;
        _numbers = new int[columns];
        _isNumeric = new bool[columns];
        int count = 0;
        for (int line = 0; line < lines.Count; line++)
        {
            if (Columns(lines[line], separator) == columns && !IsHeader(lines[line]))
            {
                count++;
                Count(lines[line]);
            }
        }

        for (int column = 0; column < columns; column++)
        {
            _isNumeric[column] = _numbers[column] > 0 && _numbers[column] >= NumericShare * count;
        }
    }

    private int NumericColumns => _isNumeric.AsSpan().Count(true);

    /// <summary>The best separator's guess; null where no column holds numbers.</summary>
    public static FramingGuess? Of(FrameCuts lines)
    {
        FramingGuess? best = null;
        foreach (char separator in Separators)
        {
            int columns = UsualColumns(lines, (byte)separator);
            if (columns > 1 || (columns == 1 && separator == ','))
            {
                FramingGuess? guess = new CsvGuess(lines, (byte)separator, columns).Score();
                best = guess is not null && guess.Confidence > (best?.Confidence ?? 0) ? guess : best;
            }
        }

        return best;
    }

    // The number of fields that most lines have.
    private static int UsualColumns(FrameCuts lines, byte separator)
    {
        int[] counts = new int[ColumnLimit + 1];
        for (int line = 0; line < lines.Count; line++)
        {
            int columns = Columns(lines[line], separator);
            counts[columns <= ColumnLimit ? columns : 0]++;
        }

        counts[0] = 0;
        int usual = 0;
        for (int columns = 1; columns <= ColumnLimit; columns++)
        {
            usual = counts[columns] > counts[usual] ? columns : usual;
        }

        return usual;
    }

    // A separator before the line end does not begin a field.
    private static int Columns(ReadOnlySpan<byte> line, byte separator)
    {
        line = line.Trim(" "u8);
        return line.Length == 0 ? 0 : line.Count(separator) + (line[^1] == separator ? 0 : 1);
    }

    private void Count(ReadOnlySpan<byte> line)
    {
        for (int column = 0; column < _columns; column++)
        {
            _numbers[column] += IsNumber(Cut(ref line)) ? 1 : 0;
        }
    }

    private FramingGuess? Score()
    {
        RecordTally tally = new(_lines.AllBytes);
        string[]? names = null;
        int others = 0;
        for (int line = 0; line < _lines.Count; line++)
        {
            if (Columns(_lines[line], _separator) == _columns && IsRecord(_lines[line]))
            {
                tally.Add(_lines.LengthOf(line), _lines.EndOf(line));
            }
            else if (_columns == Columns(_lines[line], _separator) && IsHeader(_lines[line]))
            {
                names = Names(_lines[line]);
                others++;
                tally.AddOther(_lines.LengthOf(line));
            }
        }

        // What came first may be a whole header: of a board that starts when its port is opened.
        ReadOnlySpan<byte> head = _lines.Head.Span.TrimEnd((byte)'\r');
        names ??= Columns(head, _separator) == _columns && IsHeader(head) ? Names(head) : null;
        return tally.Records == 0
            ? null
            : FramingGuess.From("csv", tally, Strength(), Evidence(tally.Records, _lines.Count - others, names)) with
            {
                Framing = new FramingProfile("csv", ((char)_separator).ToString(), Columns: names),
                Channels = Channels(names),
            };
    }

    private double Strength()
    {
        if (NumericColumns == _columns)
        {
            return 1;
        }

        return _separator == ' ' ? WordsStrength : TextColumnStrength;
    }

    private string Evidence(int records, int lines, string[]? names)
    {
        string text = $"{records} of {FramingGuess.Counted(lines, "line")} have {FramingGuess.Counted(NumericColumns, "number")}";
        text += NumericColumns < _columns ? $" among {_columns} fields" : "";
        return names is null ? text : $"{text}; a header names {string.Join(", ", names)}";
    }

    private IReadOnlyList<ChannelProfile> Channels(string[]? names)
    {
        ChannelNames channels = new();
        for (int column = 0; column < _columns; column++)
        {
            if (_isNumeric[column])
            {
                channels.Add(names?[column] ?? "", names?[column] ?? $"{column}");
            }
        }

        return channels.Channels;
    }

    private bool IsRecord(ReadOnlySpan<byte> line)
    {
        bool any = false;
        for (int column = 0; column < _columns; column++)
        {
            ReadOnlySpan<byte> field = Cut(ref line);
            any |= _isNumeric[column] && IsNumber(field);
            if (_isNumeric[column] && !ChannelNumber.TryParse(field, out _))
            {
                return false;
            }
        }

        return any;
    }

    private bool IsHeader(ReadOnlySpan<byte> line)
    {
        for (int column = 0; column < _columns; column++)
        {
            ReadOnlySpan<byte> field = ChannelNumber.Trim(Cut(ref line));
            if (field.Length == 0 || !(char.IsAsciiLetter((char)field[0]) || field[0] is >= 0x80 or (byte)'_')
                || ChannelNumber.TryParse(field, out _))
            {
                return false;
            }
        }

        return true;
    }

    // Names of all columns; null where two are the same, which no profile may have.
    private string[]? Names(ReadOnlySpan<byte> line)
    {
        string[] names = new string[_columns];
        for (int column = 0; column < _columns; column++)
        {
            names[column] = Encoding.UTF8.GetString(ChannelNumber.Trim(Cut(ref line)));
            if (Array.IndexOf(names, names[column]) < column || FieldPath.IndexOf(names[column]) >= 0)
            {
                return null;
            }
        }

        return names;
    }

    private ReadOnlySpan<byte> Cut(ref ReadOnlySpan<byte> line)
    {
        int length = line.IndexOf(_separator);
        ReadOnlySpan<byte> field = length < 0 ? line : line[..length];
        line = length < 0 ? default : line[(length + 1)..];
        return field;
    }

    private static bool IsNumber(ReadOnlySpan<byte> field) =>
        field.ContainsAnyInRange((byte)'0', (byte)'9') && ChannelNumber.TryParse(field, out _);
}
