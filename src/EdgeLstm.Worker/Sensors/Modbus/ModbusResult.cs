// What one request to a Modbus slave came to.

namespace EdgeLstm.Worker.Sensors;

/// <summary>Result of <see cref="ModbusLine.Ask"/>, and of looking for an answer in what was received. What comes later
/// among the failures says more about what is wrong.</summary>
internal enum ModbusResult : byte
{
    /// <summary>The registers were read.</summary>
    Registers,

    /// <summary>The slave answered with an exception code.</summary>
    Refused,

    /// <summary>Nothing came within the time.</summary>
    NoAnswer,

    /// <summary>Bytes that are no Modbus frame, or a line that is never silent.</summary>
    Noise,

    /// <summary>The answer broke off.</summary>
    HalfAnswer,

    /// <summary>An answer of the right length whose checksum does not match.</summary>
    WrongChecksum,

    /// <summary>A sound answer of a slave that was not asked.</summary>
    OtherSlave,

    /// <summary>A sound answer with another number of registers than asked for.</summary>
    WrongLength,

    /// <summary>The port is not there.</summary>
    NoPort,

    /// <summary>The service stops.</summary>
    Interrupted,
}
