// JSON: one value a line, or one a message; channels found by key, dotted path or array position.
//   {"bme": {"temperature": 21.4, "humidity": 40.2}, "accel": [0.1, 0.0, 9.8]}      paths bme.temperature, accel.2

using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace EdgeLstm.Worker.Framing;

/// <summary>Reads channels from lines or messages of JSON.</summary>
/// <remarks>
/// Numbers, numbers in quotes, true and false (1 and 0), "ON" and "OFF" (the same) and null (missing) are values.
/// Allocates nothing on valid lines; on broken ones the JSON reader throws inside and its exception is what is allocated.
/// </remarks>
public sealed class JsonLinesRecordDecoder : RecordDecoder
{
    /// <summary>Levels of nesting accepted; a deeper line counts as malformed.</summary>
    public const int DepthLimit = 16;

    private readonly byte[][][] _paths;   // [channels][levels] UTF-8 key or decimal array position
    private readonly int[] _matched;      // [channels] levels of the path that the reader is inside of
    private readonly bool[] _found;       // [channels] of the line being read

    /// <param name="fields">Key, dotted path or array position of each channel [channels].</param>
    public JsonLinesRecordDecoder(IReadOnlyList<string> fields)
    {
        _paths = [.. fields.Select(field => field.Split('.').Select(Encoding.UTF8.GetBytes).ToArray())];
        _matched = new int[fields.Count];
        _found = new bool[fields.Count];
    }

    /// <inheritdoc/>
    public override bool TryReadChannels(ReadOnlySpan<byte> payload, Span<double> channels)
    {
        if (payload.Trim(" \t\r\n"u8).Length == 0)
        {
            return false;
        }

        bool allNumbers;
        try
        {
            allNumbers = ReadLine(payload, channels);
        }
        // the latter: a lone surrogate in a key
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            Malformed++;
            return false;
        }

        NotANumber += allNumbers ? 0 : 1;
        bool allFound = !_found.AsSpan().Contains(false);
        MissingField += allNumbers && !allFound ? 1 : 0;
        return allNumbers && allFound;
    }

    private bool ReadLine(ReadOnlySpan<byte> line, Span<double> channels)
    {
        Array.Clear(_matched);
        Array.Clear(_found);
        Utf8JsonReader reader = new(line, new JsonReaderOptions { MaxDepth = DepthLimit });
        Span<int> nextItem = stackalloc int[DepthLimit + 1];   // by depth: position of the next array item, −1 inside an object
        nextItem[0] = -1;
        bool allNumbers = true;
        while (reader.Read())
        {
            int depth = reader.CurrentDepth;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    EnterKey(ref reader, depth - 1);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    break;
                default:
                    if (nextItem[depth] >= 0)
                    {
                        EnterItem(nextItem[depth]++, depth - 1);
                    }

                    if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    {
                        nextItem[depth + 1] = reader.TokenType == JsonTokenType.StartArray ? 0 : -1;
                    }
                    else
                    {
                        allNumbers &= Store(ref reader, depth, channels);
                    }

                    break;
            }
        }

        return allNumbers;
    }

    private void EnterKey(ref Utf8JsonReader reader, int level)
    {
        for (int channel = 0; channel < _paths.Length; channel++)
        {
            byte[][] path = _paths[channel];
            if (_matched[channel] >= level)
            {
                bool matches = level < path.Length && reader.ValueTextEquals(path[level]);
                _matched[channel] = matches ? level + 1 : level;
            }
        }
    }

    private void EnterItem(int item, int level)
    {
        for (int channel = 0; channel < _paths.Length; channel++)
        {
            byte[][] path = _paths[channel];
            if (_matched[channel] >= level)
            {
                bool matches = level < path.Length && Utf8Parser.TryParse(path[level], out int wanted, out int length)
                    && length == path[level].Length && wanted == item;
                _matched[channel] = matches ? level + 1 : level;
            }
        }
    }

    // False when a channel asked for holds text that is no number.
    private bool Store(ref Utf8JsonReader reader, int depth, Span<double> channels)
    {
        bool allNumbers = true;
        for (int channel = 0; channel < _paths.Length; channel++)
        {
            if (depth > 0 && _matched[channel] == depth && _paths[channel].Length == depth)
            {
                _found[channel] = true;
                allNumbers &= TryReadNumber(ref reader, out channels[channel]);
            }
        }

        return allNumbers;
    }

    private static bool TryReadNumber(ref Utf8JsonReader reader, out double value)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False:
                value = reader.TokenType == JsonTokenType.True ? 1 : 0;
                return true;
            case JsonTokenType.Null:
                value = float.NaN;
                return true;
            default:
                return ChannelNumber.TryParse(reader.ValueSpan, out value)
                    || ChannelNumber.TryParseSwitch(reader.ValueSpan, out value);
        }
    }
}
