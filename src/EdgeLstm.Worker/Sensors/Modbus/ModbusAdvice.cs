// What a slave's silence or refusal means, in one line that says what to do.

namespace EdgeLstm.Worker.Sensors;

/// <summary>Puts failures of Modbus slaves into words.</summary>
/// <remarks>Source: MODBUS Application Protocol Specification V1.1b3, 7 (exception codes).</remarks>
internal static class ModbusAdvice
{
    /// <summary>True for a refusal that will be the same tomorrow: the profile does not fit the device.</summary>
    public static bool IsLasting(byte code) => code is 1 or 2 or 3;

    /// <summary>One line: port, slave, registers, what was found and what to do.</summary>
    /// <param name="line">The line.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="timeoutMs">How long the slave had, in milliseconds.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="code">The exception code of a refusal.</param>
    public static string Explain(ModbusLine line, in ModbusRequest request, int timeoutMs, ModbusResult result, byte code)
    {
        string kind = request.Function == 3 ? "holding" : "input";
        string registers = $"{request.Count} {kind} register{(request.Count == 1 ? "" : "s")} from {request.Start}";
        string found = result switch
        {
            ModbusResult.Refused => $"refuses {registers}: {Words(code)} (exception {code}): {WhatToDo(code, request)}",
            ModbusResult.NoAnswer when line.AnswersLate(request.Slave) =>
                $"answers later than {timeoutMs} ms ({registers}): raise transport.modbus.timeoutMs",
            ModbusResult.NoAnswer =>
                $"does not answer within {timeoutMs} ms ({registers}): check its power, address, baud rate and parity, and "
                + "whether A and B are swapped",
            ModbusResult.HalfAnswer => $"breaks off in its answer ({registers}): check baud rate, parity and wiring",
            ModbusResult.WrongChecksum =>
                $"answers with a wrong checksum ({registers}): noise on the line: check its termination, ground and baud rate",
            ModbusResult.WrongLength =>
                $"answers with another number of registers than asked for ({registers}): its firmware keeps to no such count; "
                + "ask for as many as its manual shows",
            ModbusResult.OtherSlave =>
                $"does not answer ({registers}), another slave does: is there a second master on the line?",
            _ => $"cannot be heard ({registers}): bytes arrive that are no Modbus: check baud rate, parity and termination, and "
                + "whether something else talks on the line",
        };
        string direction = result != ModbusResult.Refused && line.LacksRs485
            ? "; this port's driver cannot turn an RS-485 transceiver (TIOCSRS485): the adapter must do so by itself"
            : "";
        return $"{line.Port}: slave {request.Slave} {found}{direction}";
    }

    private static string Words(byte code) => code switch
    {
        1 => "illegal function",
        2 => "illegal data address",
        3 => "illegal data value",
        4 => "server device failure",
        5 => "acknowledge, still working",
        6 => "server device busy",
        8 => "memory parity error",
        10 => "gateway path unavailable",
        11 => "gateway target device failed to respond",
        _ => "unknown exception",
    };

    private static string WhatToDo(byte code, in ModbusRequest request) => code switch
    {
        1 => $"set the block's function to {(request.Function == 3 ? 4 : 3)}, or look in the device's manual",
        2 => "it has not all of these registers: correct start and count; start is 1 less where the manual counts from 1, "
            + "30001 or 40001",
        3 => "it gives fewer registers at once: split the block",
        4 or 8 => "look at the device itself",
        5 or 6 => "it is asked again; lower the stream's rateHz if this stays",
        10 or 11 => "the gateway does not reach the device behind it: check the address and that side's wiring",
        _ => "look in the device's manual",
    };
}
