// The other end of tests/shim/i2c-shim.c: the kernel's i2c-dev driver played on an emulated bus, one packet for each ioctl.
//
//   request   u32 request, u32 argument, then what I2C_RDWR or I2C_SMBUS carries
//   reply     i32 result or -errno, then what was read                              the whole format: i2c-shim.c

using System.Buffers.Binary;
using System.Net.Sockets;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Emulation.I2c;

namespace EdgeLstm.EndToEnd.Tests.Rig;

/// <summary>Serves one bus as /dev/i2c-N to programs under the shim; a thread for each that has it open.</summary>
internal sealed class I2cSocketServer : IDisposable
{
    /// <summary>An adapter that makes plain transfers, as the Raspberry Pi's: SMBus is emulated by the kernel.</summary>
    public const uint PlainAdapter = I2cDev.I2C_FUNC_I2C | SmbusAdapter;

    /// <summary>An adapter that knows SMBus only, as many a PC's: quick, byte, byte data, word data, I²C blocks.</summary>
    public const uint SmbusAdapter =
        I2cDev.I2C_FUNC_SMBUS_QUICK | I2cDev.I2C_FUNC_SMBUS_READ_BYTE | I2cDev.I2C_FUNC_SMBUS_WRITE_BYTE
        | I2cDev.I2C_FUNC_SMBUS_READ_BYTE_DATA | I2cDev.I2C_FUNC_SMBUS_WRITE_BYTE_DATA
        | I2cDev.I2C_FUNC_SMBUS_READ_WORD_DATA | I2cDev.I2C_FUNC_SMBUS_WRITE_WORD_DATA
        | I2cDev.I2C_FUNC_SMBUS_READ_I2C_BLOCK | I2cDev.I2C_FUNC_SMBUS_WRITE_I2C_BLOCK;

    private const string Bus = "/dev/i2c-";

    private readonly EmulatedI2cBus _bus;
    private readonly HashSet<int> _kernelOwned = [];
    private readonly int[] _transfers = new int[I2cConnection.AddressCount];
    private readonly Lock _line = new();
    private readonly List<(Socket Socket, Thread Thread)> _connections = [];
    private readonly ManualResetEventSlim _stopping = new();
    private readonly string _path;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly Thread _acceptor;

    /// <param name="folder">Where the socket is made.</param>
    /// <param name="number">Number of the bus.</param>
    /// <param name="bus">The bus; it outlives the server.</param>
    /// <param name="functions">What the adapter can, as I2C_FUNCS says it.</param>
    public I2cSocketServer(string folder, int number, EmulatedI2cBus bus, uint functions = PlainAdapter)
    {
        _bus = bus;
        Functions = functions;
        Port = $"{Bus}{number}";
        _path = Path.Combine(folder, $"i2c-{number}");
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
        _acceptor = new Thread(Accept) { IsBackground = true, Name = Port };
        _acceptor.Start();
    }

    /// <summary>What the adapter can.</summary>
    public uint Functions { get; }

    /// <summary>The device that programs open.</summary>
    public string Port { get; }

    /// <summary>Times it was opened.</summary>
    public int Opened { get; private set; }

    /// <summary>A held bus: true where not even the adapter's timeout ends a transfer: the caller never comes back.</summary>
    public bool HoldsBeyondTheTimeout { get; set; }

    /// <summary>Where the shim is to look for the sockets of all buses in a folder.</summary>
    public static string SocketsIn(string folder) => Path.Combine(folder, "i2c-%d");

    /// <summary>Transfers asked for with an address.</summary>
    public int TransfersTo(int address) => Volatile.Read(ref _transfers[address]);

    /// <summary>Says that a kernel driver is bound to an address: I2C_SLAVE gives EBUSY, and I2C_RDWR, as in the kernel, does not
    /// ask.</summary>
    public void OwnByKernel(int address) => _kernelOwned.Add(address);

    /// <summary>Takes the bus away, as an adapter that is pulled out.</summary>
    public void Dispose()
    {
        if (_stopping.IsSet)
        {
            return;
        }

        _stopping.Set();
        Unblock(_listener);
        _acceptor.Join();
        foreach ((Socket socket, Thread thread) in _connections)
        {
            Unblock(socket);
            thread.Join();
            socket.Dispose();
        }

        _listener.Dispose();
        _stopping.Dispose();
        File.Delete(_path);
    }

    // What waits on the socket returns.
    private static void Unblock(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was faster.
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.Accept();
                Thread thread = new(() => Serve(socket)) { IsBackground = true, Name = Port };
                thread.Start();
                _connections.Add((socket, thread));
                Opened++;
            }
        }
        catch (SocketException) when (_stopping.IsSet)
        {
            // The bus is taken away.
        }
    }

    private void Serve(Socket socket)
    {
        I2cConnection connection = new(_bus, Functions, _kernelOwned, _transfers, _line);
        byte[] packet = new byte[I2cConnection.MaxPacketBytes];
        byte[] reply = new byte[I2cConnection.MaxPacketBytes];
        try
        {
            for (int count; (count = socket.Receive(packet)) > 0;)
            {
                int length = connection.Answer(packet.AsSpan(0, count), reply);
                // A bus that is held does not answer until the adapter gives up, and meanwhile the caller hangs in the kernel.
                if (BinaryPrimitives.ReadInt32LittleEndian(reply) == -I2cConnection.ETIMEDOUT
                    && _stopping.Wait(HoldsBeyondTheTimeout ? Timeout.Infinite : connection.TimeoutMs))
                {
                    return;
                }

                socket.Send(reply.AsSpan(0, length));
            }
        }
        catch (SocketException)
        {
            // The program ended while it waited.
        }
    }
}
