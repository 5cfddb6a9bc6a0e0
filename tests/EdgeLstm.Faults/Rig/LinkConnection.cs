// One connection through a link: a thread for each direction, packet by packet.

using System.Net.Sockets;

namespace EdgeLstm.Faults.Rig;

/// <summary>Ends when either side does.</summary>
internal sealed class LinkConnection(FaultyLink link, Socket client, Socket broker) : IDisposable
{
    private const int ForwardedBytes = 64 * 1024;
    private const int ReturnCode = 3;

    private LinkPassage? _passage;

    public void Start()
    {
        new Thread(() => Run(FromProgram)) { IsBackground = true, Name = "link to the broker" }.Start();
        new Thread(() => Run(FromBroker)) { IsBackground = true, Name = "link from the broker" }.Start();
    }

    /// <summary>Closes a socket with a reset, as a router does that has forgotten the connection.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }

        socket.Dispose();
    }

    /// <summary>Resets the program's side; the broker sees an orderly end, so that it has read all that was sent.</summary>
    public void Dispose()
    {
        Reset(client);
        broker.Dispose();
        if (Interlocked.Exchange(ref _passage, null) is { } passage)
        {
            link.Ledger.End(passage);
        }
    }

    private void Run(Action forward)
    {
        try
        {
            forward();
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // One of the two sides is gone.
        }

        Dispose();
    }

    private void FromProgram()
    {
        PacketSplitter packets = new();
        List<byte> forwarded = new(ForwardedBytes);
        while (Receive(client, packets))
        {
            link.WaitToForward(isFromBroker: false);
            while (packets.TryTake(out MqttPacket packet))
            {
                if (link.TakeCut(packet) is int bytes)
                {
                    forwarded.AddRange(packet.Bytes[..bytes]);
                    Send(broker, forwarded);
                    return;
                }

                // Noted before it is sent: its PUBACK may be back at once.
                Note(packet);
                forwarded.AddRange(packet.Bytes);
            }

            Send(broker, forwarded);
        }
    }

    private void FromBroker()
    {
        PacketSplitter packets = new();
        List<byte> forwarded = new(ForwardedBytes);
        bool isRefused = false;
        while (!isRefused && Receive(broker, packets))
        {
            link.WaitToForward(isFromBroker: true);
            while (packets.TryTake(out MqttPacket packet))
            {
                if (packet.Kind == PacketKind.Connack && link.Refusal != 0)
                {
                    packet.Bytes[ReturnCode] = link.Refusal;
                    isRefused = true;
                }

                bool isSwallowed = packet.Kind == PacketKind.Puback && link.SwallowsAcks;
                if (packet.Kind == PacketKind.Puback)
                {
                    link.Ledger.Acknowledge(packet.Id, isSwallowed);
                }

                if (!isSwallowed)
                {
                    forwarded.AddRange(packet.Bytes);
                }
            }

            Send(client, forwarded);
        }

        if (isRefused)
        {
            client.Shutdown(SocketShutdown.Send);   // the program must have read the refusal before the end
        }
    }

    private void Note(MqttPacket packet)
    {
        if (packet.Kind == PacketKind.Connect)
        {
            _passage = link.Ledger.Begin(packet.Bytes.Length);
        }
        else if (packet.Kind == PacketKind.Publish)
        {
            link.Ledger.Publish(packet);
        }
    }

    private static bool Receive(Socket socket, PacketSplitter packets)
    {
        int count = socket.Receive(packets.Free);
        packets.Received(count);
        return count > 0;
    }

    private static void Send(Socket socket, List<byte> bytes)
    {
        if (bytes.Count > 0)
        {
            socket.Send(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
            bytes.Clear();
        }
    }
}
