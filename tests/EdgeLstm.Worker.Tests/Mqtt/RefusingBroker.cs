// A broker that lets everyone in and refuses every subscription, which mosquitto's access list cannot do.

using System.Net;
using System.Net.Sockets;

namespace EdgeLstm.Worker.Tests.Mqtt;

/// <summary>Speaks as much MQTT 3.1.1 as a client that publishes with QoS 1 needs.</summary>
internal sealed class RefusingBroker : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RefusingBroker()
    {
        _listener.Start();
        new Thread(Accept) { IsBackground = true, Name = "refusing broker" }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                using TcpClient client = _listener.AcceptTcpClient();
                Serve(client.GetStream());
            }
        }
        catch (Exception problem) when (problem is IOException or SocketException or ObjectDisposedException)
        {
            // The client or the listener is gone.
        }
    }

    private static void Serve(NetworkStream stream)
    {
        while (true)
        {
            int header = stream.ReadByte();
            if (header < 0)
            {
                return;
            }

            int length = 0;
            int part;
            for (int shift = 0; ((part = stream.ReadByte()) & 0x80) != 0; shift += 7)
            {
                length |= (part & 0x7F) << shift;
            }

            length = length == 0 ? part : length | (part << 7);
            byte[] body = new byte[length];
            stream.ReadExactly(body);
            stream.Write(Answer(header >> 4, body));
        }
    }

    private static byte[] Answer(int packet, byte[] body)
    {
        int afterTopic = packet == 3 ? 2 + (body[0] << 8) + body[1] : 0;
        return packet switch
        {
            1 => [0x20, 2, 0, 0],                                              // CONNACK
            3 => [0x40, 2, body[afterTopic], body[afterTopic + 1]],            // PUBACK
            8 => [0x90, 3, body[0], body[1], 0x80],                            // SUBACK: failure
            12 => [0xD0, 0],                                                   // PINGRESP
            _ => [],
        };
    }
}
