// Fixed and length-prefixed frames in a stream: noise, false starts, lost bytes, joining anywhere, and nothing counted twice.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class SyncFrameDecoderTests
{
    // 0x59 0x59, two bytes, their sum with the start: a small TFmini.
    private static readonly FramingProfile Fixed = new(
        "fixed", Fields: [new("uint8"), new("uint8")], Start: [new(0x59), new(0x59)], Checksum: new("sum-8", FromStart: true));

    // 0xAA, a length that counts itself and the checksum, bytes, XOR of length and bytes; 0x0D at the end.
    private static readonly FramingProfile Prefixed = new(
        "length-prefixed", Fields: [new("uint8")], Start: [new(0xAA)], Length: new("uint8", Beyond: 2), Delimiter: [new(0x0D)],
        Checksum: new("xor-8"), MaxFrameBytes: 16);

    private static (SyncFrameDecoder Frames, BinaryRecordDecoder Records) Create(FramingProfile framing)
    {
        BinaryRecordDecoder records = new([.. framing.Fields!.Select((_, i) => $"{i}")], framing);
        return (new SyncFrameDecoder(framing, records), records);
    }

    private static byte[] Small(byte a, byte b) => [0x59, 0x59, a, b, (byte)(0x59 + 0x59 + a + b)];

    private static byte[] Long(params byte[] record) =>
        [0xAA, (byte)(record.Length + 2), .. record, record.Aggregate((xor, value) => (byte)(xor ^ value)), 0x0D];

    private static List<double[]> Read(
        FramingProfile framing, out (long BadChecksum, long Malformed, long OverLong, long Partial) counts,
        params byte[][] pieces)
    {
        (SyncFrameDecoder frames, BinaryRecordDecoder records) = Create(framing);
        List<double[]> rows = Decoding.Records(frames, records, framing.Fields!.Count, pieces);
        counts = (records.BadChecksum, records.Malformed, frames.OverLong, frames.Partial);
        return rows;
    }

    [Fact]
    public void Frames_survive_being_split_at_any_byte()
    {
        byte[] stream = [0x59, 7, .. Small(1, 2), .. Small(0x59, 0x59), 9, 9, .. Small(3, 4), 0x59];
        Decoding.AssertSameWhereverSplit(stream, () => Create(Fixed), [[1, 2], [0x59, 0x59], [3, 4]]);
        byte[] other = [0xAA, .. Long(1), .. Long(0xAA, 2), 3, 0x0D, .. Long(4, 5, 6)];
        Decoding.AssertSameWhereverSplit(other, () => Create(Prefixed), [[1], [0xAA], [4]]);
    }

    [Fact]
    public void Joining_at_any_byte_loses_the_frame_joined_in_at_most()
    {
        byte[] frame = Small(0x59, 0x59);   // the hardest: start patterns throughout
        byte[] stream = [.. frame, .. frame, .. frame, .. frame];
        for (int joined = 0; joined < frame.Length; joined++)
        {
            List<double[]> rows = Read(Fixed, out _, stream[joined..]);
            Assert.All(rows, row => Assert.Equal([0x59, 0x59], row));
            Assert.InRange(rows.Count, 3, 4);
        }
    }

    [Fact]
    public void A_byte_lost_anywhere_costs_the_frame_it_was_in()
    {
        byte[][] frames = [Small(1, 2), Small(3, 4), Small(5, 6)];
        for (int lost = 0; lost < frames[1].Length; lost++)
        {
            byte[] broken = [.. frames[1][..lost], .. frames[1][(lost + 1)..]];
            List<double[]> rows = Read(Fixed, out var counts, [.. frames[0], .. broken, .. frames[2]]);
            Assert.Equal([[1, 2], [5, 6]], rows);
            Assert.Equal(1, counts.BadChecksum + counts.Partial);
        }
    }

    [Fact]
    public void A_wrong_checksum_is_counted_once_whatever_starts_inside_the_frame()
    {
        byte[] broken = Small(0x59, 0x59);
        broken[^1] ^= 1;
        List<double[]> rows = Read(Fixed, out var counts, [.. Small(1, 2), .. broken, .. broken, .. Small(3, 4)]);
        Assert.Equal([[1, 2], [3, 4]], rows);
        Assert.Equal((2, 0, 0, 0), counts);
    }

    [Fact]
    public void A_frame_inside_a_rejected_one_is_found()
    {
        byte[] falseStart = [0xAA, 12, 1, 2];   // claims ten bytes more than it has: two whole frames lie in them
        List<double[]> rows = Read(Prefixed, out var counts, [.. falseStart, .. Long(3), .. Long(4, 4), .. Long(5)]);
        Assert.Equal([[3], [4], [5]], rows);
        Assert.Equal((0, 1, 0, 0), counts);   // its end byte is not where it should be
    }

    [Fact]
    public void A_length_beyond_the_limit_or_below_nothing_is_counted_and_skipped()
    {
        byte[] tooLong = [0xAA, 15, 1, 2];   // 13 bytes of fields: a frame of 17 bytes with start, length, checksum and end
        byte[] tooShort = [0xAA, 1, 1, 2];
        Assert.Equal([[7], [8], [9]],
            Read(Prefixed, out var counts, [.. Long(7), .. tooLong, .. Long(8), .. tooShort, .. Long(9)]));
        Assert.Equal((0, 0, 2, 0), counts);
        Assert.Equal([[1]], Read(Prefixed, out counts, Long(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)));   // exactly the limit
        Assert.Equal((0, 0, 0, 0), counts);
    }

    [Theory]
    [InlineData("uint16", "little", "AA0300010203")]
    [InlineData("uint16", "big", "AA0003010203")]
    [InlineData("uint32", "little", "AA03000000010203")]
    [InlineData("uint32", "big", "AA00000003010203")]
    public void A_length_has_its_own_width_and_byte_order(string type, string byteOrder, string hex)
    {
        FramingProfile framing = new(
            "length-prefixed", Fields: [new("uint8"), new("uint8"), new("uint8")], Start: [new(0xAA)],
            Length: new(type, byteOrder), MaxFrameBytes: 65536);
        byte[] huge = [0xAA, 0xFF, 0xFF, 0xFF, 0xFF];
        Assert.Equal([[1, 2, 3]], Read(framing, out var counts, [.. huge, .. Convert.FromHexString(hex)]));
        Assert.True(type == "uint16" || counts.OverLong == 1);
    }

    [Fact]
    public void Without_start_bytes_the_checksum_finds_the_frames()
    {
        FramingProfile framing = new(
            "fixed", Fields: [new("uint8"), new("uint8")], Checksum: new("crc-16", new(0x1021), new(0xFFFF), ByteOrder: "big"));
        Checksum crc = Checksum.From(framing.Checksum!);
        byte[] frame = [1, 2, (byte)(crc.Of([1, 2]) >> 8), (byte)crc.Of([1, 2])];
        Assert.Equal([[1, 2], [1, 2]], Read(framing, out _, [9, 9, 9, .. frame, .. frame]));
    }

    [Fact]
    public void Noise_that_never_ends_is_counted_by_the_length_of_a_frame()
    {
        Read(Fixed, out var counts, new byte[500]);
        Assert.Equal((0, 0, 0), (counts.BadChecksum, counts.Malformed, counts.OverLong));
        Assert.InRange(counts.Partial, 1, 500 / 5);
    }

    [Fact]
    public void A_restart_forgets_and_counts_the_half_frame()
    {
        (SyncFrameDecoder frames, BinaryRecordDecoder records) = Create(Fixed);
        Assert.Empty(Decoding.Records(frames, records, 2, [0x59, 0x59, 1]));
        frames.Restart(atFrameStart: false);
        Assert.Equal([[3, 4]], Decoding.Records(frames, records, 2, Small(3, 4)));
        Assert.Equal((1, 1, 0), (frames.Frames, frames.Partial, records.Rejected));
    }

    [Fact]
    public void Noise_in_random_pieces_never_throws_and_never_hides_the_frames_behind_it()
    {
        Random random = new(11);
        foreach (FramingProfile framing in new[] { Fixed, Prefixed, Fixed with { Checksum = null } })
        {
            (SyncFrameDecoder frames, BinaryRecordDecoder records) = Create(framing);
            byte[] alphabet = [0x59, 0xAA, 0x0D, 0, 1, 2, 3, 0xFF];
            for (int round = 0; round < 5000; round++)
            {
                byte[] noise = [.. Enumerable.Range(0, random.Next(60)).Select(_ =>
                    random.Next(3) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)])];
                Decoding.Records(frames, records, framing.Fields!.Count, noise);
            }

            byte[] valid = framing.Kind == "fixed" ? Small(1, 2) : Long(1, 2);
            byte[][] many = [.. Enumerable.Repeat(valid, 20)];
            Assert.Equal(1, Decoding.Records(frames, records, framing.Fields!.Count, many)[^1][0]);
            Assert.True(frames.Partial > 100);
        }
    }

    [Fact]
    public void Finding_frames_allocates_nothing()
    {
        (SyncFrameDecoder frames, BinaryRecordDecoder records) = Create(Fixed);
        byte[] part1 = [.. Small(1, 2), .. Small(3, 4)[..2]];
        byte[] part2 = [.. Small(3, 4)[2..], 9];
        double[] channels = new double[2];
        int read = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 5000; i++)
            {
                Drain(part1);
                Drain(part2);
            }
        });
        Assert.Equal(6 * 10_000, read);

        void Drain(ReadOnlySpan<byte> received)
        {
            while (frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
            {
                read += records.TryReadChannels(payload, channels) ? 1 : 0;
            }
        }
    }
}
