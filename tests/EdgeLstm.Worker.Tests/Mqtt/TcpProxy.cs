// Stands between a client and a broker and can cut the line, as a pulled cable or a dead router does.

using System.Net;
using System.Net.Sockets;

namespace EdgeLstm.Worker.Tests.Mqtt;

/// <summary>Forwards bytes both ways on 127.0.0.1 until it is told to drop.</summary>
public sealed class TcpProxy : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _target;
    private readonly List<Socket> _sockets = [];

    public TcpProxy(int targetPort)
    {
        _target = targetPort;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        new Thread(Accept) { IsBackground = true, Name = "proxy" }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Closes all connections without a word and accepts no more.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        Drop();
    }

    /// <summary>Closes all connections without a word; new ones are accepted.</summary>
    public void Drop()
    {
        lock (_sockets)
        {
            _sockets.ForEach(socket => socket.Dispose());
            _sockets.Clear();
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket client = _listener.Accept();
                Socket broker = new(SocketType.Stream, ProtocolType.Tcp);
                broker.Connect("127.0.0.1", _target);
                lock (_sockets)
                {
                    _sockets.AddRange([client, broker]);
                }

                new Thread(() => Forward(client, broker)) { IsBackground = true }.Start();
                new Thread(() => Forward(broker, client)) { IsBackground = true }.Start();
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // The listener was closed.
        }
    }

    private static void Forward(Socket from, Socket to)
    {
        byte[] buffer = new byte[65536];
        try
        {
            int count;
            while ((count = from.Receive(buffer)) > 0)
            {
                to.Send(buffer.AsSpan(0, count));
            }

            to.Dispose();
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            to.Dispose();
        }
    }
}
