// The shim itself: what a C program gets from /dev/i2c-N under it is what the emulated bus says.

using System.Diagnostics;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class I2cShimTests : IDisposable
{
    private const int Address = 0x48;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-i2c-").FullName;
    private readonly EmulatedI2cBus _bus = new EmulatedI2cBus().Attach(Address, new CountingRegisters());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public void Transfers_write_and_read_what_the_sensor_holds()
    {
        using I2cSocketServer server = new(_folder, 7, _bus);

        string[] said = Ask(7, "functions", "transfer:48:10:4", "transfer:48:20AABB:0", "transfer:48:1F:3", "transfer:48::2");

        Assert.Equal(
            [
                "functions = 0 0c 7f 00 01",
                "transfer:48:10:4 = 2 10 11 12 13",
                "transfer:48:20AABB:0 = 1",
                "transfer:48:1F:3 = 2 1f aa bb",
                "transfer:48::2 = 1 22 23",
            ],
            said);
    }

    [SkippableFact]
    public void An_adapter_of_smbus_only_makes_bytes_words_and_blocks_and_no_plain_transfer()
    {
        using I2cSocketServer server = new(_folder, 7, _bus, I2cSocketServer.SmbusAdapter);

        string[] said = Ask(7, "functions", "transfer:48:10:4", "slave:48", "quick", "write-byte:30", "read-byte",
            "read-byte-data:33", "read-word-data:34", "read-block:35:6", "write-byte-data:40:99", "write-word-data:41:1234",
            "write-block:43:C0FFEE", "read-block:40:7");

        Assert.Equal(
            [
                "functions = 0 0c 7f 00 00",
                "transfer:48:10:4 ! 95",
                "slave:48 = 0",
                "quick = 0",
                "write-byte:30 = 0",
                "read-byte = 0 30",
                "read-byte-data:33 = 0 33",
                "read-word-data:34 = 0 34 35",
                "read-block:35:6 = 0 35 36 37 38 39 3a",
                "write-byte-data:40:99 = 0",
                "write-word-data:41:1234 = 0",
                "write-block:43:C0FFEE = 0",
                "read-block:40:7 = 0 99 34 12 c0 ff ee 46",
            ],
            said);
    }

    [SkippableFact]
    public void Errors_are_those_of_the_kernel()
    {
        using I2cSocketServer server = new(_folder, 7, _bus);
        server.OwnByKernel(0x77);

        Assert.Equal(["transfer:50:00:1 ! 6"], Ask(7, "transfer:50:00:1"));
        Assert.Equal(["slave:77 ! 16"], Ask(7, "slave:77"));
        Assert.Equal(["open ! 2"], Ask(8, "functions"));
    }

    [SkippableFact]
    public void A_bus_that_is_held_answers_after_the_adapters_timeout()
    {
        using I2cSocketServer server = new(_folder, 7, _bus);
        _bus.Break(Address, Fault.StuckBus);
        long started = Stopwatch.GetTimestamp();

        Assert.Equal(["timeout:14 = 0", "transfer:48:00:1 ! 110"], Ask(7, "timeout:14", "transfer:48:00:1"));

        // The emulated adapter waits by a clock of whole milliseconds, which may be one short.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 198, 10_000);
    }

    private string[] Ask(int bus, params string[] requests)
    {
        ProcessStartInfo start = new(I2cShim.Probe, [$"/dev/i2c-{bus}", .. requests]) { RedirectStandardOutput = true };
        foreach ((string name, string value) in I2cShim.VariablesFor(_folder))
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // 256 registers, each holding its own number; a write sets the register pointer and what follows it.
    private sealed class CountingRegisters : EmulatedI2cDevice
    {
        private readonly byte[] _registers = [.. Enumerable.Range(0, 256).Select(k => (byte)k)];
        private byte _pointer;

        public override bool Write(ReadOnlySpan<byte> bytes)
        {
            _pointer = bytes[0];
            foreach (byte value in bytes[1..])
            {
                _registers[_pointer++] = value;
            }

            return true;
        }

        public override bool Read(Span<byte> bytes)
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = _registers[_pointer++];
            }

            return true;
        }

        public override void PowerOn()
        {
        }

        public override void BeNonsense(bool nonsense)
        {
        }
    }
}
