// An open port of System.IO.Ports and the read that is under way on it.

using System.IO.Ports;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;
using Parity = EdgeLstm.Worker.Linux.Parity;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>One port; what its device does to it are exceptions of which <see cref="IsFailure"/> is true.</summary>
internal sealed class SystemPort : IDisposable
{
    private readonly string _path;
    private readonly Action _changed;
    private readonly SerialPort _port;
    private readonly byte[] _received = new byte[4096];
    private Task<int>? _reading;   // over several calls: a read that is given up loses its bytes
    private int _handedOut;

    /// <summary>Opens a port with both modem lines raised, as the kernel does: boards with a USB port of their own send to nobody
    /// before.</summary>
    /// <param name="path">The port: a path, or COM3.</param>
    /// <param name="settings">Rate and format; an RS-485 transceiver must turn its direction by itself.</param>
    /// <param name="changed">Called by any thread when bytes have come or the port has failed, perhaps after it was
    /// closed.</param>
    public SystemPort(string path, SerialSettings settings, Action changed)
    {
        _path = path;
        _changed = changed;
        System.IO.Ports.Parity parity = settings.Parity switch
        {
            Parity.Even => System.IO.Ports.Parity.Even,
            Parity.Odd => System.IO.Ports.Parity.Odd,
            _ => System.IO.Ports.Parity.None,
        };
        StopBits stopBits = settings.StopBits == 2 ? StopBits.Two : StopBits.One;
        _port = new SerialPort(path, settings.Baud, parity, 8, stopBits) { DtrEnable = true, RtsEnable = true };
        _port.Open();
    }

    /// <summary>Whether an exception says that a port cannot be used: absent, held, set to what it cannot, or gone.</summary>
    public static bool IsFailure(Exception failure) => failure is IOException or UnauthorizedAccessException
        or InvalidOperationException or ArgumentException or OperationCanceledException;

    /// <summary>One line for a port that could not be opened: what was found and what to do.</summary>
    public static string Explain(string path, Exception failure) =>
        (OperatingSystem.IsLinux() ? SerialPortAdvice.FindProblem(path) : null) ?? $"{path}: {failure.Message}";

    /// <summary>Takes what has come, if anything; does not wait.</summary>
    /// <returns>Bytes; 0 while none have come.</returns>
    public int Read(Span<byte> buffer)
    {
        if (_reading is null)
        {
            _handedOut = 0;
            _reading = _port.BaseStream.ReadAsync(_received, 0, _received.Length);
            _reading.GetAwaiter().UnsafeOnCompleted(_changed);
        }

        // Not every driver tells a reader that the device is gone; its name goes in any case.
        if (!_reading.IsCompleted)
        {
            return Path.IsPathRooted(_path) && !File.Exists(_path) ? throw new FileNotFoundException() : 0;
        }

        int read = _reading.GetAwaiter().GetResult();
        int count = Math.Min(read - _handedOut, buffer.Length);
        _received.AsSpan(_handedOut, count).CopyTo(buffer);
        _handedOut += count;
        _reading = _handedOut < read ? _reading : null;
        return read > 0 ? count : throw new EndOfStreamException();
    }

    /// <summary>Closes the port, also one whose device is gone.</summary>
    public void Dispose()
    {
        try
        {
            _port.Dispose();
        }
        catch (Exception failure) when (IsFailure(failure))
        {
            // A port that was unplugged may refuse to be closed; there is nothing more to do to it.
        }
    }
}
