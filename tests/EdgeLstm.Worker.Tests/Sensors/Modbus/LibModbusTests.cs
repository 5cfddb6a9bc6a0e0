// The master against a slave that others wrote: libmodbus as an RTU server on a pseudo-terminal.

using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.Modbus;

public sealed class LibModbusTests : IDisposable
{
    private const int PatienceMs = 60_000;

    // Makes a pseudo-terminal, says its name and serves slave 17 on the other end: holding registers 0 to 9 and input registers
    // 100 to 103, two of which are a float32. (modbus_set_float_abcd writes another order in some versions.)
    private const string Server = """
        #include <modbus/modbus.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <fcntl.h>
        #include <termios.h>
        #include <unistd.h>

        int main() {
          int master = posix_openpt(O_RDWR | O_NOCTTY);
          if (master < 0 || grantpt(master) || unlockpt(master)) return 1;
          int held = open(ptsname(master), O_RDWR | O_NOCTTY);
          struct termios mode;
          tcgetattr(held, &mode);
          cfmakeraw(&mode);
          tcsetattr(held, TCSANOW, &mode);
          puts(ptsname(master));
          fflush(stdout);

          modbus_t *line = modbus_new_rtu("/dev/null", 9600, 'N', 8, 1);
          modbus_set_slave(line, 17);
          modbus_set_socket(line, master);
          modbus_mapping_t *map = modbus_mapping_new_start_address(0, 0, 0, 0, 0, 10, 100, 4);
          for (int i = 0; i < 10; i++) map->tab_registers[i] = 1000 + i;
          map->tab_input_registers[0] = 0x1234;
          map->tab_input_registers[1] = 0xFFFE;
          union { float value; uint32_t bits; } celsius = {-273.15f};
          map->tab_input_registers[2] = celsius.bits >> 16;
          map->tab_input_registers[3] = celsius.bits & 0xFFFF;
          uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];
          for (;;) {
            int count = modbus_receive(line, query);
            if (count > 0) modbus_reply(line, query, count, map);
            else if (count < 0 && getppid() == 1) return 0;
          }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-libmodbus-").FullName;
    private Process? _server;
    private ModbusLine? _line;

    public void Dispose()
    {
        _line?.Dispose();
        if (_server is not null)
        {
            _server.Kill();
            _server.WaitForExit();
            _server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public void Registers_of_both_functions_are_those_of_the_server()
    {
        ModbusLine line = Open(StartServer());
        byte[] registers = new byte[20];
        Assert.Equal(ModbusResult.Registers, line.Ask(new ModbusRequest(17, 3, 0, 10), 1000, registers, out _));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(1000 + i, BinaryPrimitives.ReadUInt16BigEndian(registers.AsSpan(2 * i)));
        }

        Assert.Equal(ModbusResult.Registers, line.Ask(new ModbusRequest(17, 4, 100, 4), 1000, registers, out _));
        Assert.Equal("1234FFFE", Convert.ToHexString(registers.AsSpan(0, 4)));
        Assert.Equal(-273.15f, BinaryPrimitives.ReadSingleBigEndian(registers.AsSpan(4)));
    }

    [SkippableFact]
    public void Its_refusals_and_its_silence_are_understood()
    {
        ModbusLine line = Open(StartServer());
        byte[] registers = new byte[20];
        Assert.Equal(ModbusResult.Refused, line.Ask(new ModbusRequest(17, 3, 5, 6), 1000, registers, out byte code));
        Assert.Equal(2, code);
        Assert.Equal(ModbusResult.NoAnswer, line.Ask(new ModbusRequest(18, 3, 0, 1), 50, registers, out _));

        // This server takes the next message for slave 18's answer, so the first request after it is lost: what retries are for.
        Assert.True(SpinWait.SpinUntil(
            () => line.Ask(new ModbusRequest(17, 3, 9, 1), 500, registers, out _) == ModbusResult.Registers, PatienceMs));
        Assert.Equal(1009, BinaryPrimitives.ReadUInt16BigEndian(registers));
    }

    [SkippableFact]
    public void Blocks_of_a_profile_become_channels()
    {
        ModbusLine line = Open(StartServer());
        ModbusSlaveTask task = new(line, new([new(100, 4, 4), new(3, 1)], 1), slave: 17, rateHz: 100);
        using ByteSource source = task.Source;
        SensorProfile profile = new("n",
            [new("a"), new("b", Scale: 0.1), new("c", Unit: "°C"), new("d")],
            new FramingProfile("binary", ByteOrder: "big", Fields:
                [new("uint16", "a"), new("int16", "b"), new("float32", "c"), new("uint16", "d")]),
            new TransportProfile("modbus"));
        ProfileReader reader = new(profile, ["a", "b", "c", "d"]);
        byte[] record = new byte[64];
        int count = 0;
        Assert.True(SpinWait.SpinUntil(() =>
        {
            task.Run(ByteSource.MonotonicNs());
            return source.Read(record, 0, out count, out _) == SourceRead.Data;
        }, PatienceMs));
        float[] channels = new float[4];
        Assert.True(reader.TryReadChannels(record.AsSpan(0, count), channels));
        Assert.Equal([0x1234, -0.2f, -273.15f, 1003], channels);
    }

    private ModbusLine Open(string port) => _line = new ModbusLine(port, new SerialSettings(115200));

    private string StartServer()
    {
        string program = Path.Combine(_folder, "server");
        File.WriteAllText(program + ".cpp", Server);
        Skip.IfNot(File.Exists("/usr/include/modbus/modbus.h"), "libmodbus-dev is not installed");
        using Process compiler = Start("g++", "-o", program, program + ".cpp", "-lmodbus");
        Assert.True(compiler.WaitForExit(PatienceMs));
        Assert.True(compiler.ExitCode == 0, compiler.StandardError.ReadToEnd());
        _server = Start(program);
        return _server.StandardOutput.ReadLine()!;
    }

    private static Process Start(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            Skip.If(true, $"{program} is not installed");
            throw;
        }
    }
}
