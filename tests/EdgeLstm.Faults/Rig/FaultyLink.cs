// Stands between the program and its broker on 127.0.0.1 and breaks what can break there, to the byte.

using System.Net;
using System.Net.Sockets;

namespace EdgeLstm.Faults.Rig;

/// <summary>Where a connection is cut: inside the n-th packet of a kind, after so many of its bytes.</summary>
/// <param name="Kind">CONNECT, or a PUBLISH that carries a record.</param>
/// <param name="Index">0 for the first of that kind since the link was made.</param>
/// <param name="Offset">Bytes of it that still reach the broker.</param>
internal sealed record CutPoint(PacketKind Kind, int Index, int Offset);

/// <summary>Forwards packets both ways; what it does besides may be changed at any time.</summary>
internal sealed class FaultyLink : IDisposable
{
    private readonly int _target;
    private readonly List<LinkConnection> _connections = [];
    private readonly ManualResetEventSlim _flowing = new(initialState: true);
    private readonly int[] _seen = new int[16];
    private Socket? _listener;
    private volatile bool _swallowsAcks;
    private volatile byte _refusal;
    private volatile int _delayMs;
    private CutPoint? _cut;

    /// <param name="targetPort">Where the broker listens.</param>
    public FaultyLink(int targetPort)
    {
        _target = targetPort;
        Port = FreePorts.Next();
        ComeBack();
    }

    /// <summary>Where the program connects to.</summary>
    public int Port { get; }

    /// <summary>What passed.</summary>
    public LinkLedger Ledger { get; } = new();

    /// <summary>Whether PUBACKs are kept from the program.</summary>
    public bool SwallowsAcks { get => _swallowsAcks; set => _swallowsAcks = value; }

    /// <summary>Return code that is put into every CONNACK; 0: as the broker answers. 5 is "not authorised".</summary>
    public byte Refusal { get => _refusal; set => _refusal = value; }

    /// <summary>Milliseconds that everything from the broker is late.</summary>
    public int DelayMs { get => _delayMs; set => _delayMs = value; }

    /// <summary>Connections that were cut inside a packet.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts one connection; the next one is whole.</summary>
    public void CutAt(CutPoint point) => Interlocked.Exchange(ref _cut, point);

    /// <summary>Nothing passes any more, connections stay open.</summary>
    public void Stall() => _flowing.Reset();

    /// <summary>Ends <see cref="Stall"/>.</summary>
    public void Resume() => _flowing.Set();

    /// <summary>Nobody listens any more and all connections are reset.</summary>
    public void GoAway()
    {
        _listener?.Dispose();
        _listener = null;
        Drop();
    }

    /// <summary>Ends <see cref="GoAway"/>.</summary>
    public void ComeBack()
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        listener.Listen();
        _listener = listener;
        new Thread(() => Accept(listener)) { IsBackground = true, Name = "link" }.Start();
    }

    /// <summary>Resets all connections; new ones are accepted.</summary>
    public void Drop()
    {
        LinkConnection[] connections;
        lock (_connections)
        {
            connections = [.. _connections];
            _connections.Clear();
        }

        foreach (LinkConnection connection in connections)
        {
            connection.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        GoAway();
        _flowing.Set();
    }

    /// <summary>Waits out a stall and a delay; called by connections before they forward.</summary>
    internal void WaitToForward(bool isFromBroker)
    {
        _flowing.Wait();
        if (isFromBroker && _delayMs > 0)
        {
            Pause.For(_delayMs);
        }
    }

    /// <summary>How many bytes of a packet to the broker pass before the connection is cut; null: all, and it is not.</summary>
    internal int? TakeCut(MqttPacket packet)
    {
        bool isOfInterest = packet.Kind == PacketKind.Connect
            || (packet.Kind == PacketKind.Publish && PublishedRecord.TryRead(packet.Topic, packet.Payload, out _));
        if (!isOfInterest)
        {
            return null;
        }

        int index = _seen[(int)packet.Kind]++;
        if (_cut is not { } cut || cut.Kind != packet.Kind || index < cut.Index || cut.Offset >= packet.Bytes.Length)
        {
            return null;
        }

        _cut = null;
        Cuts++;
        return cut.Offset;
    }

    private void Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                Connect(listener.Accept());
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // The link went away.
        }
    }

    // A broker that is not there is seen by the program as a connection that is reset at once.
    private void Connect(Socket client)
    {
        Socket broker = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            broker.Connect(IPAddress.Loopback, _target);
        }
        catch (SocketException)
        {
            broker.Dispose();
            LinkConnection.Reset(client);
            return;
        }

        LinkConnection connection = new(this, client, broker);
        lock (_connections)
        {
            _connections.Add(connection);
        }

        connection.Start();
    }
}
