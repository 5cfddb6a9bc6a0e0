// What the framing tests share: a stream cut at any byte through a frame decoder and a record decoder into rows of numbers.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

internal static class Decoding
{
    /// <summary>Feeds the stream in the given pieces and returns the records read.</summary>
    public static List<double[]> Records(FrameDecoder frames, RecordDecoder records, int channelCount, params byte[][] pieces)
    {
        List<double[]> rows = [];
        double[] channels = new double[channelCount];
        foreach (byte[] piece in pieces)
        {
            ReadOnlySpan<byte> received = piece;
            while (frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
            {
                if (records.TryReadChannels(payload, channels))
                {
                    rows.Add([.. channels]);
                }
            }
        }

        return rows;
    }

    /// <summary>Asserts that a stream of delimited frames gives the same records however it is cut in two, and byte by
    /// byte.</summary>
    public static void AssertSameWhereverSplit(byte[] stream, byte delimiter, Func<RecordDecoder> create, double[][] expected) =>
        AssertSameWhereverSplit(
            stream, () => (new DelimitedFrameDecoder(delimiter, 256, atFrameStart: true), create()), expected);

    /// <summary>Asserts that a stream gives the same records however it is cut in two, and byte by byte.</summary>
    public static void AssertSameWhereverSplit(
        byte[] stream, Func<(FrameDecoder Frames, RecordDecoder Records)> create, double[][] expected)
    {
        int channels = expected[0].Length;
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            (FrameDecoder frames, RecordDecoder records) = create();
            Assert.Equal(expected, Records(frames, records, channels, stream[..cut], stream[cut..]));
        }

        (FrameDecoder byteFrames, RecordDecoder byteRecords) = create();
        Assert.Equal(expected, Records(byteFrames, byteRecords, channels, [.. stream.Select(value => new[] { value })]));
    }

    /// <summary>Asserts that a decoder neither throws on noise nor fails on the record after it.</summary>
    public static void AssertSurvivesNoise(RecordDecoder decoder, byte[] valid, int channelCount)
    {
        Random random = new(7);
        double[] channels = new double[channelCount];
        byte[] noise = new byte[64];
        for (int round = 0; round < 20_000; round++)
        {
            int length = random.Next(0, noise.Length);
            if (round % 2 == 0)
            {
                random.NextBytes(noise);
            }
            else
            {
                length = Math.Min(valid.Length, noise.Length);
                valid.AsSpan(0, length).CopyTo(noise);
                noise[random.Next(length)] = (byte)random.Next(256);
            }

            decoder.TryReadChannels(noise.AsSpan(0, length), channels);
        }

        Assert.True(decoder.Rejected > 1000);
        Assert.True(decoder.TryReadChannels(valid, channels));
    }

    /// <summary>Bytes allocated by decoding one payload 5,000 times.</summary>
    public static long AllocatedBytes(RecordDecoder decoder, byte[] payload, int channelCount)
    {
        double[] channels = new double[channelCount];
        return Allocation.LeastOf(4, () =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                Assert.True(decoder.TryReadChannels(payload, channels));
            }
        });
    }
}
