// TCP ports of 127.0.0.1 that nobody uses, below those that the system gives to outgoing connections.

using System.Net;
using System.Net.Sockets;

namespace EdgeLstm.Faults.Rig;

/// <summary>A broker that is stopped must find its port free again, so none of these is ever given out twice.</summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int Count = 12_000;

    private static int _next = Random.Shared.Next(Count);

    public static int Next()
    {
        while (true)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }
}
