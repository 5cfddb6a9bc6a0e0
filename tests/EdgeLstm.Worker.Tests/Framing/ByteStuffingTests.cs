// Byte stuffing against its published examples, every length around a COBS block, and what breaks its rules.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class ByteStuffingTests
{
    private delegate bool Remove(ReadOnlySpan<byte> encoded, Span<byte> decoded, out int length);

    private static readonly (Remove Remove, Func<byte[], byte[]> Add, byte End)[] Kinds =
    [
        (ByteStuffing.TryRemoveCobs, Stuffing.Cobs, 0),
        (ByteStuffing.TryRemoveSlip, Stuffing.Slip, ByteStuffing.SlipEnd),
        (ByteStuffing.TryRemoveHdlc, Stuffing.Hdlc, ByteStuffing.HdlcFlag),
    ];

    private static Remove Removing(string kind) => Kinds[Array.IndexOf(["cobs", "slip", "hdlc"], kind)].Remove;

    [Theory]
    [InlineData("cobs", "01", "")]
    [InlineData("cobs", "0101", "00")]
    [InlineData("cobs", "010101", "0000")]
    [InlineData("cobs", "0311220233", "11220033")]
    [InlineData("cobs", "0511223344", "11223344")]
    [InlineData("cobs", "0211010101", "11000000")]
    [InlineData("slip", "01DBDC02DBDD03", "01C002DB03")]
    [InlineData("slip", "DBDCDBDCDBDD", "C0C0DB")]
    [InlineData("slip", "DC7DDD", "DC7DDD")]
    [InlineData("hdlc", "017D5E027D5D03", "017E027D03")]
    [InlineData("hdlc", "7D317D5E5E5D", "117E5E5D")]
    public void Stuffing_is_removed_as_published(string kind, string encoded, string expected)
    {
        byte[] decoded = new byte[16];
        Assert.True(Removing(kind)(Convert.FromHexString(encoded), decoded, out int length));
        Assert.Equal(expected, Convert.ToHexString(decoded, 0, length));
    }

    [Theory]
    [InlineData("cobs", "0511")]       // a block longer than what is left
    [InlineData("cobs", "03110011")]   // a zero inside
    [InlineData("slip", "01DB02")]     // neither 0xDC nor 0xDD
    [InlineData("slip", "01DB")]
    [InlineData("hdlc", "01027D")]     // broken off by the sender
    public void What_breaks_the_rules_is_refused(string kind, string encoded) =>
        Assert.False(Removing(kind)(Convert.FromHexString(encoded), new byte[16], out _));

    [Fact]
    public void Every_content_and_length_comes_back_and_none_holds_the_byte_that_ends_a_frame()
    {
        byte[] decoded = new byte[600];
        Random random = new(5);
        foreach (int length in Enumerable.Range(1, 20).Concat(Enumerable.Range(250, 12)).Concat(Enumerable.Range(505, 8)))
        {
            foreach (int specialEvery in new[] { 1000, 254, 255, 256, 3, 1 })
            {
                byte[] specials = [0, 0xC0, 0xDB, 0xDC, 0xDD, 0x7E, 0x7D, 0x5E];
                byte[] bytes = [.. Enumerable.Range(1, length)
                    .Select(i => i % specialEvery == 0 ? specials[random.Next(specials.Length)] : (byte)((i % 255) + 1))];
                foreach ((Remove remove, Func<byte[], byte[]> add, byte end) in Kinds)
                {
                    byte[] encoded = add(bytes);
                    Assert.DoesNotContain(end, encoded);
                    Assert.True(remove(encoded, decoded, out int count));
                    Assert.Equal(bytes, decoded[..count]);
                }
            }
        }
    }

    [Fact]
    public void Too_little_room_is_refused_and_nothing_is_written_beyond_it()
    {
        byte[] bytes = [1, 0xC0, 0x7E, 0, 2, 3];
        foreach ((Remove remove, Func<byte[], byte[]> add, _) in Kinds)
        {
            for (int room = 0; room < bytes.Length; room++)
            {
                Assert.False(remove(add(bytes), new byte[room], out int length));
                Assert.InRange(length, 0, room);
            }
        }
    }

    [Fact]
    public void Noise_never_throws()
    {
        Random random = new(3);
        byte[] noise = new byte[40];
        byte[] alphabet = [0, 1, 2, 3, 0xC0, 0xDB, 0xDC, 0xDD, 0x7E, 0x7D, 0xFF];
        byte[] decoded = new byte[30];
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            int length = random.Next(noise.Length);
            for (int i = 0; i < length; i++)
            {
                noise[i] = alphabet[random.Next(alphabet.Length)];
            }

            foreach ((Remove remove, _, _) in Kinds)
            {
                refused += remove(noise.AsSpan(0, length), decoded, out _) ? 0 : 1;
            }
        }

        Assert.True(refused > 1000);
    }

    [Fact]
    public void Removing_allocates_nothing()
    {
        byte[] decoded = new byte[16];
        (Remove Remove, byte[] Encoded)[] cases = [.. Kinds.Select(kind => (kind.Remove, kind.Add([1, 0, 0xC0, 0x7E])))];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                foreach ((Remove remove, byte[] encoded) in cases)
                {
                    remove(encoded, decoded, out _);
                }
            }
        });
    }
}
