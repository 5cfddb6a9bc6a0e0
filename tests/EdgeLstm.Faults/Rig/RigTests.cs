// The measuring instruments themselves: packets, records and counts.

using System.Text;

namespace EdgeLstm.Faults.Rig;

public sealed class RigTests
{
    private const string State = "edgelstm/pi/counter/state";

    [Fact]
    public void Packets_survive_being_split_at_any_byte()
    {
        byte[] stream = [.. Publish(7, State, "first"), 0xD0, 0, .. Publish(8, State, new string('x', 300)), 0x40, 2, 1, 2];
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            PacketSplitter packets = new();
            List<string> found = [];
            Receive(packets, stream.AsSpan(..cut), found);
            Receive(packets, stream.AsSpan(cut..), found);
            Assert.Equal(["Publish 7 5", "13", "Publish 8 300", "Puback 258"], found);
        }
    }

    [Fact]
    public void A_splitter_holds_a_packet_longer_than_its_buffer()
    {
        byte[] packet = Publish(1, State, new string('x', 200_000));
        PacketSplitter packets = new();
        List<string> found = [];
        Receive(packets, packet, found);
        Assert.Equal(["Publish 1 200000"], found);
    }

    [Theory]
    [InlineData(State, """{"boot":"0000001a","seq":7,"ts":1,"status":"live","values":{"temperature":6},"a":{}}""", 26, 7, 1, 6)]
    [InlineData(State, """{"boot":"0000001a","seq":7,"ts":1,"status":"stale","values":{"temperature":null}}""", 26, 7, 1, -1)]
    [InlineData(State, "{\"boot\":\"0000001a\",\"se", 0, 0, 0, -1)]
    [InlineData(State, "[1]", 0, 0, 0, -1)]
    public void A_record_is_read_from_its_message(string topic, string payload, long boot, long sequence, long ts, int number)
    {
        Assert.True(PublishedRecord.TryRead(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload),
            out PublishedRecord record));
        Assert.Equal(new PublishedRecord(RecordTopic.State, (uint)boot, sequence, ts, number), record);
    }

    [Fact]
    public void A_message_of_the_device_is_no_record() =>
        Assert.False(PublishedRecord.TryRead("edgelstm/pi/health"u8, "{}"u8, out _));

    [Fact]
    public void Numbers_are_counted_one_by_one()
    {
        NumberCounts counts = new();
        Assert.True(counts.Add(5000));
        Assert.False(counts.Add(5000));
        Assert.True(counts.Add(0));
        Assert.Equal((2, 1, 2, 0), (counts.Unique, counts.Repeats, counts[5000], counts[1_000_000]));
    }

    [SkippableFact]
    public void A_file_that_is_no_database_is_not_whole()
    {
        Skip.If(SqliteFile.Missing is not null, SqliteFile.Missing);
        string file = Path.GetTempFileName();
        try
        {
            Assert.Equal("ok", SqliteFile.Integrity(file));
            Assert.Equal(-1, SqliteFile.CountRows(file, "outbox"));
            Assert.Equal(1, SqliteFile.CountRows(file, "(SELECT 1)"));
            File.WriteAllText(file, new string('x', 10_000));
            Assert.Equal("file is not a database", SqliteFile.Integrity(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static byte[] Publish(byte id, string topic, string payload) =>
        MqttPacket.Write(0x32, [.. MqttPacket.Text(topic), 0, id, .. Encoding.UTF8.GetBytes(payload)]);

    private static void Receive(PacketSplitter packets, ReadOnlySpan<byte> bytes, List<string> found)
    {
        while (bytes.Length > 0)
        {
            Span<byte> free = packets.Free;
            int count = Math.Min(free.Length, bytes.Length);
            bytes[..count].CopyTo(free);
            packets.Received(count);
            bytes = bytes[count..];
            while (packets.TryTake(out MqttPacket packet))
            {
                found.Add(packet.Kind switch
                {
                    PacketKind.Publish => $"Publish {packet.Id} {packet.Payload.Length}",
                    PacketKind.Puback => $"Puback {packet.Id}",
                    _ => $"{(int)packet.Kind}",
                });
            }
        }
    }
}
