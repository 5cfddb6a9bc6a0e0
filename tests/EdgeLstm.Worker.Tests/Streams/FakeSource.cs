// A source that gives what a test hands it and waits like a real one when there is nothing.

using System.Collections.Concurrent;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Streams;

internal sealed class FakeSource : ByteSource
{
    private readonly BlockingCollection<Func<(SourceRead Found, byte[] Bytes)>> _given = [];
    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>True: times count from 1970 and the recording's are told with <see cref="Give"/>.</summary>
    public bool IsRecorded { get; init; } = true;

    public bool IsDisposed { get; private set; }
    public override string Description => "fake source";
    public override bool HasRecordedTime => IsRecorded;
    public override bool StartsAtFrameStart => true;
    public override string? Problem => "unplugged";

    public void Give(string bytes) => Then(SourceRead.Data, bytes);

    public void Then(SourceRead found, string bytes = "") => Then(() => (found, System.Text.Encoding.ASCII.GetBytes(bytes)));

    public void Then(Func<(SourceRead Found, byte[] Bytes)> found)
    {
        _given.Add(found);
        _wake.Release();
    }

    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs)
    {
        count = 0;
        timeNs = MonotonicNs();
        if (!_wake.Wait(timeoutMs) || !_given.TryTake(out Func<(SourceRead, byte[])>? next))
        {
            return SourceRead.Idle;
        }

        (SourceRead found, byte[] bytes) = next();
        bytes.CopyTo(buffer);
        count = bytes.Length;
        BytesRead += count;
        return found;
    }

    public override void Wake() => _wake.Release();

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        _wake.Dispose();
        _given.Dispose();
    }
}
