// A line of emulated slaves with the product's end of it, run step by step by the test's own thread.

using System.Diagnostics;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Modbus;

namespace EdgeLstm.Worker.Tests.Sensors.Modbus;

internal sealed class ModbusBench : IDisposable
{
    public const int TimeoutMs = 100;
    private const double RateHz = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ManualResetEventSlim _never = new();
    private readonly List<ModbusSlaveTask> _tasks = [];
    private readonly byte[] _buffer = new byte[4096];

    public ModbusBench(params EmulatedSlave[] slaves)
    {
        Slaves = new EmulatedLine(slaves);
        Line = new ModbusLine(Slaves.Port, new SerialSettings(115200));
    }

    public EmulatedLine Slaves { get; }

    /// <summary>How long tasks wait for an answer; longer where a test depends on when an answer comes.</summary>
    public int Timeout { get; init; } = TimeoutMs;

    public ModbusLine Line { get; }

    /// <summary>Input registers from 0 of one slave, block by block.</summary>
    public ModbusSlaveTask Add(byte slave, int retries, params (int Start, int Count)[] blocks)
    {
        ModbusProfile profile = new([.. blocks.Select(block => new ModbusBlock(block.Start, block.Count, 4))], slave, Timeout,
            retries);
        ModbusSlaveTask task = new(Line, profile, null, RateHz);
        _tasks.Add(task);
        return task;
    }

    /// <summary>Runs what is due until something is so.</summary>
    public void RunUntil(Func<bool> isSo)
    {
        long started = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "it did not happen");
            Step();
        }
    }

    /// <summary>Runs the task that is due the longest, or waits a moment.</summary>
    public void Step()
    {
        ModbusSlaveTask next = _tasks.MinBy(task => task.DueNs)!;
        long nowNs = ByteSource.MonotonicNs();
        if (next.DueNs <= nowNs)
        {
            next.Run(nowNs);
        }
        else
        {
            _never.Wait(1);
        }
    }

    /// <summary>Runs until a record has come, and takes it.</summary>
    public byte[] NextRecord(ModbusSlaveTask task)
    {
        byte[] record = [];
        RunUntil(() => Take(task, out record) == SourceRead.Data);
        return record;
    }

    /// <summary>What the stream sees, without waiting.</summary>
    public SourceRead Take(ModbusSlaveTask task, out byte[] record)
    {
        SourceRead found = task.Source.Read(_buffer, 0, out int count, out _);
        record = _buffer[..count];
        return found;
    }

    public void Dispose()
    {
        _tasks.ForEach(task => task.Source.Dispose());
        Line.Dispose();
        Slaves.Dispose();
        _never.Dispose();
    }
}
