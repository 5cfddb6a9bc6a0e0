// Names of streams between text and the file's UTF-8, each converted once.

using System.Text;

namespace EdgeLstm.Worker.Outbox;

/// <summary>Remembers the names it has seen, so that a row costs no allocation. As many as there are streams; none is
/// forgotten.</summary>
internal sealed class StreamNames
{
    private readonly Dictionary<string, byte[]> _encoded = new(StringComparer.Ordinal);
    private readonly List<(byte[] Utf8, string Name)> _decoded = [];

    /// <summary>The UTF-8 of a name.</summary>
    public byte[] Encode(string name)
    {
        if (!_encoded.TryGetValue(name, out byte[]? utf8))
        {
            utf8 = Encoding.UTF8.GetBytes(name);
            _encoded.Add(name, utf8);
        }

        return utf8;
    }

    /// <summary>The name behind UTF-8 bytes.</summary>
    public string Decode(ReadOnlySpan<byte> utf8)
    {
        foreach ((byte[] known, string name) in _decoded)
        {
            if (utf8.SequenceEqual(known))
            {
                return name;
            }
        }

        string decoded = Encoding.UTF8.GetString(utf8);
        _decoded.Add((utf8.ToArray(), decoded));
        return decoded;
    }
}
