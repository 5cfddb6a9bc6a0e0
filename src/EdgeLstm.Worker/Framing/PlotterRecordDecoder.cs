// Lines as the Arduino IDE's serial plotter reads them: values split by space, tab or comma, each with or without a label.
//   Motor Temp:23.5<tab>rpm:1480          or          23.5 1480

using System.Text;
using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Framing;

/// <summary>Reads channels from plotter lines, by label or by position.</summary>
/// <remarks>
/// A label may hold spaces but does not begin with a number, since "1 fan:3" would be the value 1 and then a fan. Positions count
/// all values of the line from 0, labelled or not.
/// </remarks>
public sealed class PlotterRecordDecoder : RecordDecoder
{
    private readonly byte[]?[] _labels;   // [channels] null where the channel is read by position
    private readonly int[] _positions;    // [channels] −1 where it is read by label
    private readonly bool[] _found;       // [channels] of the line being read

    /// <param name="fields">Label or 0-based position of each channel [channels].</param>
    public PlotterRecordDecoder(IReadOnlyList<string> fields)
    {
        _positions = fields.ToArray(FieldPath.IndexOf);
        _labels = [.. fields.Select(field => FieldPath.IndexOf(field) >= 0 ? null : Encoding.UTF8.GetBytes(field))];
        _found = new bool[fields.Count];
    }

    /// <inheritdoc/>
    public override bool TryReadChannels(ReadOnlySpan<byte> payload, Span<double> channels)
    {
        ReadOnlySpan<byte> line = payload.Trim(" \t,\r"u8);
        if (line.Length == 0)
        {
            return false;
        }

        Array.Clear(_found);
        for (int position = 0; line.Length > 0; position++)
        {
            ReadOnlySpan<byte> value = CutPart(ref line, out ReadOnlySpan<byte> label);
            if (!ChannelNumber.TryParse(value, out double number))
            {
                NotANumber++;
                return false;
            }

            Store(label, position, number, channels);
        }

        if (_found.AsSpan().Contains(false))
        {
            MissingField++;
            return false;
        }

        return true;
    }

    // Cuts one value with its label, if it has one, off the front of the line.
    private static ReadOnlySpan<byte> CutPart(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> label)
    {
        label = default;
        int end = line.IndexOfAny(" \t,:"u8);
        bool isNumber = end != 0 && ChannelNumber.TryParse(end < 0 ? line : line[..end], out _);
        bool isLabel = end >= 0 && line[end] == ':';
        if (!isNumber || isLabel)
        {
            int hard = line.IndexOfAny("\t,:"u8);   // only a space may stand inside a label
            if (hard >= 0 && line[hard] == ':')
            {
                label = line[..hard].Trim(" "u8);
                line = line[(hard + 1)..].TrimStart(" "u8);
            }

            end = line.IndexOfAny(" \t,"u8);
        }

        ReadOnlySpan<byte> value = end < 0 ? line : line[..end];
        line = end < 0 ? default : line[end..].TrimStart(" \t,"u8);
        return value;
    }

    private void Store(ReadOnlySpan<byte> label, int position, double number, Span<double> channels)
    {
        for (int channel = 0; channel < _labels.Length; channel++)
        {
            bool matches = _labels[channel] is { } wanted ? label.SequenceEqual(wanted) : position == _positions[channel];
            if (matches)
            {
                channels[channel] = number;
                _found[channel] = true;
            }
        }
    }
}
