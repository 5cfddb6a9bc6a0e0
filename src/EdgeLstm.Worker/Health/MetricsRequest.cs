// The head of an HTTP request and what is answered:  GET /metrics HTTP/1.1 … empty line → 200, anything else → an error.

namespace EdgeLstm.Worker.Health;

/// <summary>Statuses of the answers, and how a head is read. Source: RFC 9112, HTTP/1.1, sections 2 and 3.</summary>
internal static class MetricsRequest
{
    public const string Ok = "200 OK";
    public const string Malformed = "400 Bad Request";
    public const string NotFound = "404 Not Found";
    public const string TooLong = "431 Request Header Fields Too Large";

    /// <summary>Whether the empty line that ends a head has come.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> head) => head.IndexOf("\r\n\r\n"u8) >= 0 || head.IndexOf("\n\n"u8) >= 0;

    /// <summary>The status that answers a whole head.</summary>
    public static string StatusOf(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> line = head[..head.IndexOf((byte)'\n')].TrimEnd((byte)'\r');
        int afterMethod = line.IndexOf((byte)' ');
        int beforeVersion = line.LastIndexOf((byte)' ');
        if (afterMethod <= 0 || beforeVersion <= afterMethod || !line[(beforeVersion + 1)..].StartsWith("HTTP/1."u8))
        {
            return Malformed;
        }

        ReadOnlySpan<byte> target = line[(afterMethod + 1)..beforeVersion];
        int query = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = query < 0 ? target : target[..query];
        return line[..afterMethod].SequenceEqual("GET"u8) && path.SequenceEqual("/metrics"u8) ? Ok : NotFound;
    }
}
