// Messages that are one plain number: 23.5, nan, or what a switch says: ON, OFF, true, false.

namespace EdgeLstm.Worker.Framing;

/// <summary>Reads a whole message as one number.</summary>
public sealed class NumberRecordDecoder : RecordDecoder
{
    private readonly int _channelCount;

    /// <param name="channelCount">Channels asked for; all are that number.</param>
    public NumberRecordDecoder(int channelCount) => _channelCount = channelCount;

    /// <inheritdoc/>
    public override bool TryReadChannels(ReadOnlySpan<byte> payload, Span<double> channels)
    {
        ReadOnlySpan<byte> text = payload.Trim(" \t\r\n"u8);
        if (text.Length == 0)
        {
            return false;
        }

        if (!ChannelNumber.TryParse(text, out double value) && !ChannelNumber.TryParseSwitch(text, out value))
        {
            NotANumber++;
            return false;
        }

        channels[.._channelCount].Fill(value);
        return true;
    }
}
