// A bus and its sensors on virtual time: the earliest due runs, each transfer takes its time, and all of it is written down.

using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.I2c;

namespace EdgeLstm.Worker.Tests.Sensors.I2c;

/// <summary>Does what <see cref="PollingThread"/> does, without a thread and without waiting.</summary>
internal sealed class VirtualLine : I2cBus
{
    public const long Ms = 1_000_000;

    private readonly List<I2cTask> _sensors = [];

    public override string Description => "/dev/i2c-1";

    public EmulatedI2cBus Emulated { get; } = new();

    /// <summary>Virtual monotonic time; begins away from 0.</summary>
    public long NowNs { get; private set; } = 1000 * Ms;

    /// <summary>How long a transfer to an address takes.</summary>
    public Func<int, long> TransferNs { get; set; } = _ => Ms / 10;

    /// <summary>Address, bytes written, time of each transfer.</summary>
    public List<(int Address, byte[] Written, long AtNs)> Log { get; } = [];

    public bool Logs { get; set; } = true;

    public I2cSensor Add(I2cProfile i2c, double rateHz, IReadOnlyList<string>? fields = null, string root = "/")
    {
        SensorProfile profile = new("plain", [new ChannelProfile("x")], new FramingProfile("binary"),
            new TransportProfile("i2c", I2c: i2c));
        I2cSensor sensor = new(this, profile, fields ?? [], (int)i2c.Address.Value, rateHz) { Clock = () => NowNs, Root = root };
        return Add(sensor);
    }

    public T Add<T>(T sensor)
        where T : I2cTask
    {
        _sensors.Add(sensor);
        return sensor;
    }

    /// <summary>Runs until a virtual time from the start of the line.</summary>
    public void RunUntilMs(double ms)
    {
        long endNs = (1000 * Ms) + (long)(ms * Ms);
        while (true)
        {
            I2cTask next = _sensors[0];
            foreach (I2cTask sensor in _sensors)
            {
                next = sensor.DueNs < next.DueNs ? sensor : next;
            }

            if (Math.Max(NowNs, next.DueNs) >= endNs)
            {
                NowNs = Math.Max(NowNs, endNs);
                return;
            }

            NowNs = Math.Max(NowNs, next.DueNs);
            next.Run(NowNs);
        }
    }

    public override int Transfer(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        if (Logs)
        {
            Log.Add((address, write.ToArray(), NowNs));
        }

        NowNs += TransferNs(address);
        return Emulated.Transfer(address, write, read);
    }

    protected override void Dispose(bool disposing) => Emulated.Dispose();

    /// <summary>All that waits in a source: what was found, and for data the record and its time since the line's
    /// start.</summary>
    public static List<(SourceRead Found, byte[] Record, double AtMs)> Drain(I2cTask sensor)
    {
        List<(SourceRead, byte[], double)> all = [];
        byte[] buffer = new byte[1024];
        while (true)
        {
            SourceRead found = sensor.Source.Read(buffer, 0, out int count, out long timeNs);
            if (found == SourceRead.Idle)
            {
                return all;
            }

            all.Add((found, buffer[..count], (timeNs - (1000 * Ms)) / (double)Ms));
        }
    }

    public static I2cStep Write(params byte[] bytes) => new(Write: [.. bytes.Select(value => new HexNumber(value))]);

    public static I2cStep Read(byte register, int bytes) => new(Write: [new HexNumber(register)], Read: bytes);
}
