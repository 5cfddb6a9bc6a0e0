// The simplest sensor: 256 registers with a pointer, asleep after power-on until register 0x6B is written 0.

using EdgeLstm.Worker.Tests.Emulation.I2c;

namespace EdgeLstm.Worker.Tests.Sensors.I2c;

/// <summary>While asleep its data registers 0x10 to 0x1F read as zero.</summary>
internal sealed class PlainI2cDevice : EmulatedI2cDevice
{
    public const byte Power = 0x6B, Data = 0x10, DataEnd = 0x20;

    private int _pointer;

    public PlainI2cDevice() => PowerOn();

    public byte[] Registers { get; } = new byte[256];

    /// <summary>Called before each read with the register it begins at.</summary>
    public Action<int>? BeforeRead { get; set; }

    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        _pointer = bytes[0];
        foreach (byte value in bytes[1..])
        {
            Registers[_pointer++ & 0xFF] = value;
        }

        return true;
    }

    public override bool Read(Span<byte> bytes)
    {
        BeforeRead?.Invoke(_pointer);
        for (int i = 0; i < bytes.Length; i++, _pointer++)
        {
            bool blank = Registers[Power] != 0 && _pointer is >= Data and < DataEnd;
            bytes[i] = blank ? (byte)0 : Registers[_pointer & 0xFF];
        }

        return true;
    }

    public override void PowerOn()
    {
        Registers.AsSpan().Clear();
        Registers[Power] = 0x40;
        Registers[0x75] = 0x68;
        Registers[0x00] = 0x01;
        for (int i = Data; i < DataEnd; i++)
        {
            Registers[i] = (byte)i;
        }
    }

    public override void BeNonsense(bool nonsense)
    {
    }
}
