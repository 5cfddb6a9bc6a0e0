// Records of sources that give values by name: one little-endian float64 for each channel asked for, in that order.

using System.Buffers.Binary;

namespace EdgeLstm.Worker.Framing;

/// <summary>Reads numbers that a source has computed itself; NaN where one is missing.</summary>
public sealed class ValuesRecordDecoder : RecordDecoder
{
    private readonly int _channelCount;

    /// <param name="channelCount">Channels asked for: numbers of a record.</param>
    public ValuesRecordDecoder(int channelCount) => _channelCount = channelCount;

    /// <inheritdoc/>
    public override bool TryReadChannels(ReadOnlySpan<byte> payload, Span<double> channels)
    {
        if (payload.Length != _channelCount * sizeof(double))
        {
            BadLength += payload.Length > 0 ? 1 : 0;
            return false;
        }

        for (int channel = 0; channel < _channelCount; channel++)
        {
            double value = BinaryPrimitives.ReadDoubleLittleEndian(payload[(channel * sizeof(double))..]);
            channels[channel] = double.IsInfinity(value) ? double.NaN : value;
        }

        return true;
    }
}
