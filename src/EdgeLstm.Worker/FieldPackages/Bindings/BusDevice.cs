// A sensor on one of our I²C buses, in the shape that the bindings of Iot.Device.Bindings ask for.

using System.Device.I2c;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;
using I2cBus = EdgeLstm.Worker.Sensors.I2cBus;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Passes a binding's transfers on to an <see cref="I2cBus"/>, which has the bus open once for all its sensors and says
/// why a transfer failed. Allocates nothing; closes nothing.</summary>
/// <param name="bus">The bus.</param>
/// <param name="address">7-bit address.</param>
/// <param name="checksWords">Whether reads are words of two bytes with Sensirion's checksum behind each.</param>
/// <param name="clock">Monotonic time in nanoseconds.</param>
/// <exception cref="I2cTransferException">Thrown by each transfer that fails.</exception>
internal sealed class BusDevice(I2cBus bus, int address, bool checksWords, Func<long> clock) : I2cDevice
{
    private const long PatienceNs = 40_000_000;
    private const long RetryNs = 1_000_000;
    private const int WordBytes = 3;   // with its checksum

    private static readonly Checksum WordChecksum = Checksum.From(
        new ChecksumProfile("crc-8", Polynomial: new HexNumber(0x31), Initial: new HexNumber(0xFF)));

    private bool _isStarting;
    private bool _hasAnswered;
    private long _answeredNs;

    /// <summary>The address; buses have no numbers here.</summary>
    public override I2cConnectionSettings ConnectionSettings { get; } = new(0, address);

    /// <summary>When the last read began, in monotonic nanoseconds.</summary>
    public long ReadNs { get; private set; }

    /// <summary>True from a reset of the sensor until its first measurement: one that has answered and does not any more is asked
    /// again for 40 ms, since not every binding waits for as long as its sensor takes to start.</summary>
    public bool IsStarting
    {
        get => _isStarting;
        set
        {
            _isStarting = value;
            _hasAnswered = false;
        }
    }

    /// <inheritdoc/>
    public override void Read(Span<byte> buffer) => Transfer([], buffer);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => Transfer(buffer, []);

    /// <inheritdoc/>
    public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer) => Transfer(writeBuffer, readBuffer);

    /// <summary>Reads one register of 8 bits.</summary>
    public byte ReadRegister(byte register)
    {
        byte value = 0;
        Transfer([register], new Span<byte>(ref value));
        return value;
    }

    private void Transfer(ReadOnlySpan<byte> write, Span<byte> read)
    {
        ReadNs = read.IsEmpty ? ReadNs : clock();
        int errno = bus.Transfer(address, write, read);
        while (errno != 0 && IsWorthAsking(errno))
        {
            Descriptor.Wait(-1, -1, RetryNs, out _);
            errno = bus.Transfer(address, write, read);
        }

        if (errno != 0 || (checksWords && !HasGoodWords(read)))
        {
            throw new I2cTransferException(errno);
        }

        _hasAnswered = true;
        _answeredNs = ByteSource.MonotonicNs();
    }

    private bool IsWorthAsking(int errno) =>
        _isStarting && _hasAnswered && I2cDev.IsNoAnswer(errno) && ByteSource.MonotonicNs() - _answeredNs < PatienceNs;

    private static bool HasGoodWords(ReadOnlySpan<byte> read)
    {
        for (; read.Length >= WordBytes; read = read[WordBytes..])
        {
            if (!WordChecksum.Matches(read[..2], read.Slice(2, 1)))
            {
                return false;
            }
        }

        return true;
    }
}
