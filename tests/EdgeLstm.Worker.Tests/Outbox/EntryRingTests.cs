// Records of many lengths through a ring of bytes: nothing is altered, order is kept, bounds hold.

using EdgeLstm.Worker.Outbox;

namespace EdgeLstm.Worker.Tests.Outbox;

public class EntryRingTests
{
    [Fact]
    public void What_goes_in_comes_out_in_order_whatever_the_lengths()
    {
        Random random = new(3);
        EntryRing ring = new(50, 1000);
        Queue<(long Sequence, byte[] Payload)> expected = new();
        byte[] buffer = [];
        for (long sequence = 0; sequence < 20_000; sequence++)
        {
            byte[] payload = new byte[random.Next(0, 200)];
            random.NextBytes(payload);
            bool hadRoom = ring.HasRoom(payload.Length);
            Assert.Equal(hadRoom, ring.TryAdd(new OutboxEntry { Sequence = sequence }, payload));
            if (hadRoom)
            {
                expected.Enqueue((sequence, payload));
            }

            for (int takes = random.Next(0, 3); takes > 0 && expected.Count > 0; takes--)
            {
                Assert.True(ring.TryTake(ref buffer, out OutboxEntry entry));
                (long of, byte[] bytes) = expected.Dequeue();
                Assert.Equal(of, entry.Sequence);
                Assert.Equal(bytes, buffer[..entry.Length]);
            }

            Assert.Equal(expected.Count, ring.Count);
            Assert.InRange(ring.Count, 0, 50);
        }
    }

    [Fact]
    public void It_is_full_by_entries_or_by_bytes_and_takes_again_once_the_oldest_is_gone()
    {
        EntryRing few = new(2, 1000);
        Assert.True(few.TryAdd(default, [1]));
        Assert.False(few.IsHalfFull && few.Count == 0);
        Assert.True(few.TryAdd(default, [2]));
        Assert.False(few.TryAdd(default, [3]));
        few.RemoveTo(few.First + 1);
        Assert.True(few.TryAdd(default, [3]));
        Assert.Equal([2], few.Payload(few.First).ToArray());

        EntryRing narrow = new(100, 10);
        Assert.False(narrow.HasRoom(11));
        Assert.True(narrow.TryAdd(default, new byte[6]));
        Assert.True(narrow.IsHalfFull);
        Assert.False(narrow.TryAdd(default, new byte[6]));   // not in one piece
        Assert.True(narrow.TryAdd(default, new byte[4]));
        narrow.RemoveTo(narrow.Next);
        Assert.True(narrow.TryAdd(default, new byte[10]));
    }

    [Fact]
    public void Adding_and_taking_allocate_nothing()
    {
        EntryRing ring = new(64, 4096);
        byte[] payload = new byte[100];
        byte[] buffer = new byte[100];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                ring.TryAdd(new OutboxEntry { Sequence = i }, payload);
                ring.TryTake(ref buffer, out _);
            }
        });
    }
}
