// A source that another thread feeds: order, bounds, losses, and nothing allocated.

using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors;

public sealed class QueuedSourceTests : IDisposable
{
    private readonly QueuedSource _source = new("sensor at 0x44", recordBytes: 4, capacity: 3);
    private readonly byte[] _buffer = new byte[64];

    public void Dispose() => _source.Dispose();

    [Fact]
    public void Records_come_one_a_read_in_order_with_their_time()
    {
        _source.Offer([1], 10);
        _source.Offer([2, 3], 20);
        Assert.Equal("Data 1 @10", Read());
        Assert.Equal("Data 2,3 @20", Read());
        Assert.Equal("Idle", Read());
        Assert.Equal((3L, 0L, true), (_source.BytesRead, _source.Dropped, _source.StartsAtFrameStart));
    }

    [Fact]
    public void When_full_the_oldest_is_dropped_and_counted()
    {
        for (byte i = 1; i <= 5; i++)
        {
            Assert.True(_source.Offer([i], i));
        }

        Assert.Equal(["Data 3 @3", "Data 4 @4", "Data 5 @5", "Idle"], [Read(), Read(), Read(), Read()]);
        Assert.Equal(2, _source.Dropped);
    }

    [Fact]
    public void A_record_that_is_too_long_or_empty_is_dropped_and_counted()
    {
        Assert.False(_source.Offer(new byte[5], 1));
        Assert.False(_source.Offer([], 1));
        Assert.Equal("Idle", Read());
        Assert.Equal(2, _source.Dropped);
    }

    [Fact]
    public void A_loss_is_told_once_and_after_the_records_before_it()
    {
        _source.Offer([1], 1);
        _source.Lose("no answer");
        _source.Lose("no answer at 0x44");
        Assert.Equal(["Data 1 @1", "Lost", "Idle"], [Read(), Read(), Read()]);
        Assert.Equal("no answer at 0x44", _source.Problem);

        _source.Offer([2], 2);
        Assert.Null(_source.Problem);
        Assert.Equal(["Back", "Data 2 @2", "Idle"], [Read(), Read(), Read()]);
        Assert.Equal(1, _source.Reopened);
    }

    [Fact]
    public void A_loss_that_was_mended_before_it_was_told_is_not_told()
    {
        _source.Lose("no answer");
        _source.Offer([2], 2);
        Assert.Equal(["Data 2 @2", "Idle"], [Read(), Read()]);
        Assert.Equal(0, _source.Reopened);
    }

    [Fact]
    public async Task A_waiting_reader_is_woken_by_a_record_and_by_Wake()
    {
        Task<string> waiting = Task.Run(() => Read(timeoutMs: 60_000));
        _source.Offer([7], 70);
        Assert.Equal("Data 7 @70", await waiting.WaitAsync(TimeSpan.FromSeconds(30)));

        waiting = Task.Run(() => Read(timeoutMs: 60_000));
        _source.Wake();
        Assert.Equal("Idle", await waiting.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Offering_and_reading_allocates_nothing()
    {
        byte[] record = [1, 2, 3, 4];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                _source.Offer(record, i);
                Assert.True(_source.Read(_buffer, 1000, out _, out _) == SourceRead.Data);
            }
        });
    }

    private string Read(int timeoutMs = 0)
    {
        SourceRead found = _source.Read(_buffer, timeoutMs, out int count, out long timeNs);
        return found == SourceRead.Data ? $"Data {string.Join(',', _buffer[..count])} @{timeNs}" : found.ToString();
    }
}
