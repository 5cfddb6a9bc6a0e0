// Reads the payload of a request: nothing, or one flat JSON object of known texts.
//
//     ping, health   {"id":"…"}
//     reload         {"id":"…","stream":"…","model":"…","sha256":"…"}

using System.Text.Json;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Strict: what is not known, given twice, too long or no text is an error, never an exception.</summary>
internal static class RequestReader
{
    /// <summary>Bytes of a payload at most.</summary>
    public const int PayloadLimitBytes = 4096;

    /// <summary>Characters of an id at most.</summary>
    public const int IdLimitCharacters = 64;

    /// <summary>Characters of any other text at most: those of a path.</summary>
    public const int TextLimitCharacters = 1024;

    private const int DepthLimit = 8;
    private const string Expected = "the payload is neither empty nor a JSON object like {\"id\":\"1\"}";

    /// <summary>Reads one payload.</summary>
    /// <param name="kind">What its topic asks for.</param>
    /// <param name="payload">As it arrived; anything.</param>
    public static Request Read(RequestKind kind, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > PayloadLimitBytes)
        {
            return new Request(kind, null, $"the payload has {payload.Length} bytes; at most {PayloadLimitBytes} are read");
        }

        Members members = new();
        string? error = null;
        try
        {
            error = payload.IsEmpty ? null : ReadMembers(kind, payload, ref members);
        }
        // InvalidOperationException: a text that is no UTF-8 or half a surrogate pair.
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            error = Expected;
        }

        error ??= kind == RequestKind.Reload ? members.FindProblem() : null;
        return new Request(kind, members.Id, error, error is null ? members.ToReload(kind) : null);
    }

    private static string? ReadMembers(RequestKind kind, ReadOnlySpan<byte> payload, ref Members members)
    {
        Utf8JsonReader reader = new(payload, new JsonReaderOptions { MaxDepth = DepthLimit });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return Expected;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            {
                return $"{Shorten(key)} must be a text";
            }

            if (members.TrySet(kind, key, reader.GetString()!) is { } problem)
            {
                return problem;
            }
        }

        return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? null : Expected;
    }

    private static string Shorten(string text) => text.Length <= IdLimitCharacters ? text : $"{text[..IdLimitCharacters]}…";

    private struct Members
    {
        public string? Id;
        private string? _stream;
        private string? _model;
        private string? _sha256;

        public string? TrySet(RequestKind kind, string key, string value)
        {
            bool isReload = kind == RequestKind.Reload;
            return key switch
            {
                "id" => Set(ref Id, key, value, IdLimitCharacters),
                "stream" when isReload => Set(ref _stream, key, value, TextLimitCharacters),
                "model" when isReload => Set(ref _model, key, value, TextLimitCharacters),
                "sha256" when isReload => Set(ref _sha256, key, value, TextLimitCharacters),
                _ => $"unknown key '{Shorten(key)}'; known are {(isReload ? "id, stream, model, sha256" : "id")}",
            };
        }

        public readonly string? FindProblem() => (_stream, _model, _sha256) switch
        {
            (null, null, null) or (not null, not null, _) => null,
            _ => "stream and model belong together, and sha256 to both; leave all three out to reload the configuration",
        };

        public readonly ReloadRequest? ToReload(RequestKind kind) =>
            kind == RequestKind.Reload ? new ReloadRequest(Id, _stream, _model, _sha256) : null;

        private static string? Set(ref string? member, string key, string value, int limit)
        {
            if (member is null && value.Length <= limit)
            {
                member = value;
                return null;
            }

            return member is null
                ? $"{key} has {value.Length} characters; at most {limit} are read"
                : $"{key} is given twice";
        }
    }
}
