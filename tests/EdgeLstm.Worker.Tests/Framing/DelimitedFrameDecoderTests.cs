// Frames come out whole wherever the reads split them, and everything dropped is counted.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class DelimitedFrameDecoderTests
{
    private static List<string> Frames(FrameDecoder decoder, params string[] pieces)
    {
        List<string> frames = [];
        foreach (string piece in pieces)
        {
            ReadOnlySpan<byte> received = Encoding.UTF8.GetBytes(piece);
            while (decoder.TryRead(ref received, out ReadOnlySpan<byte> payload))
            {
                frames.Add(Encoding.UTF8.GetString(payload));
            }

            Assert.True(received.IsEmpty);
        }

        return frames;
    }

    private static DelimitedFrameDecoder Lines(int maxFrameBytes = 8, bool atFrameStart = true) =>
        new((byte)'\n', maxFrameBytes, atFrameStart);

    [Fact]
    public void Frames_survive_being_split_at_any_byte()
    {
        const string Stream = "1,2\r\n\n33\n\r\n12345678\n";
        for (int first = 0; first <= Stream.Length; first++)
        {
            for (int second = first; second <= Stream.Length; second++)
            {
                FrameDecoder decoder = Lines();
                Assert.Equal(["1,2", "33", "12345678"],
                    Frames(decoder, Stream[..first], Stream[first..second], Stream[second..]));
                Assert.Equal((3, 0, 0), (decoder.Frames, decoder.OverLong, decoder.Partial));
            }
        }
    }

    [Fact]
    public void Joining_in_the_middle_drops_up_to_the_first_delimiter_and_counts_it()
    {
        FrameDecoder decoder = Lines(atFrameStart: false);
        Assert.Equal(["ok"], Frames(decoder, "very long rest of ", "a frame\nok\n"));
        Assert.Equal((1, 0, 1), (decoder.Frames, decoder.OverLong, decoder.Partial));
    }

    [Fact]
    public void Joining_at_a_delimiter_drops_nothing()
    {
        FrameDecoder decoder = Lines(atFrameStart: false);
        Assert.Equal(["ok"], Frames(decoder, "\r\nok\n"));
        Assert.Equal(0, decoder.Partial);
    }

    [Theory]
    [InlineData("123456789\nok\n")]
    [InlineData("123456789\r\nok\n")]
    [InlineData("a frame of many more bytes than the limit\nok\n")]
    public void An_over_long_frame_is_dropped_to_its_end_and_counted_once_wherever_it_is_split(string stream)
    {
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            FrameDecoder decoder = Lines();
            Assert.Equal(["ok"], Frames(decoder, stream[..cut], stream[cut..]));
            Assert.Equal((1, 1, 0), (decoder.Frames, decoder.OverLong, decoder.Partial));
        }
    }

    [Fact]
    public void A_frame_of_exactly_the_limit_passes_with_a_carriage_return()
    {
        foreach (int cut in Enumerable.Range(0, 10))
        {
            const string Stream = "12345678\r\n";
            FrameDecoder decoder = Lines();
            Assert.Equal(["12345678"], Frames(decoder, Stream[..cut], Stream[cut..]));
            Assert.Equal(0, decoder.OverLong);
        }
    }

    [Fact]
    public void A_restart_forgets_and_counts_the_half_frame()
    {
        FrameDecoder decoder = Lines();
        Assert.Empty(Frames(decoder, "12"));
        decoder.Restart(atFrameStart: false);
        Assert.Equal(["ok"], Frames(decoder, "34\nok\n"));
        Assert.Equal((1, 0, 2), (decoder.Frames, decoder.OverLong, decoder.Partial));
    }

    [Fact]
    public void Zero_as_delimiter_keeps_carriage_returns_and_line_feeds()
    {
        DelimitedFrameDecoder decoder = new(0, 16, atFrameStart: true);
        Assert.Equal(["a\n\r", "b"], Frames(decoder, "a\n\r\0\0b\0"));
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("##")]
    [InlineData("#a#")]
    [InlineData("abab")]
    public void Delimiters_of_several_bytes_are_found_wherever_they_are_split(string delimiter)
    {
        string stream = $"joined{delimiter}1,2{delimiter}{delimiter}much too long{delimiter}*3{delimiter}12345678{delimiter}4";
        for (int first = 0; first <= stream.Length; first++)
        {
            for (int second = first; second <= stream.Length; second++)
            {
                DelimitedFrameDecoder decoder = new(Encoding.UTF8.GetBytes(delimiter), 8);
                Assert.Equal(["1,2", "*3", "12345678"],
                    Frames(decoder, stream[..first], stream[first..second], stream[second..]));
                Assert.Equal((3, 1, 1), (decoder.Frames, decoder.OverLong, decoder.Partial));
            }
        }
    }

    [Fact]
    public void What_only_begins_like_the_delimiter_belongs_to_the_frame()
    {
        const string Stream = "aab1aaab2aab";
        for (int cut = 0; cut <= Stream.Length; cut++)
        {
            DelimitedFrameDecoder decoder = new("aab"u8.ToArray(), 8, atFrameStart: true);
            Assert.Equal(["1a", "2"], Frames(decoder, Stream[..cut], Stream[cut..]));
        }
    }

    [Fact]
    public void Random_frames_in_random_pieces_come_out_whole()
    {
        Random random = new(3);
        for (int round = 0; round < 300; round++)
        {
            string delimiter = new[] { "|", "ab", "aab", "||" }[round % 4];
            List<string> frames = [.. Enumerable.Range(0, 20).Select(_ =>
                string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => "xyz"[random.Next(3)])))];
            string stream = string.Concat(frames.Select(frame => frame + delimiter));
            List<string> pieces = [];
            for (int at = 0; at < stream.Length;)
            {
                int length = Math.Min(random.Next(0, 7), stream.Length - at);
                pieces.Add(stream.Substring(at, length));
                at += length;
            }

            DelimitedFrameDecoder decoder = new(Encoding.UTF8.GetBytes(delimiter), 8, atFrameStart: true);
            Assert.Equal(frames, Frames(decoder, [.. pieces]));
            Assert.Equal((20, 0, 0), (decoder.Frames, decoder.OverLong, decoder.Partial));
        }
    }

    [Fact]
    public void A_line_without_an_end_for_a_gigabyte_is_counted_once_and_holds_no_memory()
    {
        const int Mebibyte = 1 << 20;
        FrameDecoder decoder = new DelimitedFrameDecoder((byte)'\n', 1024, atFrameStart: true);
        byte[] noise = [.. Enumerable.Repeat((byte)'5', Mebibyte)];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1024; i++)
        {
            ReadOnlySpan<byte> received = noise;
            Assert.False(decoder.TryRead(ref received, out _));
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Mebibyte / 8);
        ReadOnlySpan<byte> rest = "5\n42\n"u8;
        Assert.True(decoder.TryRead(ref rest, out ReadOnlySpan<byte> payload));
        Assert.Equal("42", Encoding.UTF8.GetString(payload));
        Assert.Equal((1, 1, 0), (decoder.Frames, decoder.OverLong, decoder.Partial));
    }

    [Fact]
    public void Cutting_frames_allocates_nothing()
    {
        FrameDecoder decoder = Lines(64);
        byte[] part1 = "12.5,13.5\n14"u8.ToArray();
        byte[] part2 = ".5,15\n"u8.ToArray();
        long allocated = Allocation.LeastOf(3, () =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                Drain(decoder, part1);
                Drain(decoder, part2);
            }
        });
        Assert.Equal(0, allocated);
        Assert.Equal(40_000, decoder.Frames);

        static void Drain(FrameDecoder decoder, ReadOnlySpan<byte> received)
        {
            while (decoder.TryRead(ref received, out _))
            {
            }
        }
    }
}
