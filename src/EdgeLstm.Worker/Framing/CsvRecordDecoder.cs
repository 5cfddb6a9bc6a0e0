// CSV lines: fields between separators, read by position or by the names of a header.
//   timestamp,temperature,humidity
//   12.5,23.4,41

using System.Text;
using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Framing;

/// <summary>Reads channels from lines of separated values.</summary>
/// <remarks>
/// A line whose fields are all words, none a number or a missing one, is a header: counted, never a record. Where the firmware is
/// known to send one, it says the order of the columns, each time it comes. Where the columns are known, from a header or from
/// the profile, a line with more fields than columns is rejected: it is two lines with the line end between them lost.
/// </remarks>
public sealed class CsvRecordDecoder : RecordDecoder
{
    private const int Unmapped = -1;

    private readonly byte _separator;
    private readonly bool _hasHeader;
    private readonly byte[]?[] _names;        // [channels] what a header is searched for; null where the field is an index
    private readonly int[] _initialColumns;   // [channels]
    private readonly int[] _columns;          // [channels] where each channel stands now, or Unmapped
    private readonly int _initialColumnCount;
    private int _columnCount;                 // 0: not known
    private bool _awaitingHeader;

    /// <param name="fields">Name or 0-based index of each channel's column [channels].</param>
    /// <param name="separator">The byte between fields.</param>
    /// <param name="hasHeader">True when the firmware sends a header line.</param>
    /// <param name="columns">Names of all columns until a header is seen; null when not known.</param>
    public CsvRecordDecoder(
        IReadOnlyList<string> fields, byte separator = (byte)',', bool hasHeader = false, IReadOnlyList<string>? columns = null)
    {
        _separator = separator;
        _hasHeader = hasHeader;
        _names = [.. fields.Select(field => FieldPath.IndexOf(field) >= 0 ? null : Encoding.UTF8.GetBytes(field))];
        _initialColumns = fields.ToArray(field => InitialColumn(field, columns));
        _initialColumnCount = columns?.Count ?? 0;
        _columns = new int[fields.Count];
        Restart();
    }

    /// <inheritdoc/>
    public override bool TryReadChannels(ReadOnlySpan<byte> payload, Span<double> channels)
    {
        ReadOnlySpan<byte> line = payload.Trim(" \t\r"u8);
        if (line.Length == 0)
        {
            return false;
        }

        if (_awaitingHeader)
        {
            bool isHeader = TryTakeHeader(payload);
            AwaitingHeader += isHeader ? 0 : 1;
            return false;
        }

        bool isSeparatorLast = line[^1] == _separator;   // a separator before the line end does not begin a field
        int count = ReadFields(payload, channels, out int found, out bool allNumbers) - (isSeparatorLast ? 1 : 0);
        bool hasExtra = _columnCount > 0 && count > _columnCount;
        if (allNumbers && found == _columns.Length && !hasExtra)
        {
            return true;
        }

        if (!TryTakeHeader(payload))
        {
            CountReason(allNumbers, hasExtra);
        }

        return false;
    }

    /// <inheritdoc/>
    public override void Restart()
    {
        _initialColumns.CopyTo(_columns, 0);
        _columnCount = _initialColumnCount;
        _awaitingHeader = _columns.AsSpan().Contains(Unmapped);
    }

    private static int InitialColumn(string field, IReadOnlyList<string>? columns)
    {
        int index = FieldPath.IndexOf(field);
        for (int i = 0; index < 0 && i < columns?.Count; i++)
        {
            index = columns[i] == field ? i : Unmapped;
        }

        return index;
    }

    // Reads the channels' columns and returns the number of fields; found counts the channels whose column the line has.
    private int ReadFields(ReadOnlySpan<byte> line, Span<double> channels, out int found, out bool allNumbers)
    {
        found = 0;
        allNumbers = true;
        int column = 0;
        bool more = true;
        while (more)
        {
            more = CutField(ref line, out ReadOnlySpan<byte> field);
            for (int channel = 0; channel < _columns.Length; channel++)
            {
                if (_columns[channel] == column)
                {
                    found++;
                    allNumbers &= ChannelNumber.TryParse(field, out channels[channel]);
                }
            }

            column++;
        }

        return column;
    }

    // The field at the front of the line; true when a separator, and so another field, followed it.
    private bool CutField(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> field)
    {
        int length = line.IndexOf(_separator);
        field = length < 0 ? line : line[..length];
        line = length < 0 ? default : line[(length + 1)..];
        return length >= 0;
    }

    private void CountReason(bool allNumbers, bool hasExtra)
    {
        if (!allNumbers)
        {
            NotANumber++;
        }
        else if (hasExtra)
        {
            ExtraField++;
        }
        else
        {
            MissingField++;
        }
    }

    // True when the line is a header. Words among which no name asked for stands are noise where a header is expected.
    private bool TryTakeHeader(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = line;
        bool knowsOne = Array.TrueForAll(_names, name => name is null);
        bool more = true;
        while (more)
        {
            more = CutField(ref rest, out ReadOnlySpan<byte> field);
            if (!IsWord(ChannelNumber.Trim(field)))
            {
                return false;
            }

            knowsOne |= IsAskedFor(ChannelNumber.Trim(field));
        }

        if (_hasHeader && !knowsOne)
        {
            return false;
        }

        HeaderLines++;
        if (_hasHeader)
        {
            MapColumns(line);
        }

        return true;
    }

    private bool IsAskedFor(ReadOnlySpan<byte> name)
    {
        foreach (byte[]? asked in _names)
        {
            if (asked is not null && name.SequenceEqual(asked))
            {
                return true;
            }
        }

        return false;
    }

    // Channels given by index keep it; a name that the header lacks makes records MissingField until a header has it.
    private void MapColumns(ReadOnlySpan<byte> header)
    {
        for (int channel = 0; channel < _columns.Length; channel++)
        {
            _columns[channel] = _names[channel] is null ? _initialColumns[channel] : Unmapped;
        }

        _columnCount = 0;
        bool more = true;
        while (more)
        {
            more = CutField(ref header, out ReadOnlySpan<byte> field);
            for (int channel = 0; channel < _columns.Length; channel++)
            {
                if (_names[channel] is { } name && ChannelNumber.Trim(field).SequenceEqual(name))
                {
                    _columns[channel] = _columnCount;
                }
            }

            _columnCount++;
        }

        _awaitingHeader = false;
    }

    // A word begins with a letter, a byte of a UTF-8 letter or '_', and is not a way to say "no reading".
    private static bool IsWord(ReadOnlySpan<byte> field) =>
        field.Length > 0 && (char.IsAsciiLetter((char)field[0]) || field[0] is >= 0x80 or (byte)'_')
        && !ChannelNumber.TryParse(field, out _);
}
