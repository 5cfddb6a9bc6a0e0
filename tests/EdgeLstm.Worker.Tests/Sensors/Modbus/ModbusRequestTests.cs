// Frames of Modbus RTU: the worked examples of manuals, and everything that can stand in an answer's place.

using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.Modbus;

public class ModbusRequestTests
{
    private static readonly ModbusRequest Asked = new(0x11, 3, 0x006B, 3);
    private static readonly byte[] Request = Convert.FromHexString("1103006B00037687");
    private static readonly byte[] Answer = Convert.FromHexString("110306AE415652434049AD");

    [Theory]
    [InlineData(0x11, 3, 0x006B, 3, "1103006B00037687")]   // simplymodbus.ca, FC03
    [InlineData(1, 4, 0, 2, "01040000000271CB")]           // Eastron SDM, voltage
    [InlineData(1, 4, 1, 2, "010400010002200B")]           // XY-MD02, temperature and humidity
    [InlineData(1, 4, 0, 10, "01040000000A700D")]          // PZEM-004T, everything
    [InlineData(0x50, 3, 0x3A, 3, "5003003A00032847")]     // WTVB01-485, vibration velocity
    public void A_request_has_the_bytes_of_the_devices_manual(byte slave, byte function, ushort start, ushort count, string frame)
    {
        byte[] written = new byte[ModbusRequest.Bytes];
        new ModbusRequest(slave, function, start, count).Write(written);
        Assert.Equal(frame, Convert.ToHexString(written));
    }

    [Theory]
    [InlineData(0x11, 3, 0x006B, 3, "110306AE415652434049AD", "AE4156524340")]
    [InlineData(1, 4, 0, 2, "010404436633341B38", "43663334")]
    [InlineData(1, 4, 1, 2, "010404013102222ACE", "01310222")]
    public void An_answer_gives_its_registers(
        byte slave, byte function, ushort start, ushort count, string frame, string registers)
    {
        byte[] received = Convert.FromHexString(frame);
        Assert.Equal(ModbusResult.Registers,
            new ModbusRequest(slave, function, start, count).Find(received, [], out Range place, out _));
        Assert.Equal(registers, Convert.ToHexString(received.AsSpan(place)));
        Assert.Equal(received.Length, new ModbusRequest(slave, function, start, count).AnswerBytes);
    }

    [Fact]
    public void An_answer_is_complete_with_its_last_byte_and_not_before()
    {
        for (int count = 0; count < Answer.Length; count++)
        {
            ModbusResult found = Asked.Find(Answer.AsSpan(0, count), [], out _, out _);
            Assert.Equal(count == 0 ? ModbusResult.NoAnswer : ModbusResult.HalfAnswer, found);
        }

        Assert.Equal(ModbusResult.Registers, Find(Answer));
    }

    [Fact]
    public void An_echo_of_the_request_is_skipped_and_alone_is_no_answer()
    {
        for (int count = 1; count <= Request.Length; count++)
        {
            Assert.Equal(ModbusResult.NoAnswer, Find(Request[..count]));
        }

        Assert.Equal(ModbusResult.Registers, Find([.. Request, .. Answer]));
    }

    [Fact]
    public void Stray_bytes_before_the_answer_do_no_harm()
    {
        Assert.Equal(ModbusResult.Registers, Find([0x00, .. Answer]));
        Assert.Equal(ModbusResult.Registers, Find([0x11, 0x03, 0x06, .. Answer]));   // an older answer's beginning
        Assert.Equal(ModbusResult.Registers, Find([.. Request, 0xFF, .. Answer]));
    }

    [Fact]
    public void Every_turned_bit_is_noticed()
    {
        for (int bit = 0; bit < 8 * Answer.Length; bit++)
        {
            byte[] damaged = [.. Answer];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(ModbusResult.Registers, Find(damaged));
            Assert.NotEqual(ModbusResult.Refused, Find(damaged));
        }
    }

    [Fact]
    public void What_came_instead_of_the_answer_is_told_apart()
    {
        byte[] damaged = [.. Answer];
        damaged[5] ^= 1;
        Assert.Equal(ModbusResult.WrongChecksum, Find(damaged));
        Assert.Equal(ModbusResult.OtherSlave, Find(Seal("120306AE4156524340")));
        Assert.Equal(ModbusResult.WrongLength, Find(Seal("110304AE415652")));
        Assert.Equal(ModbusResult.WrongLength, Find(Seal("110406AE4156524340")));   // the other function
        Assert.Equal(ModbusResult.Noise, Find([1, 2, 3, 4, 5, 6]));
        Assert.Equal(ModbusResult.Registers, Find([.. Seal("120306AE4156524340"), .. Answer]));
    }

    [Fact]
    public void A_refusal_gives_its_code_and_a_damaged_one_none()
    {
        byte[] refusal = Seal("118302");
        Assert.Equal(ModbusResult.Refused, Asked.Find(refusal, Request, out _, out byte code));
        Assert.Equal(2, code);
        Assert.Equal(ModbusResult.HalfAnswer, Find(refusal[..4]));
        refusal[2] = 3;
        Assert.Equal(ModbusResult.WrongChecksum, Find(refusal));
    }

    [Fact]
    public void Noise_is_never_an_answer_and_looking_for_one_allocates_nothing()
    {
        byte[] noise = new byte[1024];
        Random random = new(1);
        Allocation.AssertNone(() =>
        {
            for (int round = 0; round < 100; round++)
            {
                random.NextBytes(noise);
                noise[500] = 0x11;
                noise[501] = 3;
                noise[502] = 6;
                ModbusResult found = Asked.Find(noise, Request, out _, out _);
                Assert.True(found is not (ModbusResult.Registers or ModbusResult.Refused));
            }
        });
    }

    private static ModbusResult Find(byte[] received) => Asked.Find(received, Request, out _, out _);

    private static byte[] Seal(string frame)
    {
        byte[] bytes = Convert.FromHexString(frame);
        ushort crc = Emulation.Modbus.EmulatedSlave.Crc(bytes);
        return [.. bytes, (byte)crc, (byte)(crc >> 8)];
    }
}
