// TLS of the native client: certificate files that can be read, and no question for a passphrase.

using System.Runtime.InteropServices;
using EdgeLstm.Worker.Mqtt.Native;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Turns TLS on before the first connection.</summary>
internal static unsafe class MosquittoTls
{
    /// <exception cref="MqttException">A certificate file cannot be read, or the library does not accept it.</exception>
    public static void Set(nint client, TlsOptions? tls)
    {
        if (tls is null)
        {
            return;
        }

        tls.RequireReadable();
        string? systemFolder = tls.CaFile is null ? "/etc/ssl/certs" : null;
        int result = LibMosquitto.SetTls(client, tls.CaFile, systemFolder, tls.CertificateFile, tls.KeyFile, &KeyPassword);
        if (result != LibMosquitto.Success)
        {
            string? text = Marshal.PtrToStringUTF8(LibMosquitto.ErrorText(result))?.TrimEnd('.');
            throw new MqttException($"mqtt.tls: libmosquitto does not accept it: {text}");
        }
    }

    // Without it OpenSSL asks for the passphrase on the terminal of a service that has none, and waits.
    [UnmanagedCallersOnly]
    private static int KeyPassword(byte* destination, int size, int writing, void* owner) => 0;
}
