// The tally as bytes: read back, found in any file, never taken when it is not whole.

using EdgeLstm.Worker.Outbox;

namespace EdgeLstm.Worker.Tests.Outbox;

public sealed class OutboxTallyTests : IDisposable
{
    private static readonly OutboxTally Tally = new(17, 4711, 3000, 12);
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_tally_is_read_back_and_counts_both_kinds()
    {
        byte[] blob = Blob(Tally);
        Assert.True(OutboxTally.TryRead(blob, out OutboxTally read));
        Assert.Equal(Tally, read);
        Assert.Equal(3012, read.Rows);
        Assert.Equal(new OutboxTally(17, 4711, 3000, 13), read.Plus(OutboxKind.Event, 1));
        Assert.Equal(new OutboxTally(17, 4711, 2999, 12), read.Plus(OutboxKind.Sample, -1));
    }

    [Fact]
    public void One_flipped_bit_leaves_it_readable_and_one_in_each_copy_does_not()
    {
        for (int bit = 0; bit < OutboxTally.ByteCount * 8; bit++)
        {
            byte[] blob = Blob(Tally);
            blob[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(OutboxTally.TryRead(blob, out OutboxTally read));
            Assert.Equal(Tally, read);
            int other = (bit + (OutboxTally.ByteCount * 4)) % (OutboxTally.ByteCount * 8);
            blob[other / 8] ^= (byte)(1 << (other % 8));
            Assert.False(OutboxTally.TryRead(blob, out _));
        }

        Assert.False(OutboxTally.TryRead([], out _));
        Assert.False(OutboxTally.TryRead(Blob(Tally).AsSpan(1), out _));
    }

    [Fact]
    public void The_newest_is_found_wherever_it_lies_in_a_file()
    {
        const int chunk = 1 << 18;
        int[] places =
            [0, 1, 4000, chunk - 88, chunk - 60, chunk - 44, chunk - 20, chunk, (3 * chunk) - 100, (3 * chunk) - 88];
        foreach (int at in places)
        {
            byte[] bytes = new byte[3 * chunk];
            new Random(at).NextBytes(bytes);
            Blob(Tally with { Revision = 16 }).CopyTo(bytes, at < 2 * chunk ? (2 * chunk) + 5 : 5);
            Blob(Tally).CopyTo(bytes, at);
            File.WriteAllBytes(_file, bytes);
            Assert.Equal(Tally, OutboxTally.FindNewest(_file));
        }
    }

    [Fact]
    public void A_file_without_one_and_no_file_have_none()
    {
        File.WriteAllBytes(_file, "ELSTallyELSTally, but not one of ours, long enough to be looked at all the same"u8.ToArray());
        Assert.Equal(default, OutboxTally.FindNewest(_file));
        Assert.Equal(default, OutboxTally.FindNewest(_file + ".none"));
    }

    private static byte[] Blob(OutboxTally tally)
    {
        byte[] blob = new byte[OutboxTally.ByteCount];
        tally.Write(blob);
        return blob;
    }
}
