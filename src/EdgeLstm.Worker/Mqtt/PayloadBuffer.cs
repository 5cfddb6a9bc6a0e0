// One growing byte buffer with a JSON writer on top, reused for every payload.

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Holds one payload at a time. Grows to the largest payload seen, then allocates nothing.</summary>
#pragma warning disable CA1001 // A JSON writer over this buffer holds nothing that must be released.
internal sealed class PayloadBuffer : IBufferWriter<byte>
#pragma warning restore CA1001
{
    private readonly Utf8JsonWriter _writer;
    private byte[] _bytes = new byte[4096];
    private int _length;

    public PayloadBuffer()
    {
        // Relaxed escaping: units such as °C stay readable in mosquitto_sub; no payload ever enters a web page unescaped.
        _writer = new Utf8JsonWriter(this, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <summary>The payload; call after the writer was flushed by <see cref="End"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Starts a new payload and forgets the last one.</summary>
    public Utf8JsonWriter Begin()
    {
        _length = 0;
        _writer.Reset();
        return _writer;
    }

    /// <summary>Completes the payload.</summary>
    public ReadOnlySpan<byte> End()
    {
        _writer.Flush();
        return Written;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Reserve(int sizeHint)
    {
        int needed = _length + Math.Max(sizeHint, 256);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, 2 * _bytes.Length));
        }
    }
}
