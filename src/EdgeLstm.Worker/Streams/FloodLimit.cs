// How many bytes a second a serial stream may bring:  10 · readings a second · longest record,  at least 64 KiB, 1 MiB where the
// rate is not known.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Streams;

/// <summary>Tells a sensor that talks much from a line that floods. What is beyond the limit is dropped by the caller until the
/// second has ended.</summary>
/// <param name="bytesPerSecond">Bytes admitted in each second; 0 for no limit.</param>
internal sealed class FloodLimit(long bytesPerSecond)
{
    private const long SecondNs = 1_000_000_000;
    private const long LeastBytes = 64 * 1024;
    private const long BytesAtUnknownRate = 1024 * 1024;   // what a USB adapter of full speed can bring
    private const double Excess = 10;

    private long _secondNs = long.MinValue;
    private long _left;

    /// <summary>Bytes admitted in each second; 0 for no limit.</summary>
    public long BytesPerSecond => bytesPerSecond;

    /// <summary>The limit of a stream: of a serial line only, as other sources are asked, wait, or have queues of their
    /// own.</summary>
    public static FloodLimit Of(StreamPlan stream)
    {
        if (stream.Settings.Source.Kind != "serial")
        {
            return new FloodLimit(0);
        }

        double rateHz = stream.Profile.RateHz;
        double expected = rateHz * TopicQueue.LongestMessage(stream.Profile);
        return new FloodLimit(rateHz > 0 ? Math.Max(LeastBytes, (long)(Excess * expected)) : BytesAtUnknownRate);
    }

    /// <summary>Whether bytes that were read are to be looked at; allocates nothing.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="nowNs">Monotonic time.</param>
    public bool Admits(int bytes, long nowNs)
    {
        if (bytesPerSecond == 0)
        {
            return true;
        }

        if (_secondNs == long.MinValue || nowNs - _secondNs >= SecondNs)
        {
            _secondNs = nowNs;
            _left = bytesPerSecond;
        }

        _left = bytes <= _left ? _left - bytes : -1;   // after the first bytes too many, none of this second
        return _left >= 0;
    }
}
