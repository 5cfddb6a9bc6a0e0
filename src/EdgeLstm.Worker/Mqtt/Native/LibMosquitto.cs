// The part of libmosquitto 2.0 (soname libmosquitto.so.1) that the link uses; see mosquitto(3) and mosquitto.h.

using System.Runtime.InteropServices;

namespace EdgeLstm.Worker.Mqtt.Native;

/// <summary>Entry points of the C library, one to one. Strings are null-terminated UTF-8; results are MOSQ_ERR codes.</summary>
internal static unsafe partial class LibMosquitto
{
    // The exact soname: libmosquitto.so without the number exists only where the development package is installed.
    private const string Library = "libmosquitto.so.1";

    public const int ConnectionPending = -1;
    public const int Success = 0;
    public const int OutOfMemory = 1;
    public const int Invalid = 3;
    public const int NoConnection = 4;
    public const int ConnectionRefused = 5;
    public const int ConnectionLost = 7;
    public const int TlsFailed = 8;
    public const int PayloadTooLarge = 9;
    public const int SystemError = 14;
    public const int NameLookupFailed = 15;
    public const int MalformedUtf8 = 18;
    public const int QosNotSupported = 24;
    public const int PacketTooLarge = 25;

    public const int LogLevelError = 8;
    public const int OptionProtocolVersion = 1;
    public const int OptionTcpNoDelay = 11;
    public const int OptionBindAddress = 12;
    public const int ProtocolVersion311 = 4;

    /// <summary>struct mosquitto_message.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public int PacketId;
        public byte* Topic;
        public byte* Payload;
        public int PayloadLength;
        public int Qos;
        public byte Retain;
    }

    [LibraryImport(Library, EntryPoint = "mosquitto_lib_init")]
    public static partial int Initialize();

    [LibraryImport(Library, EntryPoint = "mosquitto_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint New(string clientId, byte cleanSession, nint owner);

    [LibraryImport(Library, EntryPoint = "mosquitto_destroy")]
    public static partial void Destroy(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_int_option")]
    public static partial int SetOption(nint client, int option, int value);

    [LibraryImport(Library, EntryPoint = "mosquitto_string_option", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetOption(nint client, int option, string? value);

    [LibraryImport(Library, EntryPoint = "mosquitto_max_inflight_messages_set")]
    public static partial int SetMaxInFlight(nint client, uint messages);

    [LibraryImport(Library, EntryPoint = "mosquitto_username_pw_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetUser(nint client, string? username, string? password);

    [LibraryImport(Library, EntryPoint = "mosquitto_tls_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetTls(nint client, string? caFile, string? caFolder, string? certificateFile, string? keyFile,
        delegate* unmanaged<byte*, int, int, void*, int> keyPassword);

    [LibraryImport(Library, EntryPoint = "mosquitto_will_set")]
    public static partial int SetWill(nint client, byte* topic, int payloadLength, byte* payload, int qos, byte retain);

    [LibraryImport(Library, EntryPoint = "mosquitto_connect_callback_set")]
    public static partial void OnConnect(nint client, delegate* unmanaged<nint, nint, int, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_publish_callback_set")]
    public static partial void OnPublish(nint client, delegate* unmanaged<nint, nint, int, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_subscribe_callback_set")]
    public static partial void OnSubscribe(nint client, delegate* unmanaged<nint, nint, int, int, int*, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_message_callback_set")]
    public static partial void OnMessage(nint client, delegate* unmanaged<nint, nint, Message*, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_log_callback_set")]
    public static partial void OnLog(nint client, delegate* unmanaged<nint, nint, int, byte*, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_connect_async", SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Connect(nint client, string host, int port, int keepAliveSeconds);

    [LibraryImport(Library, EntryPoint = "mosquitto_disconnect")]
    public static partial int Disconnect(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_socket")]
    public static partial int Socket(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_want_write")]
    public static partial byte WantsWrite(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_loop_read", SetLastError = true)]
    public static partial int LoopRead(nint client, int maxPackets);

    [LibraryImport(Library, EntryPoint = "mosquitto_loop_write", SetLastError = true)]
    public static partial int LoopWrite(nint client, int maxPackets);

    [LibraryImport(Library, EntryPoint = "mosquitto_loop_misc")]
    public static partial int LoopMisc(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_publish")]
    public static partial int Publish(nint client, int* packetId, byte* topic, int payloadLength, byte* payload, int qos,
        byte retain);

    [LibraryImport(Library, EntryPoint = "mosquitto_subscribe")]
    public static partial int Subscribe(nint client, int* packetId, byte* filter, int qos);

    [LibraryImport(Library, EntryPoint = "mosquitto_unsubscribe")]
    public static partial int Unsubscribe(nint client, int* packetId, byte* filter);

    [LibraryImport(Library, EntryPoint = "mosquitto_strerror")]
    public static partial nint ErrorText(int code);

    [LibraryImport(Library, EntryPoint = "mosquitto_connack_string")]
    public static partial nint ConnackText(int code);
}
