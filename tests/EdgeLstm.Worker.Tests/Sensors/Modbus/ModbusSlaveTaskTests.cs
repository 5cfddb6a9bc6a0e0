// Slaves on a real pseudo-terminal: what they say is read, what they do wrong is told, and none stops the others.

using System.Diagnostics;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Modbus;

namespace EdgeLstm.Worker.Tests.Sensors.Modbus;

public sealed class ModbusSlaveTaskTests
{
    private static EmulatedSlave Slave(byte address) =>
        new EmulatedSlave(address).Set(4, 0, [.. Enumerable.Range(0, 8).Select(i => (ushort)((address * 256) + i))]);

    private static byte[] Registers(byte address, params byte[] registers) =>
        [.. registers.SelectMany(register => new[] { address, register })];

    [Fact]
    public void Blocks_become_one_record_in_their_order()
    {
        using ModbusBench bench = new(Slave(7));
        ModbusSlaveTask task = bench.Add(7, 2, (4, 2), (0, 1));
        Assert.Equal(Registers(7, 4, 5, 0), bench.NextRecord(task));
        Assert.Equal($"slave 7 on {bench.Slaves.Port} at 115200 baud", task.Source.Description);
        Assert.Null(task.Source.Problem);
    }

    [Fact]
    public void Slaves_of_one_line_are_asked_in_turn()
    {
        using ModbusBench bench = new(Slave(1), Slave(2), Slave(247));
        ModbusSlaveTask[] tasks = [bench.Add(1, 2, (0, 2)), bench.Add(2, 2, (1, 2)), bench.Add(247, 2, (2, 2))];
        for (int round = 0; round < 5; round++)
        {
            Assert.Equal(Registers(1, 0, 1), bench.NextRecord(tasks[0]));
            Assert.Equal(Registers(2, 1, 2), bench.NextRecord(tasks[1]));
            Assert.Equal(Registers(247, 2, 3), bench.NextRecord(tasks[2]));
        }
    }

    [Theory]
    [InlineData(SlaveFault.NoAnswer)]
    [InlineData(SlaveFault.WrongChecksum)]
    [InlineData(SlaveFault.HalfAnswer)]
    [InlineData(SlaveFault.OtherLength)]
    [InlineData(SlaveFault.OtherAddress)]
    [InlineData(SlaveFault.Busy)]
    public void A_request_is_sent_again_and_a_single_fault_costs_no_record(object fault)
    {
        EmulatedSlave slave = Slave(1);
        using ModbusBench bench = new(slave);
        ModbusSlaveTask task = bench.Add(1, 1, (0, 2));
        bench.NextRecord(task);
        slave.Break((SlaveFault)fault, times: 1);
        Assert.Equal(Registers(1, 0, 1), bench.NextRecord(task));
        Assert.Equal(Registers(1, 0, 1), bench.NextRecord(task));
        Assert.Equal(0, task.Source.Reopened);
        Assert.Equal(bench.Line.Requests, slave.Requests);
        Assert.Equal(4, slave.Requests);
    }

    [Theory]
    [InlineData(SlaveFault.NoAnswer, "slave 3 does not answer within 100 ms (2 input registers from 1): check its power")]
    [InlineData(SlaveFault.WrongChecksum, "slave 3 answers with a wrong checksum (2 input registers from 1): noise on the line")]
    [InlineData(SlaveFault.HalfAnswer, "slave 3 breaks off in its answer (2 input registers from 1): check baud rate, parity")]
    [InlineData(SlaveFault.OtherLength, "slave 3 answers with another number of registers than asked for")]
    [InlineData(SlaveFault.OtherAddress, "slave 3 does not answer (2 input registers from 1), another slave does")]
    [InlineData(SlaveFault.Busy, "slave 3 refuses 2 input registers from 1: server device busy (exception 6): it is asked again")]
    public void A_slave_that_fails_three_rounds_is_lost_with_words_and_found_again(object fault, string words)
    {
        EmulatedSlave slave = Slave(3);
        using ModbusBench bench = new(slave);
        ModbusSlaveTask task = bench.Add(3, 1, (1, 2));
        bench.NextRecord(task);
        while (bench.Take(task, out _) == SourceRead.Data)
        {
        }

        int before = slave.Requests;
        slave.Break((SlaveFault)fault);
        bench.RunUntil(() => bench.Take(task, out _) == SourceRead.Lost);
        Assert.StartsWith($"{bench.Slaves.Port}: {words}", task.Source.Problem, StringComparison.Ordinal);
        Assert.Equal(3 * 2, slave.Requests - before);   // rounds of a request and one repetition
        slave.Mend();
        bench.RunUntil(() => bench.Take(task, out _) == SourceRead.Back);
        Assert.Equal(Registers(3, 1, 2), bench.NextRecord(task));
        Assert.Null(task.Source.Problem);
    }

    [Theory]
    [InlineData(4, 6, 4, "illegal data address (exception 2): it has not all of these registers: correct start and count")]
    [InlineData(3, 0, 2, "illegal function (exception 1): set the block's function to 4")]
    public void A_refusal_that_will_last_is_told_at_once_as_a_mistake_of_the_profile(
        int function, int start, int count, string words)
    {
        using ModbusBench bench = new(Slave(1));
        ModbusSlaveTask task = new(bench.Line,
            new([new(start, count, function)], 1, ModbusBench.TimeoutMs, Retries: 5), null, rateHz: 100);
        using ByteSource source = task.Source;
        task.Run(ByteSource.MonotonicNs());
        Assert.Equal(1, bench.Line.Requests);
        Assert.Contains(words, source.Problem, StringComparison.Ordinal);
        Assert.True(task.DueNs > ByteSource.MonotonicNs() + 100_000_000);
    }

    [Fact]
    public void A_late_answer_is_not_taken_for_that_to_another_block()
    {
        // Late is from one to three timeouts: on a busy machine a second and a half keeps it so.
        const int Timeout = 1000;
        EmulatedSlave slave = new EmulatedSlave(1) { SlowMs = 3 * Timeout / 2 }
            .Set(4, 0, 0xAAAA, 0xAAAA).Set(4, 10, 0xBBBB, 0xBBBB);
        using ModbusBench bench = new(slave) { Timeout = Timeout };
        ModbusSlaveTask first = bench.Add(1, 2, (0, 2), (10, 2));
        ModbusSlaveTask second = bench.Add(1, 0, (10, 2));
        bench.NextRecord(first);
        slave.Break(SlaveFault.SlowAnswer, times: 3);
        for (int records = 0; records < 20; records++)
        {
            Assert.Equal("AAAAAAAABBBBBBBB", Convert.ToHexString(bench.NextRecord(first)));
            bench.RunUntil(() => true);
            if (bench.Take(second, out byte[] record) == SourceRead.Data)
            {
                Assert.Equal("BBBBBBBB", Convert.ToHexString(record));
            }
        }
    }

    [Fact]
    public void A_slave_that_is_always_late_is_told_to_have_more_time()
    {
        EmulatedSlave slave = new EmulatedSlave(1) { SlowMs = 5 * ModbusBench.TimeoutMs }.Set(4, 0, 1);
        using ModbusBench bench = new(slave);
        ModbusSlaveTask task = bench.Add(1, 0, (0, 1));
        slave.Break(SlaveFault.SlowAnswer);
        bench.RunUntil(() => task.Source.Problem?.Contains("raise transport.modbus.timeoutMs", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void An_adapter_that_hears_itself_and_a_stray_byte_do_no_harm()
    {
        using ModbusBench bench = new(Slave(1));
        bench.Slaves.Echoes = true;
        bench.Slaves.Glitch = [0x00];
        ModbusSlaveTask task = bench.Add(1, 0, (0, 4));
        for (int records = 0; records < 10; records++)
        {
            Assert.Equal(Registers(1, 0, 1, 2, 3), bench.NextRecord(task));
        }

        Assert.Equal(10, bench.Line.Requests);
    }

    [Fact]
    public void Nothing_is_sent_on_a_line_that_is_never_silent()
    {
        using ModbusBench bench = new(Slave(1));
        bench.Slaves.Babbles = true;
        ModbusSlaveTask task = bench.Add(1, 0, (0, 1));
        bench.RunUntil(() => task.Source.Problem is not null);
        Assert.Contains("bytes arrive that are no Modbus", task.Source.Problem, StringComparison.Ordinal);
        bench.Slaves.Babbles = false;
        Assert.Equal(Registers(1, 0), bench.NextRecord(task));
    }

    [Fact]
    public void Forty_dead_slaves_leave_a_living_one_most_of_the_line()
    {
        using ModbusBench bench = new(Slave(100));
        ModbusSlaveTask[] dead = [.. Enumerable.Range(1, 40).Select(address => bench.Add((byte)address, 2, (0, 2)))];
        ModbusSlaveTask living = bench.Add(100, 2, (0, 2));
        bench.RunUntil(() => dead.All(task => task.Source.Problem is not null));
        bench.NextRecord(living);
        long requests = bench.Line.Requests;
        long started = Stopwatch.GetTimestamp();
        int records = 0;
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < 2)
        {
            bench.Step();
            records += bench.Take(living, out _) == SourceRead.Data ? 1 : 0;
        }

        // A quarter of two seconds is five timeouts of 0.1 s.
        Assert.InRange(bench.Line.Requests - requests - records, 1, 7);
        Assert.True(records > 50, $"{records} records in 2 s");
    }

    [Fact]
    public void An_unplugged_port_is_told_by_all_its_slaves_and_found_again()
    {
        using ModbusBench bench = new(Slave(1), Slave(2));
        ModbusSlaveTask[] tasks = [bench.Add(1, 2, (0, 1)), bench.Add(2, 2, (0, 1))];
        bench.NextRecord(tasks[0]);
        bench.NextRecord(tasks[1]);
        bench.Slaves.Unplug();
        foreach (ModbusSlaveTask task in tasks)
        {
            bench.RunUntil(() => bench.Take(task, out _) == SourceRead.Lost);
            Assert.Contains(bench.Slaves.Port, task.Source.Problem, StringComparison.Ordinal);
        }

        bench.RunUntil(() => tasks[1].Source.Problem!.Contains("does not exist", StringComparison.Ordinal));
        bench.Slaves.Plug();
        foreach (ModbusSlaveTask task in tasks)
        {
            bench.RunUntil(() => bench.Take(task, out _) == SourceRead.Back);
        }

        Assert.Equal(Registers(1, 0), bench.NextRecord(tasks[0]));
        Assert.Equal(Registers(2, 0), bench.NextRecord(tasks[1]));
        Assert.Equal(2, bench.Line.Opened);
    }

    [Fact]
    public void A_wait_for_an_answer_or_for_the_port_ends_when_the_thread_is_to_stop()
    {
        using EmulatedLine slaves = new();
        foreach (bool plugged in new[] { true, false })
        {
            ModbusLine line = new(slaves.Port, new EdgeLstm.Worker.Linux.SerialSettings(9600));
            ModbusSlaveTask task = new(line, new([new(0, 1)], 1, TimeoutMs: 10_000), null, rateHz: 1);
            PollingThread thread = new(slaves.Port, line, line.Interrupt);
            thread.Add(task);
            if (!plugged)
            {
                slaves.Unplug();
            }

            int heard = slaves.Heard.Count;
            thread.Start();
            Assert.True(SpinWait.SpinUntil(() => plugged ? slaves.Heard.Count > heard : task.Source.Problem is not null, 10_000));
            long started = Stopwatch.GetTimestamp();
            thread.Dispose();
            Assert.True(Stopwatch.GetElapsedTime(started).TotalMilliseconds < 500);
            task.Source.Dispose();
        }
    }

    [Fact]
    public void Asking_allocates_nothing()
    {
        using ModbusBench bench = new(Slave(1));
        ModbusSlaveTask task = bench.Add(1, 2, (0, 4), (4, 4));
        byte[] buffer = new byte[64];
        Allocation.AssertNone(() =>
        {
            for (int records = 0; records < 20;)
            {
                long nowNs = ByteSource.MonotonicNs();
                if (task.DueNs <= nowNs)
                {
                    task.Run(nowNs);
                }

                records += task.Source.Read(buffer, 0, out _, out _) == SourceRead.Data ? 1 : 0;
            }
        });
    }

    [Fact]
    public void A_silent_slave_allocates_nothing_once_it_is_told()
    {
        EmulatedSlave slave = Slave(1);
        using ModbusBench bench = new(slave);
        ModbusSlaveTask task = bench.Add(1, 0, (0, 1));
        slave.Break(SlaveFault.NoAnswer);
        bench.RunUntil(() => task.Source.Problem is not null);
        long allocated = Allocation.LeastOf(2, () =>
        {
            while (task.DueNs > ByteSource.MonotonicNs())
            {
                Thread.Yield();
            }

            task.Run(ByteSource.MonotonicNs());
        });
        Assert.Equal(0, allocated);
    }
}
