// A profile at work: frames in, channels in physical units out, in the order a model asks for.

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Framing;

/// <summary>Decodes records by a profile: value = raw · scale + offset, NaN where that is missing or out of range.</summary>
public sealed class ProfileReader
{
    /// <summary>Longest line in bytes where the profile does not say.</summary>
    public const int DefaultLineBytes = 1024;

    /// <summary>Longest binary frame in bytes where the profile does not say.</summary>
    public const int DefaultBinaryFrameBytes = 512;

    private readonly FramingProfile _framing;
    private readonly bool _isMessage;
    private readonly double[] _raw;        // [channels] as read: 32-bit counters lose digits as float
    private readonly double[] _scale;      // [channels]
    private readonly double[] _offset;     // [channels]
    private readonly double[] _minimum;    // [channels] −∞ where there is none
    private readonly double[] _maximum;    // [channels] +∞ where there is none

    /// <param name="profile">A profile without problems.</param>
    /// <param name="channelNames">Channels to read, in this order.</param>
    /// <exception cref="ArgumentException">A name is not one of the profile's: see
    /// <see cref="SensorProfile.FindMissingChannels"/>.</exception>
    public ProfileReader(SensorProfile profile, IReadOnlyList<string> channelNames)
    {
        ChannelProfile[] channels = [.. channelNames.Select(name => Find(profile, name))];
        _framing = profile.FramingOrValues;
        _isMessage = profile.TransportOrSerial.IsMessage;
        _raw = new double[channels.Length];
        _scale = channels.ToArray(channel => channel.Scale);
        _offset = channels.ToArray(channel => channel.Offset);
        _minimum = channels.ToArray(channel => channel.Minimum ?? double.NegativeInfinity);
        _maximum = channels.ToArray(channel => channel.Maximum ?? double.PositiveInfinity);
        Records = CreateRecordDecoder([.. channels.Select(channel => channel.FieldText)]);
    }

    /// <summary>Number of channels read.</summary>
    public int ChannelCount => _scale.Length;

    /// <summary>The decoder of raw values, for its counters.</summary>
    public RecordDecoder Records { get; }

    /// <summary>Frames that held no readable record.</summary>
    public long Rejected => Records.Rejected;

    /// <summary>Readings outside their channel's range, turned into NaN.</summary>
    public long OutOfRange { get; private set; }

    /// <summary>Reads one record into physical units. Allocates nothing on valid input.</summary>
    /// <param name="payload">One frame without its delimiter.</param>
    /// <param name="channels">Receives the values [channels asked for].</param>
    /// <returns>False when the frame holds no record: noise (counted in <see cref="Rejected"/>), a blank or a header line (not
    /// counted).</returns>
    public bool TryReadChannels(ReadOnlySpan<byte> payload, Span<float> channels)
    {
        if (!Records.TryReadChannels(payload, _raw))
        {
            return false;
        }

        for (int i = 0; i < _scale.Length; i++)
        {
            double value = (_raw[i] * _scale[i]) + _offset[i];
            if (value < _minimum[i] || value > _maximum[i])
            {
                OutOfRange++;
                value = double.NaN;
            }

            channels[i] = float.IsInfinity((float)value) ? float.NaN : (float)value;
        }

        return true;
    }

    /// <summary>A new decoder for the frames of this profile.</summary>
    /// <param name="atFrameStart">True when the first byte begins a frame.</param>
    public FrameDecoder CreateFrameDecoder(bool atFrameStart = false)
    {
        if (_isMessage)
        {
            return new MessageFrameDecoder();
        }

        int maxFrameBytes = _framing.MaxFrameBytes ?? (_framing.IsText ? DefaultLineBytes : DefaultBinaryFrameBytes);
        return _framing.Kind switch
        {
            "fixed" or "length-prefixed" => new SyncFrameDecoder(_framing, Records),
            "delimited" => new DelimitedFrameDecoder(
                _framing.Delimiter!.ToArray(number => (byte)number.Value), maxFrameBytes, atFrameStart),
            "cobs" or "cobs-crc16" => new DelimitedFrameDecoder(0, maxFrameBytes, atFrameStart),
            "slip" => new DelimitedFrameDecoder(ByteStuffing.SlipEnd, maxFrameBytes, atFrameStart),
            "hdlc" => new DelimitedFrameDecoder(ByteStuffing.HdlcFlag, maxFrameBytes, atFrameStart),
            _ => new DelimitedFrameDecoder((byte)'\n', maxFrameBytes, atFrameStart),
        };
    }

    /// <summary>Forgets what was learnt from the stream (a header), after the source was lost and came back.</summary>
    public void Restart() => Records.Restart();

    private static ChannelProfile Find(SensorProfile profile, string name) =>
        profile.Channels.FirstOrDefault(channel => channel.Name == name)
        ?? throw new ArgumentException($"profile '{profile.Name}' has no channel '{name}'", nameof(name));

    private RecordDecoder CreateRecordDecoder(string[] fields) => _framing.Kind switch
    {
        "csv" => new CsvRecordDecoder(fields, (byte)_framing.Separator[0], _framing.Header, _framing.Columns),
        "json-lines" or "json" => new JsonLinesRecordDecoder(fields),
        "plotter" => new PlotterRecordDecoder(fields),
        "nmea" => new NmeaRecordDecoder(fields, _framing.Sentence!, _framing.Columns),
        "number" => new NumberRecordDecoder(fields.Length),
        "values" => new ValuesRecordDecoder(fields.Length),
        _ when _framing.IsBinary => new BinaryRecordDecoder(fields, _framing),
        _ => throw new ArgumentException($"unknown framing '{_framing.Kind}'"),
    };
}
