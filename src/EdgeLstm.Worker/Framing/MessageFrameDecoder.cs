// Frames of sources whose every read is one whole record: I²C, Modbus, MQTT, the kernel's drivers.

namespace EdgeLstm.Worker.Framing;

/// <summary>Hands on what was received as one frame.</summary>
public sealed class MessageFrameDecoder : FrameDecoder
{
    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> received, out ReadOnlySpan<byte> payload)
    {
        payload = received;
        received = default;
        Frames += payload.Length > 0 ? 1 : 0;
        return payload.Length > 0;
    }

    /// <inheritdoc/>
    public override void Restart(bool atFrameStart)
    {
    }
}
