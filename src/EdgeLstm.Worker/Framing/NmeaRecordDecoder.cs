// NMEA 0183 sentences: '$' or '!', address (talker and sentence), fields, '*' and the XOR of all bytes between.
//   $GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47      latitude = 48° + 07.038′/60, north

using System.Buffers.Text;
using System.Text;

namespace EdgeLstm.Worker.Framing;

/// <summary>Reads channels from NMEA 0183 sentences, by position or by the names of their columns.</summary>
/// <remarks>
/// Other sentences are no records and not counted. One without a checksum is malformed: all receivers send it, and without it a
/// lost digit is a wrong position. An empty field is missing, and so are all of them while the sentence says that its fix or
/// reading is void. A column named latitude or longitude is ddmm.mmmm; with the next one it becomes degrees, south and west
/// negative. Sentences may be longer than the standard's 82 bytes, as those of many receivers are.
/// </remarks>
public sealed class NmeaRecordDecoder : RecordDecoder
{
    private const int TalkerBytes = 2;
    private const int SentenceBytes = 3;   // of the standard's sentences: RMC; longer is a whole address

    private readonly byte[] _sentence;
    private readonly int[] _positions;     // [channels]
    private readonly bool[] _isAngle;      // [channels]

    /// <param name="fields">Name of a column or 0-based position after the address of each channel [channels].</param>
    /// <param name="sentence">Sentence from any talker, such as RMC, or a whole address, such as GPRMC.</param>
    /// <param name="columns">Names of the fields after the address; null when channels are read by position.</param>
    /// <exception cref="ArgumentException">A field is not among the columns: a profile with problems.</exception>
    public NmeaRecordDecoder(IReadOnlyList<string> fields, string sentence, IReadOnlyList<string>? columns = null)
    {
        _sentence = Encoding.ASCII.GetBytes(sentence);
        _positions = new int[fields.Count];
        _isAngle = new bool[fields.Count];
        for (int i = 0; i < fields.Count; i++)
        {
            int index = FieldPath.IndexOf(fields[i]);
            _positions[i] = index >= 0 ? index : Array.IndexOf([.. columns ?? []], fields[i]);
            _isAngle[i] = index < 0 && IsAngle(fields[i]);
            if (_positions[i] < 0)
            {
                throw new ArgumentException($"no column is named '{fields[i]}'", nameof(fields));
            }
        }
    }

    /// <summary>True for the columns that are read as an angle.</summary>
    internal static bool IsAngle(string column) => column is "latitude" or "longitude";

    /// <inheritdoc/>
    public override bool TryReadChannels(ReadOnlySpan<byte> payload, Span<double> channels)
    {
        ReadOnlySpan<byte> line = payload.Trim(" \t\r\0"u8);
        if (line.Length == 0)
        {
            return false;
        }

        line = line[Math.Max(0, line.LastIndexOfAny((byte)'$', (byte)'!'))..];   // both begin a sentence and occur in none
        int star = line.Length - 3;
        if (line[0] is not ((byte)'$' or (byte)'!') || star < 1 || line[star] != '*'
            || !TryParseHex(line[(star + 1)..], out int sum))
        {
            Malformed++;
            return false;
        }

        ReadOnlySpan<byte> body = line[1..star];
        if (Xor(body) != sum)
        {
            BadChecksum++;
            return false;
        }

        int comma = body.IndexOf((byte)',');
        ReadOnlySpan<byte> address = comma < 0 ? body : body[..comma];
        return IsWanted(address) && TryReadFields(address, comma < 0 ? default : body[(comma + 1)..], channels);
    }

    private static bool TryParseHex(ReadOnlySpan<byte> digits, out int value) =>
        Utf8Parser.TryParse(digits, out value, out int used, 'X') && used == digits.Length && value >= 0;

    private static int Xor(ReadOnlySpan<byte> bytes)
    {
        int xor = 0;
        foreach (byte value in bytes)
        {
            xor ^= value;
        }

        return xor;
    }

    private bool IsWanted(ReadOnlySpan<byte> address) =>
        address.SequenceEqual(_sentence)
        || (_sentence.Length == SentenceBytes && address.Length == TalkerBytes + SentenceBytes && address.EndsWith(_sentence));

    private bool TryReadFields(ReadOnlySpan<byte> address, ReadOnlySpan<byte> fields, Span<double> channels)
    {
        bool isVoid = IsVoid(address, fields);
        for (int channel = 0; channel < _positions.Length; channel++)
        {
            int position = _positions[channel];
            ReadOnlySpan<byte> side = default;
            if (!TryFind(fields, position, out ReadOnlySpan<byte> field)
                || (_isAngle[channel] && !TryFind(fields, position + 1, out side)))
            {
                MissingField++;
                return false;
            }

            bool isNumber = ChannelNumber.TryParse(field, out double value);
            if (!isNumber || (_isAngle[channel] && !TryMakeDegrees(side, ref value)))
            {
                NotANumber++;
                return false;
            }

            channels[channel] = isVoid ? double.NaN : value;
        }

        return true;
    }

    // What the standard's sentences say about themselves: V is void, quality 0 no fix.
    private static bool IsVoid(ReadOnlySpan<byte> address, ReadOnlySpan<byte> fields)
    {
        ReadOnlySpan<byte> sentence = address.Length == TalkerBytes + SentenceBytes ? address[TalkerBytes..] : default;
        (int position, byte word) = sentence switch
        {
            [(byte)'R', (byte)'M', (byte)'C'] => (1, (byte)'V'),
            [(byte)'G', (byte)'L', (byte)'L'] => (5, (byte)'V'),
            [(byte)'M', (byte)'W', (byte)'V'] => (4, (byte)'V'),
            [(byte)'G', (byte)'G', (byte)'A'] => (5, (byte)'0'),
            _ => (0, (byte)0),
        };
        return word != 0 && TryFind(fields, position, out ReadOnlySpan<byte> field) && field.Length == 1 && field[0] == word;
    }

    private static bool TryFind(ReadOnlySpan<byte> fields, int position, out ReadOnlySpan<byte> field)
    {
        for (int i = 0; ; i++)
        {
            int comma = fields.IndexOf((byte)',');
            if (i == position)
            {
                field = comma < 0 ? fields : fields[..comma];
                return true;
            }

            if (comma < 0)
            {
                field = default;
                return false;
            }

            fields = fields[(comma + 1)..];
        }
    }

    // dddmm.mmmm and the side of the earth; an empty angle is missing whatever its side.
    private static bool TryMakeDegrees(ReadOnlySpan<byte> side, ref double value)
    {
        if (double.IsNaN(value))
        {
            return true;
        }

        double degrees = Math.Truncate(value / 100);
        double minutes = value - (100 * degrees);
        int sign = side switch
        {
            [(byte)'N'] or [(byte)'E'] => 1,
            [(byte)'S'] or [(byte)'W'] => -1,
            _ => 0,
        };
        value = sign * (degrees + (minutes / 60));
        return sign != 0 && degrees is >= 0 and <= 180 && minutes is >= 0 and < 60;
    }
}
