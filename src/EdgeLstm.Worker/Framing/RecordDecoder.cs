// Reads the channels out of one frame; what cannot be read is counted by reason and never throws.

namespace EdgeLstm.Worker.Framing;

/// <summary>Turns the payload of a frame into raw channel values.</summary>
/// <remarks>
/// A channel whose text is empty, "nan", "inf" or "ovf" (Arduino's float overflow) is missing: NaN. Blank lines and header lines
/// are not records: <see cref="TryReadChannels"/> returns false and nothing is counted as rejected.
/// </remarks>
public abstract class RecordDecoder
{
    /// <summary>Frames that held no readable record: the sum of the reasons below.</summary>
    public long Rejected => NotANumber + MissingField + ExtraField + Malformed + BadChecksum + BadLength + AwaitingHeader;

    /// <summary>Records with text where a number was expected.</summary>
    public long NotANumber { get; protected set; }

    /// <summary>Records that lack a field a channel is read from.</summary>
    public long MissingField { get; protected set; }

    /// <summary>Records with more fields than the profile's columns or the header say.</summary>
    public long ExtraField { get; protected set; }

    /// <summary>Records that break the rules of their format: broken JSON, an impossible COBS code, other end bytes.</summary>
    public long Malformed { get; protected set; }

    /// <summary>Records whose checksum does not match.</summary>
    public long BadChecksum { get; protected set; }

    /// <summary>Records whose checksum matches but whose length is not that of the profile's fields.</summary>
    public long BadLength { get; protected set; }

    /// <summary>Records dropped because channels are read by name and no header has been seen yet.</summary>
    public long AwaitingHeader { get; protected set; }

    /// <summary>Header lines seen.</summary>
    public long HeaderLines { get; protected set; }

    /// <summary>Reads one record. On false the contents of <paramref name="channels"/> mean nothing.</summary>
    /// <param name="payload">One frame without its delimiter.</param>
    /// <param name="channels">Receives the raw values [channels], NaN where one is missing.</param>
    public abstract bool TryReadChannels(ReadOnlySpan<byte> payload, Span<double> channels);

    /// <summary>Counts a frame that its decoder dropped for its checksum, by which it finds its place in the stream.</summary>
    internal void CountBadChecksum() => BadChecksum++;

    /// <summary>Counts a frame that its decoder dropped for its end bytes.</summary>
    internal void CountMalformed() => Malformed++;

    /// <summary>Forgets what was learnt from the stream (a header), after the source was lost and came back.</summary>
    public virtual void Restart()
    {
    }
}
