// The ring between a stream and the I/O thread: order, what is dropped when full, two threads at once.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class RecordRingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Records_come_out_as_they_went_in_with_their_positions()
    {
        RecordRing ring = new(4, 2, 3);
        StreamRecord record = Record(7);
        ring.Append(record);
        record.Values.Fill(99);   // the ring holds a copy
        ring.Append(Record(8));
        StreamRecord taken = new(2, 3);

        Assert.Equal(2, ring.Count);
        Assert.True(ring.TryTake(taken, out long position));
        Assert.Equal(0, position);
        Assert.Equal(TestStream.Bits(Record(7)), TestStream.Bits(taken));
        Assert.True(ring.TryTake(taken, out position));
        Assert.Equal(1, position);
        Assert.Equal(8, taken.Sequence);
        Assert.False(ring.TryTake(taken, out position));
        Assert.Equal(2, position);
        Assert.Equal(2, ring.Head);
    }

    [Fact]
    public void A_full_ring_drops_the_oldest_and_counts_exactly()
    {
        RecordRing ring = new(5, 2, 3);
        for (int i = 0; i < 17; i++)
        {
            ring.Append(Record(i));
            Assert.Equal(Math.Max(0, i - 4), ring.Dropped);
            Assert.Equal(Math.Min(5, i + 1), ring.Count);
        }

        StreamRecord taken = new(2, 3);
        for (int i = 12; i < 17; i++)
        {
            Assert.True(ring.TryTake(taken, out long position));
            Assert.Equal((i, i), (taken.Sequence, position));
        }

        Assert.False(ring.TryTake(taken, out _));
        Assert.Equal(12, ring.Dropped);
    }

    [Fact]
    public void A_writer_and_a_reader_at_once_lose_nothing_while_it_is_not_full()
    {
        const int Records = 200_000;
        RecordRing ring = new(Records, 2, 3);
        using Barrier start = new(2);
        Thread writer = new(() =>
        {
            StreamRecord record = Record(0);
            start.SignalAndWait();
            for (int i = 0; i < Records; i++)
            {
                record.Sequence = i;
                record.Values.Fill(i);
                ring.Append(record);
            }
        });
        writer.Start();
        start.SignalAndWait();
        StreamRecord taken = new(2, 3);
        int next = 0;
        while (next < Records && (writer.IsAlive || ring.Count > 0))
        {
            if (ring.TryTake(taken, out long position))
            {
                Assert.Equal((next, next), (taken.Sequence, position));
                Assert.Equal([next, next], taken.Values.ToArray());   // never half of one record
                next++;
            }
        }

        Assert.True(writer.Join(Limit));
        Assert.Equal(Records, next);
        Assert.Equal(0, ring.Dropped);
    }

    [Fact]
    public void A_writer_that_overtakes_the_reader_loses_just_what_is_counted()
    {
        const int Records = 200_000;
        RecordRing ring = new(16, 2, 3);
        Thread writer = new(() =>
        {
            StreamRecord record = Record(0);
            for (int i = 0; i < Records; i++)
            {
                record.Sequence = i;
                ring.Append(record);
            }
        });
        writer.Start();
        StreamRecord taken = new(2, 3);
        int count = 0;
        long last = -1;
        while (writer.IsAlive || ring.Count > 0)
        {
            if (ring.TryTake(taken, out long position))
            {
                Assert.Equal(position, taken.Sequence);
                Assert.True(position > last);
                last = position;
                count++;
            }
        }

        Assert.Equal(Records, count + ring.Dropped);
    }

    [Fact]
    public void Appending_and_taking_allocate_nothing()
    {
        RecordRing ring = new(8, 2, 3);
        StreamRecord record = Record(1);
        StreamRecord taken = new(2, 3);
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                ring.Append(record);
                ring.Append(record);
                ring.TryTake(taken, out _);
            }
        });
    }

    private static StreamRecord Record(int number)
    {
        StreamRecord record = new(2, 3)
        {
            Sequence = number,
            TimestampUnixMs = 1000 + number,
            Status = StreamStatus.Live,
            Alarm = AlarmState.Raised,
            Event = StreamEvent.AlarmRaised,
            Score = 1.5f,
            Threshold = 4,
            Incident = new AlarmIncident(number, number + 1, number + 2, 6),
        };
        record.Values.Fill(number);
        record.Residuals.Fill(2);
        record.Outputs.Fill(3);
        record.Low.Fill(4);
        record.High.Fill(5);
        record.Contributions.Fill(6);
        return record;
    }
}
