// How the bits of a serial line are sent: rate, parity, stop bits, and who turns an RS-485 transceiver.

using System.Globalization;

namespace EdgeLstm.Worker.Linux;

/// <summary>The parity bit of each byte.</summary>
public enum Parity
{
    /// <summary>None is sent.</summary>
    None,

    /// <summary>The number of ones is even.</summary>
    Even,

    /// <summary>The number of ones is odd.</summary>
    Odd,
}

/// <summary>Settings of a serial line with 8 data bits.</summary>
/// <param name="Baud">Bits per second; any rate the adapter can make.</param>
/// <param name="Parity">The parity bit.</param>
/// <param name="StopBits">1 or 2.</param>
/// <param name="Rs485">Whether the kernel is asked to turn an RS-485 transceiver's direction with RTS.</param>
public sealed record SerialSettings(int Baud, Parity Parity = Parity.None, int StopBits = 1, bool Rs485 = false)
{
    /// <summary>Bits that one byte takes on the line: start, 8 data, parity, stop.</summary>
    public int BitsPerByte => 9 + (Parity == Parity.None ? 0 : 1) + StopBits;

    /// <summary>As people write it: 9600 baud; 9600 baud 8E1; 9600 baud 8N1 RS-485.</summary>
    public override string ToString()
    {
        bool plain = this is { Parity: Parity.None, StopBits: 1, Rs485: false };
        string format = string.Create(CultureInfo.InvariantCulture, $" 8{Parity.ToString()[0]}{StopBits}");
        return string.Create(CultureInfo.InvariantCulture, $"{Baud} baud{(plain ? "" : format)}{(Rs485 ? " RS-485" : "")}");
    }
}
